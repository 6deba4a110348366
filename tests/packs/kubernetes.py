"""The packs of Kubernetes itself, from the OpenAPI specification of each release (Apache-2.0).

Only what decoding knows is kept: names and Go types of fields. What the specification calls required, or an enum, the
API server's own code decides otherwise now and then; that is for rules. The newest release is kept whole; each older one
refers to its sub-schemas and adds what differs.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from generator.schemas import pack as packs
from generator.schemas.importer import Interner
from generator.schemas.model import Kind

RELEASES = ("1.30.14", "1.31.14", "1.32.13", "1.33.13", "1.34.4", "1.35.4", "1.36.3", "1.37.2")
"""The newest patch of each minor that the Go module proxy has; in order."""

GROUPS = frozenset(
    (
        *("", "apps", "autoscaling", "batch", "policy", "admissionregistration.k8s.io", "coordination.k8s.io"),
        *("discovery.k8s.io", "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "scheduling.k8s.io"),
        "storage.k8s.io",
    )
)
"""The API groups of which every kind is kept."""

_MACHINERY = "io.k8s.apimachinery.pkg."
_FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
OWN_FORMS: dict[str, dict[str, Any]] = {
    f"{_MACHINERY}api.resource.Quantity": {"type": "string", "format": "quantity"},
    f"{_MACHINERY}util.intstr.IntOrString": {"format": "int-or-string", "x-kubernetes-int-or-string": True},
    f"{_MACHINERY}apis.meta.v1.MicroTime": {"type": "string", "format": "date-time-micro"},
    f"{_MACHINERY}apis.meta.v1.FieldsV1": _FREE,
    f"{_MACHINERY}runtime.RawExtension": _FREE,
}
"""Types that read their JSON by code of their own."""


def module(release: str) -> Path:
    """The folder of the sources of a release, fetched through the Go toolchain where they aren't there yet.

    Raises:
        subprocess.CalledProcessError: They can't be had.
    """
    done = subprocess.run(
        ["go", "mod", "download", "-json", f"k8s.io/kubernetes@v{release}"], capture_output=True, text=True, check=True
    )
    return Path(json.loads(done.stdout)["Dir"])


def served(version: str) -> bool:
    """Whether an API server serves a version without being told; of these groups it serves no alpha and no beta."""
    return "alpha" not in version and "beta" not in version


def _schema(node: dict[str, Any], definitions: dict[str, Any], made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A schema with its references in place, without what decoding doesn't know."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name not in made:
            made[name] = OWN_FORMS.get(name) or _schema(definitions[name], definitions, made)
        return made[name]
    result: dict[str, Any] = {key: node[key] for key in ("type", "format") if key in node}
    if "properties" in node:
        result["properties"] = {
            name: _schema(child, definitions, made) for name, child in sorted(node["properties"].items())
        }
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            result[key] = _schema(node[key], definitions, made)
    return result


def _operations(paths: dict[str, Any]) -> dict[tuple[str, str, str], tuple[str, bool, bool]]:
    """What objects are created by: group, version and kind to plural name, whether namespaced, whether with a status."""
    found: dict[tuple[str, str, str], tuple[str, bool, bool]] = {}
    for path, operations in paths.items():
        named = operations.get("post", {}).get("x-kubernetes-group-version-kind")
        plural = path.rpartition("/")[2]
        if named and "{name}" not in path:
            key = named["group"], named["version"], named["kind"]
            found[key] = plural, "{namespace}" in path, f"{path}/{{name}}/status" in paths
    return found


def kinds_of(specification: dict[str, Any], interner: Interner) -> list[Kind]:
    """The kinds of a release, sorted; their schemas land in the interner."""
    definitions = specification["definitions"]
    operations = _operations(specification["paths"])
    made: dict[str, dict[str, Any]] = {}
    found = []
    for schema in definitions.values():
        for named in schema.get("x-kubernetes-group-version-kind", ()):
            key = group, version, kind = named["group"], named["version"], named["kind"]
            if group in GROUPS and served(version) and key in operations:
                plural, namespaced, status = operations[key]
                root = interner.add(_schema(schema, definitions, made))
                found.append(Kind(group, version, kind, plural, namespaced, True, False, status, None, root))
    return sorted(found)


def release_packs() -> dict[tuple[str, str], bytes]:
    """Every pack of Kubernetes, by product and release."""
    specifications = {
        release: json.loads((module(release) / "api" / "openapi-spec" / "swagger.json").read_text())
        for release in RELEASES
    }
    newest = RELEASES[-1]
    base = Interner()
    result = {("kubernetes", newest): packs.write(kinds_of(specifications[newest], base), base.nodes)}
    for release in RELEASES[:-1]:
        interner = base.copy()
        kinds = kinds_of(specifications[release], interner)
        own = interner.nodes[len(base.nodes) :]
        result["kubernetes", release] = packs.write(kinds, own, base=newest)
    return result
