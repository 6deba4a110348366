// Oracle decides what a cluster with the Kubeflow Training Operator 1.9.0 says of the creation or the update of one of its
// jobs: the API server's own packages, and between its stages the operator's own validating webhooks. See
// tests/oracle/README.md.
package main

import (
	"github.com/kubeflow/training-operator/pkg/apis/kubeflow.org/v1"
	"github.com/kubeflow/training-operator/pkg/webhooks/jax"
	"github.com/kubeflow/training-operator/pkg/webhooks/paddlepaddle"
	"github.com/kubeflow/training-operator/pkg/webhooks/pytorch"
	"github.com/kubeflow/training-operator/pkg/webhooks/tensorflow"
	"github.com/kubeflow/training-operator/pkg/webhooks/xgboost"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"serinus.dev/oracle/server"
	"serinus.dev/oracle/webhooks"
)

const group = "kubeflow.org/v1/"

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(v1.AddToScheme(scheme))
	validates := func(object runtime.Object, by admission.CustomValidator) *admission.Webhook {
		return admission.WithCustomValidator(scheme, object, by)
	}
	server.Main(webhooks.Of(nil, map[string]*admission.Webhook{
		group + "TFJob":      validates(&v1.TFJob{}, &tensorflow.Webhook{}),
		group + "PyTorchJob": validates(&v1.PyTorchJob{}, &pytorch.Webhook{}),
		group + "XGBoostJob": validates(&v1.XGBoostJob{}, &xgboost.Webhook{}),
		group + "PaddleJob":  validates(&v1.PaddleJob{}, &paddlepaddle.Webhook{}),
		group + "JAXJob":     validates(&v1.JAXJob{}, &jax.Webhook{}),
	}))
}
