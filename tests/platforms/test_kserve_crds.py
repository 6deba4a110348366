"""The golden files for KServe by another reading of the CRDs than ours: unknown fields refused, the rest plain JSON Schema."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from goldens import FOLDER

SHARED = Path(__file__).resolve().parents[3] / "shared"
PRODUCTS = {
    "serving.kserve.io": "kserve",
    "gateway.networking.k8s.io": "gateway-api",
    "networking.istio.io": "istio",
    "serving.knative.dev": "knative-serving",
    "external-secrets.io": "external-secrets",
}
KUBERNETES = ("ServiceAccount", "PodDisruptionBudget")
"""Kinds that no CRD describes."""
FILES = sorted((FOLDER / "kserve").glob("*.yaml"))

pytestmark = pytest.mark.skipif(
    not (SHARED / "crds").is_dir(), reason="the real CRDs lie beside the project only where it is developed"
)


def strict(schema: Any) -> Any:
    """A structural schema as JSON Schema that takes no unknown field."""
    if not isinstance(schema, dict):
        return schema
    left_out = ("default", "format", "nullable")
    made = {key: value for key, value in schema.items() if not key.startswith("x-") and key not in left_out}
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    if "properties" in made:
        made["properties"] = {name: strict(each) for name, each in made["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = strict(made[key])
    return made


def schema_of(document: dict[str, Any], comment: str) -> Any:
    """The schema of a document's kind in the release that its comment names."""
    group, version = document["apiVersion"].split("/")
    product = PRODUCTS[group]
    named = re.search(rf"\b({product}(?:-experimental)?)@([\d.]+)", comment)
    assert named, (product, comment)
    (folder,) = (SHARED / "crds" / named[1]).glob(f"{named[2]}.*")
    (file,) = (
        each
        for each in folder.glob("*.json")
        if each.name.split(".")[0] in plurals(document["kind"]) and group in each.name
    )
    return loaded(file, version)


@functools.cache
def loaded(file: Path, version: str) -> Any:
    """The schema of a version in a CRD."""
    crd = json.loads(file.read_text(encoding="utf-8"))
    (schema,) = (each["schema"]["openAPIV3Schema"] for each in crd["spec"]["versions"] if each["name"] == version)
    made = strict(schema)
    made["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {}}
    return made


def plurals(kind: str) -> tuple[str, str]:
    return f"{kind.lower()}s", f"{kind.lower()}es"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_real_crds_take_every_golden_document(file):
    text = file.read_text(encoding="utf-8")
    comment = text.splitlines()[0]
    for document in yaml.safe_load_all(text):
        if document["kind"] not in KUBERNETES:
            found = jsonschema.Draft7Validator(schema_of(document, comment)).iter_errors(document)
            assert [error.message for error in found] == []
