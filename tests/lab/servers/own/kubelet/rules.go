package main

import (
	"encoding/json"
	"log"
	"os"
	"sync"
	"time"
)

// A rule says how the pods that it matches behave; the first one that matches counts.
type rule struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	// Serve: its ports answer HTTP: those below, and those that its containers declare.
	Serve bool `json:"serve"`
	// Ports: where its containers listen; none has to be declared for that.
	Ports []int32 `json:"ports"`
	// Delay: seconds before an answer.
	Delay float64 `json:"delay"`
	// Status: of every answer; 0 is 200.
	Status int `json:"status"`
	// ReadyAfter: seconds from the start until it is Ready.
	ReadyAfter float64 `json:"readyAfter"`
	// Unready: it is not Ready, whatever its age.
	Unready bool `json:"unready"`
	// Drain: seconds that its ports stay open after the signal to end.
	Drain float64 `json:"drain"`
}

type rules struct {
	file string

	lock    sync.Mutex
	changed time.Time
	list    []rule
}

// of gives the rule of a pod, as the file says now.
func (r *rules) of(namespace string, labels map[string]string) rule {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.read()
	for _, each := range r.list {
		if each.matches(namespace, labels) {
			return each
		}
	}
	return rule{}
}

func (r *rules) read() {
	info, err := os.Stat(r.file)
	if err != nil || info.ModTime().Equal(r.changed) {
		return
	}
	text, err := os.ReadFile(r.file)
	if err != nil {
		return
	}
	var list []rule
	if err := json.Unmarshal(text, &list); err != nil {
		log.Fatalf("%s: %v", r.file, err)
	}
	r.list, r.changed = list, info.ModTime()
}

func (r *rule) matches(namespace string, labels map[string]string) bool {
	if r.Namespace != "" && r.Namespace != namespace {
		return false
	}
	for key, value := range r.Labels {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func seconds(count float64) time.Duration {
	return time.Duration(count * float64(time.Second))
}
