// Package leash ends a program when the one that started it is gone, however that ended.
package leash

import (
	"io"
	"os"
)

// Hold ends this program at the end of its standard input, which is a pipe that the starter never writes to.
func Hold() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
}
