package main

import (
	"maps"
	"sync"
)

// numbers counts requests by the number that their sender gave them: a copy of one has the same.
type numbers struct {
	lock  sync.Mutex
	count map[string]int
}

func (n *numbers) add(number string) {
	if number == "" {
		return
	}
	n.lock.Lock()
	defer n.lock.Unlock()
	if n.count == nil {
		n.count = map[string]int{}
	}
	n.count[number]++
}

func (n *numbers) told() map[string]int {
	n.lock.Lock()
	defer n.lock.Unlock()
	return maps.Clone(n.count)
}

func (n *numbers) forget() {
	n.lock.Lock()
	defer n.lock.Unlock()
	n.count = nil
}
