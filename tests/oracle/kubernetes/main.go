// Command kubernetes says what an API server says of an object of one of its own kinds, by its own packages: strict
// decoding, defaults, then the kind's strategy with its validation, hand-written and declarative. Admission plugins have no say.
//
// In: one JSON object a line, {"object": …} for a creation, {"object": …, "previous": …} for an update. Out: one line each,
// {"verdict": "valid", "invalid" or "not-served", "errors": […]}.
//
// {"quantities": [text, other]} asks for what Go makes of a quantity instead: null where one of both is none, else its
// canonical form, its text as it is stored, Value and MilliValue, the same once it is rounded up to thousandths, its order
// and its sum with the other, and AsInt64 (null where there is none).
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	serviceapi "k8s.io/kubernetes/pkg/api/service"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/capabilities"
)

// serializer is the one that a request with strict field validation gets.
func serializer() runtime.Decoder {
	for _, info := range legacyscheme.Codecs.SupportedMediaTypes() {
		if info.MediaType == runtime.ContentTypeJSON {
			return info.StrictSerializer
		}
	}
	panic("no JSON")
}

var strict = serializer()

func reasons(err error) []string {
	status := apierrors.APIStatus(nil)
	if errors.As(err, &status) && status.Status().Details != nil && len(status.Status().Details.Causes) > 0 {
		found := []string{}
		for _, cause := range status.Status().Details.Causes {
			found = append(found, cause.Field+": "+cause.Message)
		}
		return found
	}
	return []string{err.Error()}
}

func decode(raw []byte, gvk schema.GroupVersionKind) (obj runtime.Object, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	decoder := legacyscheme.Codecs.DecoderToVersion(strict, schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal})
	obj, _, err = decoder.Decode(raw, &gvk, nil)
	return obj, err
}

func contextOf(gvk schema.GroupVersionKind, of *kind, namespace, verb string) context.Context {
	ctx := request.WithRequestInfo(context.Background(), &request.RequestInfo{
		IsResourceRequest: true, Verb: verb, APIGroup: gvk.Group, APIVersion: gvk.Version, Resource: of.resource, Namespace: namespace,
	})
	return request.WithNamespace(ctx, namespace)
}

// merged leaves out owners that stand twice, as dedupOwnerReferences does.
func merged(owners []metav1.OwnerReference) (found []metav1.OwnerReference) {
	for _, owner := range owners {
		if !slices.ContainsFunc(found, func(other metav1.OwnerReference) bool { return equality.Semantic.DeepEqual(owner, other) }) {
			found = append(found, owner)
		}
	}
	return found
}

func prepare(obj runtime.Object, of *kind) (metav1.Object, string) {
	accessor, err := meta.Accessor(obj)
	if err != nil {
		panic(err)
	}
	// What the request handler does before any strategy is asked (createHandler of k8s.io/apiserver).
	rest.WipeObjectMetaSystemFields(accessor)
	accessor.SetOwnerReferences(merged(accessor.GetOwnerReferences()))
	accessor.SetManagedFields(nil) // those of this request are made by the field manager
	rest.FillObjectMetaSystemFields(accessor)
	if of.strategy.NamespaceScoped() && accessor.GetNamespace() == "" {
		accessor.SetNamespace("default")
	} else if !of.strategy.NamespaceScoped() {
		// kubectl leaves a namespace out of the URL, and the server empties the field then.
		accessor.SetNamespace("")
	}
	if accessor.GetName() == "" && accessor.GetGenerateName() != "" {
		accessor.SetName(of.strategy.GenerateName(accessor.GetGenerateName()))
	}
	return accessor, accessor.GetNamespace()
}

