// Oracle decides what a cluster with KServe 0.16.0 says of the creation or the update of an object of one of its kinds, by the code that
// decides it there: the API server's own packages, and between its stages KServe's own mutating and validating webhooks,
// run by the library that runs them in KServe. See tests/oracle/README.md.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kserve/kserve/pkg/apis/serving/v1alpha1"
	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
	"github.com/kserve/kserve/pkg/controller/v1alpha1/llmisvc/validation"
	"github.com/kserve/kserve/pkg/webhook/admission/localmodelcache"
	"github.com/kserve/kserve/pkg/webhook/admission/servingruntime"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"serinus.dev/oracle/server"
	"serinus.dev/oracle/webhooks"
)

const group = "serving.kserve.io/"

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

// configured is a cluster that has KServe's ConfigMap, as far as a template can see it.
func configured() kubernetes.Interface {
	return fake.NewClientset(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "inferenceservice-config", Namespace: "kserve"},
		Data: map[string]string{
			"ingress": `{"ingressGateway": "knative-serving/knative-ingress-gateway",
				"kserveIngressGateway": "kserve/kserve-ingress-gateway", "ingressDomain": "example.com"}`,
			"storageInitializer": `{"image": "kserve/storage-initializer:v0.16.0", "memoryRequest": "100Mi",
				"memoryLimit": "1Gi", "cpuRequest": "100m", "cpuLimit": "1", "cpuModelcar": "10m", "memoryModelcar": "15Mi"}`,
			"credentials": `{}`,
		},
	})
}

// cluster is what the webhooks see beside the object: caches of models, and runtimes.
type cluster struct {
	client.Client
	objects []string
}

// List fills the list with the objects of its kind.
func (c *cluster) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	for _, object := range c.objects {
		var named struct{ Kind string }
		utilruntime.Must(json.Unmarshal([]byte(object), &named))
		switch found := list.(type) {
		case *v1alpha1.LocalModelCacheList:
			found.Items = append(found.Items, decoded[v1alpha1.LocalModelCache](object, named.Kind == "LocalModelCache")...)
		case *v1alpha1.ServingRuntimeList:
			found.Items = append(found.Items, decoded[v1alpha1.ServingRuntime](object, named.Kind == "ServingRuntime")...)
		case *v1alpha1.ClusterServingRuntimeList:
			found.Items = append(
				found.Items, decoded[v1alpha1.ClusterServingRuntime](object, named.Kind == "ClusterServingRuntime")...)
		}
	}
	return nil
}

// decoded is the object, or nothing if it isn't of the wanted kind.
func decoded[T any](object string, wanted bool) (found []T) {
	if wanted {
		found = make([]T, 1)
		utilruntime.Must(json.Unmarshal([]byte(object), &found[0]))
	}
	return found
}

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	utilruntime.Must(v1beta1.AddToScheme(scheme))
	decoder, around := admission.NewDecoder(scheme), &cluster{}
	mutates := func(object runtime.Object, with admission.CustomDefaulter) *admission.Webhook {
		return admission.WithCustomDefaulter(scheme, object, with)
	}
	validates := func(object runtime.Object, by admission.CustomValidator) *admission.Webhook {
		return admission.WithCustomValidator(scheme, object, by)
	}
	hooks := webhooks.Of(
		map[string]*admission.Webhook{
			group + "v1beta1/InferenceService": mutates(&v1beta1.InferenceService{}, defaulter{}),
		},
		map[string]*admission.Webhook{
			group + "v1beta1/InferenceService": validates(
				&v1beta1.InferenceService{}, &v1beta1.InferenceServiceValidator{}),
			group + "v1alpha1/InferenceGraph": validates(
				&v1alpha1.InferenceGraph{}, &v1alpha1.InferenceGraphValidator{}),
			group + "v1alpha1/TrainedModel": validates(
				&v1alpha1.TrainedModel{}, &v1alpha1.TrainedModelValidator{}),
			group + "v1alpha1/ServingRuntime": {
				Handler: &servingruntime.ServingRuntimeValidator{Client: around, Decoder: decoder}},
			group + "v1alpha1/ClusterServingRuntime": {
				Handler: &servingruntime.ClusterServingRuntimeValidator{Client: around, Decoder: decoder}},
			group + "v1alpha1/LLMInferenceService": validates(
				&v1alpha1.LLMInferenceService{}, &validation.LLMInferenceServiceValidator{}),
			group + "v1alpha1/LLMInferenceServiceConfig": validates(
				&v1alpha1.LLMInferenceServiceConfig{},
				&validation.LLMInferenceServiceConfigValidator{ClientSet: configured()}),
			group + "v1alpha1/LocalModelCache": validates(
				&v1alpha1.LocalModelCache{}, &localmodelcache.LocalModelCacheValidator{Client: around}),
		},
	)
	hooks.Cluster = func(objects []string) { around.objects = objects }
	server.Main(hooks)
}
