// Command etcd is etcd's own server, built from its published module.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"serinus.dev/cluster/servers/leash"
)

func main() {
	leash.Hold()
	etcdmain.Main(os.Args)
}