// allocate does what the registry of Services does before the strategy is asked (beginCreate in
// pkg/registry/core/service/storage); its allocators need a cluster, so what they refuse by its default flags stands here.
//
// A pod without a ServiceAccount gets the default one, as from the admission plugin that no cluster is without.
func allocate(obj runtime.Object) error {
	if pod, ok := obj.(*core.Pod); ok && pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName, pod.Spec.DeprecatedServiceAccount = "default", "default"
	}
	if namespace, ok := obj.(*core.Namespace); ok {
		return levels(namespace.Labels)
	}
	service, ok := obj.(*core.Service)
	if !ok {
		return nil
	}
	spec := &service.Spec
	if spec.ClusterIP != "" && len(spec.ClusterIPs) == 0 {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
	if serviceapi.NeedsHealthCheck(service) && spec.HealthCheckNodePort == 0 {
		spec.HealthCheckNodePort = 30100
	}
	if spec.Type == core.ServiceTypeExternalName {
		return nil
	}
	open := spec.ClusterIP == core.ClusterIPNone && len(spec.Selector) == 0
	single := spec.IPFamilyPolicy != nil && *spec.IPFamilyPolicy == core.IPFamilyPolicySingleStack
	if (single || spec.IPFamilyPolicy == nil && !open) && (len(spec.IPFamilies) == 2 || len(spec.ClusterIPs) == 2) {
		return errors.New("spec.ipFamilyPolicy: two families need another policy")
	}
	for _, port := range spec.Ports {
		if spec.Type != core.ServiceTypeClusterIP && port.NodePort != 0 && (port.NodePort < 30000 || port.NodePort > 32767) {
			return errors.New("spec.ports: provided port is not in the valid range")
		}
	}
	return nil
}

func quantities(texts [2]string) any {
	one, wrong := resource.ParseQuantity(texts[0])
	two, alsoWrong := resource.ParseQuantity(texts[1])
	if wrong != nil || alsoWrong != nil {
		return nil
	}
	number, suffix := one.CanonicalizeBytes(nil)
	rounded, sum := one.DeepCopy(), one.DeepCopy()
	rounded.RoundUp(resource.Milli)
	sum.Add(two)
	var integer any
	if found, ok := one.AsInt64(); ok {
		integer = found
	}
	return []any{
		string(number) + string(suffix), one.String(), one.Value(), one.MilliValue(), rounded.Value(), rounded.MilliValue(),
		one.Cmp(two), sum.Value(), integer,
	}
}

func judge(raw, previous []byte) (verdict string, problems []string) {
	head := metav1.TypeMeta{}
	_ = json.Unmarshal(raw, &head)
	gvk := head.GroupVersionKind()
	of := kinds[gvk]
	if of == nil {
		return "not-served", nil
	}
	obj, err := decode(raw, gvk)
	if err != nil {
		return "invalid", []string{err.Error()}
	}
	accessor, namespace := prepare(obj, of)
	if err := allocate(obj); err != nil {
		return "invalid", []string{err.Error()}
	}
	if len(bytes.TrimSpace(previous)) == 0 {
		if err := rest.BeforeCreate(of.strategy, contextOf(gvk, of, namespace, "create"), obj); err != nil {
			return "invalid", reasons(err)
		}
		return "valid", nil
	}
	old, err := decode(previous, gvk)
	if err != nil {
		return "bad-previous", []string{err.Error()}
	}
	before, _ := prepare(old, of)
	if err := allocate(old); err != nil {
		return "bad-previous", []string{err.Error()}
	}
	given(old)
	leftAsGiven(obj, old)
	before.SetResourceVersion("1")
	before.SetUID("11111111-1111-1111-1111-111111111111")
	accessor.SetResourceVersion("1")
	accessor.SetUID(before.GetUID())
	accessor.SetCreationTimestamp(before.GetCreationTimestamp())
	if err := rest.BeforeUpdate(of.strategy, contextOf(gvk, of, namespace, "update"), obj, old); err != nil {
		return "invalid", reasons(err)
	}
	return "valid", nil
}

func main() {
	// As every distribution starts its API server (--allow-privileged).
	capabilities.Setup(true, 0)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			question := struct {
				Object     json.RawMessage `json:"object"`
				Previous   json.RawMessage `json:"previous"`
				Quantities *[2]string      `json:"quantities"`
			}{}
			if err := json.Unmarshal(line, &question); err != nil {
				panic(err)
			}
			if question.Quantities != nil {
				answer, wrong := json.Marshal(quantities(*question.Quantities))
				if wrong != nil {
					panic(wrong)
				}
				fmt.Fprintf(out, "%s\n", answer)
				out.Flush()
				continue
			}
			verdict, problems := judge(question.Object, question.Previous)
			answer, wrong := json.Marshal(map[string]any{"verdict": verdict, "errors": problems})
			if wrong != nil {
				panic(wrong)
			}
			fmt.Fprintf(out, "%s\n", answer)
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}
