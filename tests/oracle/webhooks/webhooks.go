// Package webhooks asks a platform's own webhooks, run by the library that runs them in the platform.
package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"serinus.dev/oracle/server"
)

// Of gives the webhooks of a platform in the form that the server asks them in. Both maps go from "apiVersion/Kind" to
// the webhook of that version; a kind that stands in none isn't looked at.
func Of(mutating, validating map[string]*admission.Webhook) *server.Webhooks {
	return &server.Webhooks{
		Mutate: func(raw, old []byte) ([]byte, error) {
			response := ask(mutating, raw, old)
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
		Validate: func(raw, old []byte) error {
			if response := ask(validating, raw, old); !response.Allowed {
				return errors.New(response.Result.Message)
			}
			return nil
		},
	}
}

// ask sends a creation, or an update where there is an old object, to a webhook; a webhook that panics refuses, as
// controller-runtime has it.
func ask(hooks map[string]*admission.Webhook, raw, old []byte) (response admission.Response) {
	var found struct{ APIVersion, Kind string }
	if err := json.Unmarshal(raw, &found); err != nil {
		return admission.Errored(400, err)
	}
	hook, known := hooks[found.APIVersion+"/"+found.Kind]
	if !known {
		return admission.Allowed("")
	}
	defer func() {
		if reason := recover(); reason != nil {
			response = admission.Errored(500, fmt.Errorf("panic: %v", reason))
		}
	}()
	request := admission.Request{AdmissionRequest: v1.AdmissionRequest{
		Operation: v1.Create,
		Object:    runtime.RawExtension{Raw: raw},
	}}
	if old != nil {
		request.Operation, request.OldObject = v1.Update, runtime.RawExtension{Raw: old}
	}
	return hook.Handler.Handle(context.Background(), request)
}
