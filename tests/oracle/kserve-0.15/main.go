// Oracle decides what a cluster with KServe 0.15.2 says of the creation or the update of an InferenceService, by the code that
// decides it there: the API server's own packages, and between its stages KServe's own mutating and validating webhooks,
// run by the library that runs them in KServe. See tests/oracle/README.md.
package main

import (
	"context"
	"fmt"

	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"serinus.dev/oracle/server"
	"serinus.dev/oracle/webhooks"
)

const service = "serving.kserve.io/v1beta1/InferenceService"

// defaulter is KServe's own with the configuration given here: its Default reads that from a cluster. The default mode is
// Knative, so that no mode annotation is added.
type defaulter struct{}

func (defaulter) Default(_ context.Context, object runtime.Object) error {
	service, ok := object.(*v1beta1.InferenceService)
	if !ok {
		return fmt.Errorf("not an InferenceService: %T", object)
	}
	service.DefaultInferenceService(
		&v1beta1.InferenceServicesConfig{
			Resource:   v1beta1.ResourceConfig{CPURequest: "1", CPULimit: "1", MemoryRequest: "2Gi", MemoryLimit: "2Gi"},
			Explainers: v1beta1.ExplainersConfig{ARTExplainer: v1beta1.ExplainerConfig{DefaultImageVersion: "latest"}},
		},
		&v1beta1.DeployConfig{DefaultDeploymentMode: "Knative"},
		&v1beta1.SecurityConfig{AutoMountServiceAccountToken: true},
		nil,
	)
	return nil
}

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(v1beta1.AddToScheme(scheme))
	server.Main(webhooks.Of(
		map[string]*admission.Webhook{
			service: admission.WithCustomDefaulter(scheme, &v1beta1.InferenceService{}, defaulter{})},
		map[string]*admission.Webhook{
			service: admission.WithCustomValidator(scheme, &v1beta1.InferenceService{}, &v1beta1.InferenceServiceValidator{})},
	))
}
