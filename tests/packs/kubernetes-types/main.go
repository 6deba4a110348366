// Command kubernetes-types prints the structural schemas of some Kubernetes types, as controller-gen writes them into CRDs,
// without descriptions: one JSON object, type name to schema. The releases are those that go.mod names; 0.33.json was made with
// k8s.io/api v0.33.1 and controller-tools v0.18.0, 0.29.json with v0.29.15, v0.14.0 and golang.org/x/tools v0.29.0:
//
//	go run . > 0.33.json
//
// Both k8s.io/api and sigs.k8s.io/controller-tools are under the Apache License 2.0.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	// Only so that go.mod keeps them.
	_ "k8s.io/api/apps/v1"
	_ "k8s.io/api/core/v1"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-tools/pkg/crd"
	"sigs.k8s.io/controller-tools/pkg/loader"
	"sigs.k8s.io/controller-tools/pkg/markers"
)

var wanted = map[string][]string{
	"k8s.io/api/core/v1": {"Container", "PersistentVolumeClaimSpec", "PodSpec"},
	"k8s.io/api/apps/v1": {"DeploymentStrategy", "StatefulSetPersistentVolumeClaimRetentionPolicy"},
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bare drops the texts; a property may itself be called description.
func bare(value any) any {
	switch typed := value.(type) {
	case []any:
		for index, child := range typed {
			typed[index] = bare(child)
		}
	case map[string]any:
		for key, child := range typed {
			if _, text := child.(string); text && key == "description" {
				delete(typed, key)
			} else {
				typed[key] = bare(child)
			}
		}
	}
	return value
}

func main() {
	registry := &markers.Registry{}
	must(crd.Generator{}.RegisterMarkers(registry))
	parser := &crd.Parser{Collector: &markers.Collector{Registry: registry}, Checker: &loader.TypeChecker{}}
	crd.AddKnownTypes(parser)
	result := map[string]apiext.JSONSchemaProps{}
	for path, names := range wanted {
		roots, err := loader.LoadRoots(path)
		must(err)
		for _, root := range roots {
			parser.NeedPackage(root)
			for _, name := range names {
				ident := crd.TypeIdent{Package: root, Name: name}
				parser.NeedFlattenedSchemaFor(ident)
				result[name] = parser.FlattenedSchemata[ident]
			}
		}
	}
	content, err := json.Marshal(result)
	must(err)
	var plain any
	must(json.Unmarshal(content, &plain))
	content, err = json.Marshal(bare(plain))
	must(err)
	fmt.Println(string(content))
}
