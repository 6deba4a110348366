// Oracle decides what a cluster with KServe 0.20.0 says of the creation of an InferenceService, InferenceGraph,
// TrainedModel or runtime, by the code that decides it there: the API server's own packages, and between its stages
// KServe's own mutating and validating webhooks, run by the library that runs them in KServe. See tests/oracle/README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"

	"github.com/kserve/kserve/pkg/apis/serving/v1alpha1"
	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
	"github.com/kserve/kserve/pkg/webhook/admission/servingruntime"
	"k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"serinus.dev/oracle/server"
)

var scheme = func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
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
		nil, nil,
	)
	return nil
}

// empty is a cluster without any runtime, which is all that the webhooks on runtimes ask for.
type empty struct{ client.Client }

func (empty) List(context.Context, client.ObjectList, ...client.ListOption) error { return nil }

var (
	decoder    = admission.NewDecoder(scheme)
	mutating   = admission.WithCustomDefaulter(scheme, &v1beta1.InferenceService{}, defaulter{})
	validating = map[string]*admission.Webhook{
		"InferenceService": admission.WithCustomValidator(scheme, &v1beta1.InferenceService{}, &v1beta1.InferenceServiceValidator{}),
		"InferenceGraph":   admission.WithCustomValidator(scheme, &v1alpha1.InferenceGraph{}, &v1alpha1.InferenceGraphValidator{}),
		"TrainedModel":     admission.WithCustomValidator(scheme, &v1alpha1.TrainedModel{}, &v1alpha1.TrainedModelValidator{}),
		"ServingRuntime": {Handler: &servingruntime.ServingRuntimeValidator{
			Client: empty{}, Decoder: decoder}},
		"ClusterServingRuntime": {Handler: &servingruntime.ClusterServingRuntimeValidator{
			Client: empty{}, Decoder: decoder}},
	}
)

// kserve is KServe's webhooks; only InferenceServices have a mutating one.
var kserve = &server.Webhooks{
	Mutate: func(raw []byte) ([]byte, error) {
		if kind(raw) != "InferenceService" {
			return raw, nil
		}
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
		if response := ask(validating[kind(raw)], raw); !response.Allowed {
			return errors.New(response.Result.Message)
		}
		return nil
	},
}

// kind is that of an object; the program's CRD sees to it that it is one of those above.
func kind(raw []byte) string {
	var found struct {
		Kind string `json:"kind"`
	}
	utilruntime.Must(json.Unmarshal(raw, &found))
	return found.Kind
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
