// Oracle decides what a cluster with KServe 0.16.0 says of the creation of an InferenceService, by the code that decides
// it there: the API server's own packages, and between its stages KServe's own mutating and validating webhooks, run by
// the library that runs them in KServe. See tests/oracle/README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"

	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
	"k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"serinus.dev/oracle/server"
)

var scheme = func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(v1beta1.AddToScheme(scheme))
	return scheme
}()

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

var (
	mutating   = admission.WithCustomDefaulter(scheme, &v1beta1.InferenceService{}, defaulter{})
	validating = admission.WithCustomValidator(scheme, &v1beta1.InferenceService{}, &v1beta1.InferenceServiceValidator{})
)

// kserve is KServe's pair of webhooks on InferenceServices.
var kserve = &server.Webhooks{
	Mutate: func(raw []byte) ([]byte, error) {
		response := ask(mutating, raw)
		if !response.Allowed {
			return nil, errors.New(response.Result.Message)
		}
		if len(response.Patches) == 0 {
			return raw, nil
		}
		encoded, err := json.Marshal(response.Patches)
		if err != nil {
			return nil, err
		}
		patch, err := jsonpatch.DecodePatch(encoded)
		if err != nil {
			return nil, err
		}
		return patch.Apply(raw)
	},
	Validate: func(raw []byte) error {
		if response := ask(validating, raw); !response.Allowed {
			return errors.New(response.Result.Message)
		}
		return nil
	},
}

// ask sends a creation to a webhook; a webhook that panics refuses, as controller-runtime has it.
func ask(hook *admission.Webhook, raw []byte) (response admission.Response) {
	defer func() {
		if reason := recover(); reason != nil {
			response = admission.Errored(500, fmt.Errorf("panic: %v", reason))
		}
	}()
	request := admission.Request{AdmissionRequest: v1.AdmissionRequest{
		Operation: v1.Create,
		Object:    runtime.RawExtension{Raw: raw},
	}}
	return hook.Handler.Handle(context.Background(), request)
}

func main() { server.Main(kserve) }
