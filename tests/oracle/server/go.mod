module serinus.dev/oracle/server

go 1.23.0

require (
	k8s.io/apiextensions-apiserver v0.32.1
	k8s.io/apimachinery v0.32.1
	k8s.io/apiserver v0.32.1
	sigs.k8s.io/json v0.0.0-20241010143419-9aa6b5e7a4b3
)
