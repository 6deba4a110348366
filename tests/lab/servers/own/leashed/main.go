// Command leashed runs a program that we can't change, and ends it when the one that started us is gone.
//
// Our standard input is a pipe that the starter never writes to; it ends with the starter, however that ended. A signal
// to us is passed on; the kernel itself ends the program when we are killed.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	// The kernel's promise holds for the thread that started the program.
	runtime.LockOSThread()
	program := exec.Command(os.Args[1], os.Args[2:]...)
	program.Stdout, program.Stderr = os.Stdout, os.Stderr
	program.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := program.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = program.Process.Kill()
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		for each := range signals {
			_ = program.Process.Signal(each)
		}
	}()
	if err := program.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
