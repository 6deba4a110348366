"""Metadata: names, labels, annotations and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.k8s import META, ROUTE, structural
from generator.checks.structure.verdict import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

SYNTAX = {
    "subdomain": "lower-case letters, digits, '-' and '.', with a letter or digit first and last",
    "label": "lower-case letters, digits and '-', with a letter or digit first and last",
    "segment": "no '/', no '%', and neither '.' nor '..'",
}
KEYS = {
    "prefix": "the part before '/' is no DNS name",
    "name": "the name is empty, over 63 characters, or has other characters than letters, digits, '-', '_' and '.'",
    "slashes": "there is more than one '/'",
}


def _syntax(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"value": values["value"], "limit": values["limit"], "syntax": SYNTAX[values["wanted"]]}


def _key(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"key": values["key"], "reason": KEYS[values["what"]]}


NAME_MISSING = structural(
    code=Code.NAME_MISSING,
    id="K8S040",
    why="Every object has a name, its own or one that the API server makes from generateName.",
    message="the object has no name",
    fix="Add metadata.name.",
    bad=ROUTE.replace("  name: digits\n", "  labels: {app: digits}\n", 1),
    source=META,
)

NAME_SYNTAX = structural(
    code=Code.NAME_SYNTAX,
    id="K8S041",
    why="Names become parts of host names and paths, so Kubernetes takes few characters.",
    message="Kubernetes refuses the name '{value}'",
    fix="Use {syntax}; at most {limit} characters.",
    bad=ROUTE.replace("  name: digits\n", "  name: Digits\n", 1),
    source=META,
    words=_syntax,
)

LABEL_KEY = structural(
    code=Code.LABEL_KEY,
    id="K8S042",
    why="Keys of labels have a name and may have a prefix that is a DNS name.",
    message="Kubernetes refuses the key '{key}': {reason}",
    fix="Write name or prefix/name, such as app.kubernetes.io/name.",
    bad=ROUTE.replace("  name: digits\n", "  name: digits\n  labels: {app/kind/x: digits}\n", 1),
    source=META,
    words=_key,
)

LABEL_VALUE = structural(
    code=Code.LABEL_VALUE,
    id="K8S043",
    why="Labels are for selecting, so their values are short and plain; free text belongs into an annotation.",
    message="Kubernetes refuses '{value}' as the value of the label {key}",
    fix="Use up to 63 letters, digits, '-', '_' and '.', with a letter or digit first and last; or use an annotation.",
    bad=ROUTE.replace("  name: digits\n", "  name: digits\n  labels: {owner: team models}\n", 1),
    source=META,
)

ANNOTATION_KEY = structural(
    code=Code.ANNOTATION_KEY,
    id="K8S044",
    why="Keys of annotations have a name and may have a prefix that is a DNS name.",
    message="Kubernetes refuses the key '{key}': {reason}",
    fix="Write name or prefix/name, such as serving.kserve.io/deploymentMode.",
    bad=ROUTE.replace("  name: digits\n", '  name: digits\n  annotations: {"release notes": x}\n', 1),
    source=META,
    words=_key,
)

ANNOTATIONS_TOO_LARGE = structural(
    code=Code.ANNOTATIONS_TOO_LARGE,
    id="K8S045",
    why="All annotations of an object together have at most 256 KiB; large content belongs into a ConfigMap.",
    message="the annotations have {length} bytes together; at most {bound} are allowed",
    fix="Move the largest out of the object.",
    bad=ROUTE.replace("  name: digits\n", f"  name: digits\n  annotations: {{notes: {'x' * 262145}}}\n", 1),
    source=META,
)

METADATA_VALUE = structural(
    code=Code.METADATA_VALUE,
    id="K8S046",
    why="Some fields of metadata are written by controllers; who writes them by hand has to keep their rules.",
    message="Kubernetes refuses the metadata: {reason}",
    fix="Remove the field, or mend it; an object copied from a cluster should lose what the cluster wrote.",
    bad=ROUTE.replace(
        "  name: digits\n", "  name: digits\n  ownerReferences: [{apiVersion: v1, kind: Pod, name: digits}]\n", 1
    ),
    source=META,
)

REPLICAS_RANGE = structural(
    code=Code.REPLICAS_RANGE,
    id="K8S047",
    why="The kind can be scaled, and the number that is scaled has bounds of its own, beside the schema's.",
    message="{value} replicas lie outside what can be scaled",
    fix="Write a number from 0 to 2147483647.",
    bad="""
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata:
  name: digits
spec:
  storageUri: s3://models/digits/1
  requirements: [sklearn]
  replicas: -1
""",
    good="""
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata:
  name: digits
spec:
  storageUri: s3://models/digits/1
  requirements: [sklearn]
  replicas: 1
""",
)
