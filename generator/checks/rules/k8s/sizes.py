"""Lengths of texts, lists and mappings."""

from __future__ import annotations

from generator.checks.rules.k8s import ROUTE, structural
from generator.checks.structure.verdict import Code

TLS_POLICY = """
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata:
  name: digits
spec:
  targetRefs: [{group: "", kind: Service, name: digits-predictor}]
  validation: {hostname: digits.example.com, wellKnownCACertificates: System}
"""

RUNTIME = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainingRuntime
metadata:
  name: digits
spec:
  mlPolicy: {numNodes: 1}
"""

TOO_SHORT = structural(
    code=Code.TOO_SHORT,
    id="K8S021",
    why="The schema wants a text of at least some characters; mostly it forbids the empty one.",
    message="the text has {length} characters; at least {bound} are wanted",
    fix="Write a longer text, or remove the field if it may be missing.",
    bad=ROUTE.replace("parentRefs: [{name: models}]", 'parentRefs: [{name: ""}]'),
)

TOO_LONG = structural(
    code=Code.TOO_LONG,
    id="K8S022",
    why="The schema limits the length of the text.",
    message="the text has {length} characters; at most {bound} are allowed",
    fix="Shorten it to {bound} characters.",
    bad=ROUTE.replace("parentRefs: [{name: models}]", "parentRefs: [{name: models, sectionName: " + "a" * 254 + "}]"),
)

TOO_FEW_ITEMS = structural(
    code=Code.TOO_FEW_ITEMS,
    id="K8S023",
    why="The schema wants a list of at least some items; an empty list is not the same as none.",
    message="the list has {length} items; at least {bound} are wanted",
    fix="Add an item, or remove the field if it may be missing.",
    bad=ROUTE[: ROUTE.index("  rules:")] + "  rules: []\n",
)

TOO_MANY_ITEMS = structural(
    code=Code.TOO_MANY_ITEMS,
    id="K8S024",
    why="The schema limits the length of the list.",
    message="the list has {length} items; at most {bound} are allowed",
    fix="Remove items, or spread them over several objects.",
    bad=ROUTE.replace("[digits.example.com]", f"[{', '.join(f'd{number}.example.com' for number in range(17))}]"),
)

TOO_FEW_PROPERTIES = structural(
    code=Code.TOO_FEW_PROPERTIES,
    id="K8S025",
    why="The schema wants a mapping of at least some keys.",
    message="the mapping has {length} keys; at least {bound} are wanted",
    fix="Add a key, or remove the field if it may be missing.",
    bad=RUNTIME.replace("spec:\n  mlPolicy: {numNodes: 1}", "spec: {}"),
    good=RUNTIME,
)

TOO_MANY_PROPERTIES = structural(
    code=Code.TOO_MANY_PROPERTIES,
    id="K8S026",
    why="The schema limits the number of keys in the mapping.",
    message="the mapping has {length} keys; at most {bound} are allowed",
    fix="Remove keys.",
    bad=f"{TLS_POLICY.rstrip()}\n  options: {{{', '.join(f'example.com/o{number}: x' for number in range(17))}}}\n",
    good=TLS_POLICY,
)
