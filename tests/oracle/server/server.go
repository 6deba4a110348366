// Package server is the part of an API server that decides on the creation or the update of an object of a CRD: the
// packages of k8s.io/apiextensions-apiserver in the order of its request handler, with room for webhooks between the
// stages.
package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	apiextensionsvalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apimachineryvalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"
	kjson "sigs.k8s.io/json"
)

// Webhooks is what stands between the stages of the API server. The old object is nil where a new one is created.
type Webhooks struct {
	// Mutate gives the object as the mutating webhook's patch leaves it.
	Mutate func(raw, old []byte) ([]byte, error)
	// Validate is the validating webhook.
	Validate func(raw, old []byte) error
	// Cluster says what else the cluster holds, for webhooks that look; nil where none does.
	Cluster func(objects []string)
}

// server creates and updates objects of one CRD, in each of its versions.
type server map[string]*version

// version is the part of an API server that decides on one version of a CRD.
type version struct {
	structural *structuralschema.Structural
	validator  apiextensionsvalidation.SchemaValidator
	cel        *cel.Validator
	namespaced bool
	status     bool
}

func newServer(content []byte) (server, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := json.Unmarshal(content, &crd); err != nil {
		return nil, err
	}
	found := server{}
	for _, one := range crd.Spec.Versions {
		if !one.Served {
			continue
		}
		var schema apiextensions.JSONSchemaProps
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(
			one.Schema.OpenAPIV3Schema, &schema, nil); err != nil {
			return nil, err
		}
		structural, err := structuralschema.NewStructural(&schema)
		if err != nil {
			return nil, err
		}
		validator, _, err := apiextensionsvalidation.NewSchemaValidator(&schema)
		if err != nil {
			return nil, err
		}
		found[crd.Spec.Group+"/"+one.Name] = &version{
			structural: structural,
			validator:  validator,
			cel:        cel.NewValidator(structural, true, celconfig.PerCallLimit),
			namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
			status:     one.Subresources != nil && one.Subresources.Status != nil,
		}
	}
	return found, nil
}

// decide goes the way of a request with strict field validation, up to where the object would be stored: a creation, or
// the update of an old object, which is taken as it would have been stored.
func (s server) decide(raw, old []byte, hooks *Webhooks) (*unstructured.Unstructured, error) {
	var named struct{ APIVersion string }
	if err := json.Unmarshal(raw, &named); err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	kind, served := s[named.APIVersion]
	if !served {
		return nil, fmt.Errorf("%s is not served", named.APIVersion)
	}
	if len(old) == 0 {
		return kind.write(raw, nil, hooks)
	}
	before, err := kind.stored(old, hooks)
	if err != nil {
		return nil, fmt.Errorf("old: %w", err)
	}
	return kind.write(raw, before, hooks)
}

// stored is an object as the cluster has it: decoded and mutated as at its creation, with the status that it is given.
func (s *version) stored(raw []byte, hooks *Webhooks) (*unstructured.Unstructured, error) {
	object, err := s.decode(raw)
	if err != nil {
		return nil, err
	}
	if s.namespaced && object.GetNamespace() == "" {
		object.SetNamespace("default")
	}
	if hooks != nil {
		if object, err = s.mutated(object, nil, hooks); err != nil {
			return nil, err
		}
	}
	if object.GetUID() == "" {
		object.SetUID("8a7d0b5e-1f0c-4a54-9a0b-2d9a8f3c6e21")
	}
	if object.GetResourceVersion() == "" {
		object.SetResourceVersion("1")
	}
	return object, nil
}

// write goes the way of one request and gives what is stored; before is nil where the object is created.
func (s *version) write(
	raw []byte, before *unstructured.Unstructured, hooks *Webhooks,
) (*unstructured.Unstructured, error) {
	object, err := s.decode(raw)
	if err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	if s.namespaced && object.GetNamespace() == "" {
		object.SetNamespace("default") // kubectl names it in the request
	}
	var old []byte
	if before != nil {
		object.SetUID(before.GetUID())
		object.SetResourceVersion(before.GetResourceVersion())
		object.SetCreationTimestamp(before.GetCreationTimestamp())
		if old, err = json.Marshal(before.Object); err != nil {
			return nil, err
		}
	}
	if hooks != nil {
		if object, err = s.mutated(object, old, hooks); err != nil {
			return nil, fmt.Errorf("mutating webhook: %w", err)
		}
	}
	if s.status {
		delete(object.Object, "status")
		if before != nil && before.Object["status"] != nil {
			object.Object["status"] = before.Object["status"]
		}
	}
	if object.GetName() == "" && object.GetGenerateName() != "" {
		object.SetName(object.GetGenerateName() + "xxxxx")
	}
	if errs := s.validate(object, before); len(errs) > 0 {
		return nil, fmt.Errorf("schema: %w", errs.ToAggregate())
	}
	if hooks != nil {
		stored, err := json.Marshal(object.Object)
		if err != nil {
			return nil, err
		}
		if err := hooks.Validate(stored, old); err != nil {
			return nil, fmt.Errorf("validating webhook: %w", err)
		}
	}
	return object, nil
}

