// Oracle says what Seldon Core 1's validating webhook answers to the creation of a SeldonDeployment, by the operator's own
// published code: its defaulter is not asked, since the webhook sees the object without defaults. Beside the verdict stands
// what the engine of each predictor will be told, which is in its pods: what changes it restarts them. See
// tests/oracle/README.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/seldonio/seldon-core/operator/apis/machinelearning.seldon.io/v1"
	"github.com/seldonio/seldon-core/operator/controllers/utils"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// cluster answers the webhook's only question to a cluster: which prepackaged servers its ConfigMap has.
type cluster struct {
	client.Client
	servers map[string]struct{}
}

func (c cluster) Get(_ context.Context, _ client.ObjectKey, object client.Object) error {
	found, ok := object.(*corev1.ConfigMap)
	if !ok {
		return fmt.Errorf("no %T here", object)
	}
	encoded, err := json.Marshal(c.servers)
	found.Data = map[string]string{v1.PredictorServerConfigMapKeyName: string(encoded)}
	return err
}

type question struct {
	ID       string          `json:"id"`
	Document json.RawMessage `json:"document"`
}

type answer struct {
	ID      string            `json:"id"`
	Refused string            `json:"refused"`
	Engines map[string]string `json:"engines"`
}

// engines is what the controller writes into ENGINE_PREDICTOR of each predictor, after its defaulting and without traffic and
// replicas, as createEngineContainer has it. What can't be defaulted tells no engine anything.
func engines(raw []byte) (told map[string]string) {
	defer func() {
		if recover() != nil {
			told = nil
		}
	}()
	object := &v1.SeldonDeployment{}
	if json.Unmarshal(raw, object) != nil {
		return nil
	}
	object.Default()
	told = map[string]string{}
	for i := range object.Spec.Predictors {
		predictor := object.Spec.Predictors[i].DeepCopy()
		none := int32(0)
		predictor.Traffic, predictor.Replicas = 0, &none
		text, err := utils.GetEngineVarJson(predictor)
		if err != nil {
			return nil
		}
		told[predictor.Name] = text
	}
	return told
}

// judge sends a creation to the webhook; a webhook that panics answers nothing, which its failurePolicy makes a refusal.
func judge(hook *admission.Webhook, raw []byte) (refused string) {
	defer func() {
		if reason := recover(); reason != nil {
			refused = fmt.Sprintf("panic: %v", reason)
		}
	}()
	response := hook.Handler.Handle(context.Background(), admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
		Operation: admissionv1.Create,
		Object:    runtime.RawExtension{Raw: raw},
	}})
	if response.Allowed {
		return ""
	}
	if response.Result.Message == "" {
		return string(response.Result.Reason)
	}
	return response.Result.Message
}

// stored is the document in the version in which the API server sends it: the webhook's configuration lists v1 only.
func stored(document []byte) ([]byte, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(document, &object); err != nil {
		return nil, err
	}
	object["apiVersion"] = json.RawMessage(`"` + v1.GroupVersion.String() + `"`)
	return json.Marshal(object)
}

// run reads {"id": …, "document": …} a line and writes {"id": …, "refused": "why, or nothing", "engines": {predictor: …}} a line. The arguments are
// the names of the cluster's prepackaged servers.
func run(names []string) error {
	servers := map[string]struct{}{}
	for _, name := range names {
		servers[name] = struct{}{}
	}
	v1.C = cluster{servers: servers}
	scheme := runtime.NewScheme()
	utilruntime.Must(v1.AddToScheme(scheme))
	hook := admission.ValidatingWebhookFor(&v1.SeldonDeployment{})
	if err := hook.InjectScheme(scheme); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			return err
		}
		raw, err := stored(asked.Document)
		if err != nil {
			return err
		}
		if err := encoder.Encode(answer{asked.ID, judge(hook, raw), engines(raw)}); err != nil {
			return err
		}
	}
	return errors.Join(in.Err(), out.Flush())
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
}
