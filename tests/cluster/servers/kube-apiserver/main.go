// Command kube-apiserver is Kubernetes' own API server, built from its published module.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"serinus.dev/cluster/servers/leash"
)

func main() {
	leash.Hold()
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