// decode follows schemaCoercingDecoder and unstructuredDefaulter of the CRD handler.
func (s *version) decode(raw []byte) (*unstructured.Unstructured, error) {
	var content map[string]any
	strict, err := kjson.UnmarshalStrict(raw, &content)
	if err != nil {
		return nil, err
	}
	meta, found, unknown, err := objectmeta.GetObjectMetaWithOptions(
		content, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, err
	}
	kind, version := content["kind"], content["apiVersion"]
	options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown = append(unknown, pruning.PruneWithOptions(content, s.structural, true, options)...)
	defaulting.PruneNonNullableNullsWithoutDefaults(content, s.structural)
	wrong, more := objectmeta.CoerceWithOptions(
		nil, content, s.structural, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if wrong != nil {
		return nil, wrong
	}
	content["kind"], content["apiVersion"] = kind, version
	if found {
		if err := objectmeta.SetObjectMeta(content, meta); err != nil {
			return nil, err
		}
	}
	if unknown = append(unknown, more...); len(unknown)+len(strict) > 0 {
		return nil, fmt.Errorf("strict: unknown %v, %w", unknown, errors.Join(strict...))
	}
	defaulting.Default(content, s.structural)
	return &unstructured.Unstructured{Object: content}, nil
}

// mutated is the object after the webhook's patch, with defaults once more.
func (s *version) mutated(object *unstructured.Unstructured, old []byte, hooks *Webhooks) (*unstructured.Unstructured, error) {
	raw, err := json.Marshal(object.Object)
	if err != nil {
		return nil, err
	}
	changed, err := hooks.Mutate(raw, old)
	if err != nil {
		return nil, err
	}
	var content map[string]any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(changed, &content); err != nil {
		return nil, err
	}
	defaulting.Default(content, s.structural)
	return &unstructured.Unstructured{Object: content}, nil
}

// validate follows customResourceStrategy.Validate and ValidateUpdate; before is nil where the object is created. What an
// update leaves as it is isn't held against it again (CRDValidationRatcheting, on by default since Kubernetes 1.30).
func (s *version) validate(object, before *unstructured.Unstructured) field.ErrorList {
	metadata := field.NewPath("metadata")
	var errs field.ErrorList
	var old any
	var celOptions []cel.Option
	lists := listtype.ValidateListSetsAndMaps(nil, s.structural, object.Object)
	if before == nil {
		errs = apimachineryvalidation.ValidateObjectMetaAccessor(
			object, s.namespaced, apimachineryvalidation.NameIsDNSSubdomain, metadata)
		errs = append(errs, apiextensionsvalidation.ValidateCustomResource(nil, object.Object, s.validator)...)
	} else {
		old = before.Object
		errs = apimachineryvalidation.ValidateObjectMetaAccessorUpdate(object, before, metadata)
		same := common.NewCorrelatedObject(
			object.Object, before.Object, &model.Structural{Structural: s.structural})
		errs = append(errs, apiextensionsvalidation.ValidateCustomResourceUpdate(
			nil, object.Object, before.Object, s.validator, apiextensionsvalidation.WithRatcheting(same))...)
		celOptions = append(celOptions, cel.WithRatcheting(same))
		if len(listtype.ValidateListSetsAndMaps(nil, s.structural, before.Object)) > 0 {
			lists = nil
		}
	}
	errs = append(errs, objectmeta.Validate(nil, object.Object, s.structural, false)...)
	errs = append(errs, lists...)
	if s.cel != nil && len(errs) == 0 {
		more, _ := s.cel.Validate(
			context.Background(), nil, s.structural, object.Object, old, celconfig.RuntimeCELCostBudget, celOptions...)
		errs = append(errs, more...)
	}
	return errs
}
