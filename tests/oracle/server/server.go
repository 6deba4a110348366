// Package server is the part of an API server that decides on the creation of an object of a CRD: the packages of
// k8s.io/apiextensions-apiserver in the order of its request handler, with room for webhooks between the stages.
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
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	apiextensionsvalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apimachineryvalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	kjson "sigs.k8s.io/json"
)

// Webhooks is what stands between the stages of the API server.
type Webhooks struct {
	// Mutate gives the object as the mutating webhook's patch leaves it.
	Mutate func(raw []byte) ([]byte, error)
	// Validate is the validating webhook.
	Validate func(raw []byte) error
}

// server is the part of an API server that creates objects of one CRD.
type server struct {
	structural *structuralschema.Structural
	validator  apiextensionsvalidation.SchemaValidator
	cel        *cel.Validator
	namespaced bool
	status     bool
}

func newServer(content []byte) (*server, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := json.Unmarshal(content, &crd); err != nil {
		return nil, err
	}
	version := crd.Spec.Versions[0]
	var schema apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(
		version.Schema.OpenAPIV3Schema, &schema, nil); err != nil {
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
	return &server{
		structural: structural,
		validator:  validator,
		cel:        cel.NewValidator(structural, true, celconfig.PerCallLimit),
		namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
		status:     version.Subresources != nil && version.Subresources.Status != nil,
	}, nil
}

// create goes the way of a request with strict field validation, up to where the object would be stored.
func (s *server) create(raw []byte, hooks *Webhooks) error {
	object, err := s.decode(raw)
	if err != nil {
		return fmt.Errorf("decoding: %w", err)
	}
	if s.namespaced && object.GetNamespace() == "" {
		object.SetNamespace("default") // kubectl names it in the request
	}
	if hooks != nil {
		if object, err = s.mutated(object, hooks); err != nil {
			return fmt.Errorf("mutating webhook: %w", err)
		}
	}
	if s.status {
		delete(object.Object, "status")
	}
	if object.GetName() == "" && object.GetGenerateName() != "" {
		object.SetName(object.GetGenerateName() + "xxxxx")
	}
	if errs := s.validate(object); len(errs) > 0 {
		return fmt.Errorf("schema: %w", errs.ToAggregate())
	}
	if hooks != nil {
		stored, err := json.Marshal(object.Object)
		if err != nil {
			return err
		}
		if err := hooks.Validate(stored); err != nil {
			return fmt.Errorf("validating webhook: %w", err)
		}
	}
	return nil
}

// decode follows schemaCoercingDecoder and unstructuredDefaulter of the CRD handler.
func (s *server) decode(raw []byte) (*unstructured.Unstructured, error) {
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
func (s *server) mutated(object *unstructured.Unstructured, hooks *Webhooks) (*unstructured.Unstructured, error) {
	raw, err := json.Marshal(object.Object)
	if err != nil {
		return nil, err
	}
	changed, err := hooks.Mutate(raw)
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

// validate follows customResourceStrategy.Validate.
func (s *server) validate(object *unstructured.Unstructured) field.ErrorList {
	errs := apimachineryvalidation.ValidateObjectMetaAccessor(
		object, s.namespaced, apimachineryvalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	errs = append(errs, apiextensionsvalidation.ValidateCustomResource(nil, object.Object, s.validator)...)
	errs = append(errs, objectmeta.Validate(nil, object.Object, s.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, s.structural, object.Object)...)
	if s.cel != nil && len(errs) == 0 {
		more, _ := s.cel.Validate(
			context.Background(), nil, s.structural, object.Object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, more...)
	}
	return errs
}
