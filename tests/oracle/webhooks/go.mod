module serinus.dev/oracle/webhooks

go 1.23.0

require (
	gopkg.in/evanphx/json-patch.v4 v4.12.0
	k8s.io/api v0.32.1
	k8s.io/apimachinery v0.32.1
	serinus.dev/oracle/server v0.0.0
	sigs.k8s.io/controller-runtime v0.19.1
)

replace serinus.dev/oracle/server => ../server
