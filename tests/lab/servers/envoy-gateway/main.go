// Envoy Gateway's control plane, held on a leash.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/envoyproxy/gateway/cmd/envoy-gateway/root"
	ctrl "sigs.k8s.io/controller-runtime"
)

func main() {
	// The end of our standard input, a pipe that the starter never writes to, ends us however the starter ended.
	context := ctrl.SetupSignalHandler()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	if err := root.GetRootCommand(nil).ExecuteContext(context); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
