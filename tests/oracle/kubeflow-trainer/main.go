// Oracle decides what a cluster with Kubeflow Trainer 2.3.0 says of the creation or the update of a TrainJob or a runtime:
// the API server's own packages, and between its stages Trainer's own validating webhooks, with all of its plugins. See
// tests/oracle/README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kubeflow/trainer/v2/pkg/apis/trainer/v1alpha1"
	core "github.com/kubeflow/trainer/v2/pkg/runtime"
	runtimes "github.com/kubeflow/trainer/v2/pkg/runtime/core"
	trainer "github.com/kubeflow/trainer/v2/pkg/webhooks"
	"k8s.io/apimachinery/pkg/api/meta"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"serinus.dev/oracle/server"
	"serinus.dev/oracle/webhooks"
)

const group = "trainer.kubeflow.org/v1alpha1/"

// cluster answers for the objects beside the job; one without a namespace is in every namespace.
type cluster struct {
	client.Client
	scheme  *runtime.Scheme
	objects []string
}

func (c *cluster) Scheme() *runtime.Scheme { return c.scheme }

func (c *cluster) RESTMapper() meta.RESTMapper { return meta.NewDefaultRESTMapper(nil) }

func (c *cluster) Get(_ context.Context, key client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	_, wanted, _ := strings.Cut(fmt.Sprintf("%T", object), ".")
	for _, each := range c.objects {
		var named struct {
			Kind     string
			Metadata struct{ Name, Namespace string }
		}
		if err := json.Unmarshal([]byte(each), &named); err != nil {
			return err
		}
		found := named.Metadata
		elsewhere := found.Namespace != "" && key.Namespace != "" && found.Namespace != key.Namespace
		if wanted == named.Kind && found.Name == key.Name && !elsewhere {
			return json.Unmarshal([]byte(each), object)
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: wanted}, key.Name)
}

// indexer is none: only lists are asked through it.
type indexer struct{}

func (indexer) IndexField(context.Context, client.Object, string, client.IndexerFunc) error { return nil }

// validator is Trainer's own, whose runtimes can't be given from without (pkg/webhooks/trainjob_webhook.go).
type validator struct{ runtimes map[string]core.Runtime }

func (v validator) ask(ctx context.Context, old, job *v1alpha1.TrainJob) (admission.Warnings, error) {
	found, known := v.runtimes[core.RuntimeRefToRuntimeRegistryKey(job.Spec.RuntimeRef)]
	if !known {
		return nil, errors.New("unsupported runtime")
	}
	warnings, refused := found.ValidateObjects(ctx, old, job)
	return warnings, refused.ToAggregate()
}

func (v validator) ValidateCreate(ctx context.Context, job *v1alpha1.TrainJob) (admission.Warnings, error) {
	return v.ask(ctx, nil, job)
}

func (v validator) ValidateUpdate(ctx context.Context, old, job *v1alpha1.TrainJob) (admission.Warnings, error) {
	return v.ask(ctx, old, job)
}

func (validator) ValidateDelete(context.Context, *v1alpha1.TrainJob) (admission.Warnings, error) {
	return nil, nil
}

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	around := &cluster{scheme: scheme}
	every, err := runtimes.New(context.Background(), around, indexer{}, nil)
	utilruntime.Must(err)
	hooks := webhooks.Of(nil, map[string]*admission.Webhook{
		group + "TrainJob": admission.WithValidator(scheme, validator{every}),
		group + "TrainingRuntime": admission.WithValidator(
			scheme, &trainer.TrainingRuntimeValidator{}),
		group + "ClusterTrainingRuntime": admission.WithValidator(
			scheme, &trainer.ClusterTrainingRuntimeValidator{}),
	})
	hooks.Cluster = func(objects []string) { around.objects = objects }
	server.Main(hooks)
}
