"""How text becomes data: YAML and JSON as kubectl and the API server read them.

The measure is kubectl's own chain: ``k8s.io/apimachinery/pkg/util/yaml`` splits a file into documents,
``sigs.k8s.io/yaml`` (over go-yaml v2, which speaks YAML 1.1 with a resolver of its own) turns each into JSON,
``sigs.k8s.io/json`` reads the JSON. ``tests/oracle/yaml`` holds a Go program of ours that asks that very code; a
differential test compares.
"""
