// Command structure says what an API server with only the CRDs says of an object at its creation, by its own packages.
//
// In: one JSON object a line, {"release": FOLDER OF CRDS, "object": …}. Out: one line each, {"verdict": "valid", "invalid" or
// "not-served", "errors": […]}. The order is that of the API server: strict decoding, pruning, nulls, defaults, then the
// create strategy of custom resources with schema, lists, metadata and CEL.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	kjson "sigs.k8s.io/json"
)

type kind struct {
	structural *schema.Structural
	namespaced bool
	strategy   rest.RESTCreateStrategy
}

type release map[runtimeschema.GroupVersionKind]*kind

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func load(folder string) release {
	found := release{}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	must(err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(err)
		external := v1.CustomResourceDefinition{}
		must(json.Unmarshal(content, &external))
		v1.SetDefaults_CustomResourceDefinitionSpec(&external.Spec)
		crd := apiextensions.CustomResourceDefinition{}
		must(v1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&external, &crd, nil))
		for _, version := range external.Spec.Versions {
			if !version.Served {
				continue
			}
			props, err := apiextensions.GetSchemaForVersion(&crd, version.Name)
			must(err)
			structural, err := schema.NewStructural(props.OpenAPIV3Schema)
			must(err)
			must(defaulting.PruneDefaults(structural))
			validator, _, err := validation.NewSchemaValidator(props.OpenAPIV3Schema)
			must(err)
			subresources, err := apiextensions.GetSubresourcesForVersion(&crd, version.Name)
			must(err)
			if subresources == nil {
				subresources = &apiextensions.CustomResourceSubresources{}
			}
			gvk := runtimeschema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
			namespaced := crd.Spec.Scope == apiextensions.NamespaceScoped
			typer := crdserverscheme.NewUnstructuredObjectTyper()
			strategy := customresource.NewStrategy(typer, namespaced, gvk, validator, nil, structural, subresources.Status, subresources.Scale, nil)
			found[gvk] = &kind{structural: structural, namespaced: namespaced, strategy: strategy}
		}
	}
	return found
}

// decode follows unstructuredSchemaCoercer.apply of k8s.io/apiextensions-apiserver (pkg/apiserver/customresource_handler.go).
func decode(raw []byte, of *kind) (map[string]any, []string) {
	object := map[string]any{}
	strict, err := kjson.UnmarshalStrict(raw, &object)
	if err != nil {
		return nil, []string{err.Error()}
	}
	problems := []string{}
	for _, one := range strict {
		problems = append(problems, one.Error())
	}
	meta, found, unknown, err := objectmeta.GetObjectMetaWithOptions(object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, append(problems, err.Error())
	}
	unknown = append(unknown, pruning.PruneWithOptions(object, of.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object, of.structural)
	wrong, more := objectmeta.CoerceWithOptions(nil, object, of.structural, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if wrong != nil {
		return nil, append(problems, wrong.Error())
	}
	for _, path := range append(unknown, more...) {
		problems = append(problems, "unknown field "+path)
	}
	if found {
		must(objectmeta.SetObjectMeta(object, meta))
	}
	defaulting.Default(object, of.structural)
	return object, problems
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

func (releases cache) judge(folder string, raw []byte) (verdict string, problems []string) {
	if releases[folder] == nil {
		releases[folder] = load(folder)
	}
	head := struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name         string `json:"name"`
			GenerateName string `json:"generateName"`
		} `json:"metadata"`
	}{}
	_ = json.Unmarshal(raw, &head)
	group, err := runtimeschema.ParseGroupVersion(head.APIVersion)
	gvk := group.WithKind(head.Kind)
	of := releases[folder][gvk]
	if err != nil || of == nil {
		return "not-served", nil
	}
	content, problems := decode(raw, of)
	if len(problems) > 0 {
		return "invalid", problems
	}
	object := &unstructured.Unstructured{Object: content}
	if of.namespaced && object.GetNamespace() == "" {
		object.SetNamespace("default")
	}
	if object.GetName() == "" && object.GetGenerateName() != "" {
		base := object.GetGenerateName()
		object.SetName(base[:min(len(base), 58)] + "x7k2p")
	}
	// What the request handler does before the strategy is asked (createHandler of k8s.io/apiserver).
	object.SetOwnerReferences(merged(object.GetOwnerReferences()))
	object.SetManagedFields(nil) // those of this request are made by the field manager
	rest.FillObjectMetaSystemFields(object)
	if err := rest.BeforeCreate(of.strategy, request.WithNamespace(context.TODO(), object.GetNamespace()), object); err != nil {
		return "invalid", []string{err.Error()}
	}
	return "valid", nil
}

type cache map[string]release

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	releases := cache{}
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			question := struct {
				Release string          `json:"release"`
				Object  json.RawMessage `json:"object"`
			}{}
			must(json.Unmarshal(line, &question))
			verdict, problems := releases.judge(question.Release, question.Object)
			answer, wrong := json.Marshal(map[string]any{"verdict": verdict, "errors": problems})
			must(wrong)
			fmt.Fprintf(out, "%s\n", answer)
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}
