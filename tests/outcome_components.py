"""Components of KServe's services as the makers of the objects beside the pods take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from generator.outcome.child import Child
from generator.outcome.kserve import names
from generator.outcome.kserve.component import Component
from generator.outcome.kserve.config import settings
from generator.outcome.kserve.mode import STANDARD
from generator.outcome.part import Part, Tree, plain
from generator.reading.documents import Document
from generator.schemas.kinds import CONFIG_MAP
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.outcome.given import Given

V0_15, V0_16, V0_17, V0_18, V0_19, V0_20, V0_21 = RELEASES = tuple(Version(0, minor) for minor in range(15, 22))


def service(spec: str, **metadata: Any) -> Document:
    """An InferenceService ``churn`` in ``models``; its spec as YAML."""
    fields = {"name": "churn", "namespace": "models", **metadata}
    return Document({"metadata": fields, "spec": yaml.safe_load(spec)}, "isvc.yaml")


def config_map(**sections: str) -> Given:
    """A set with the controller's ConfigMap, which has some sections."""
    metadata = {"name": "inferenceservice-config", "namespace": "kserve"}
    return {CONFIG_MAP: [Document({"metadata": metadata, "data": sections}, "cm.yaml")]}


def components(
    document: Document, release: Version = V0_20, given: Given | None = None, mode: str = STANDARD
) -> list[Component]:
    """The components of a service, each with one container."""
    root = Part.of(document)
    roles = (names.PREDICTOR, names.TRANSFORMER, names.EXPLAINER)
    found = [(role, part, None) for role in roles if (part := root.get("spec", role))]
    found += [(names.PREDICTOR, canary.get("predictor"), canary) for canary in root.each("spec", "canary")]
    return [_component(root, release, given or {}, mode, *one) for one in found]


def _component(
    root: Part, release: Version, given: Given, mode: str, role: str, part: Part, canary: Part | None
) -> Component:
    name = names.component(root.text("metadata", "name"), role, part.text("name") if release >= V0_20 else "")
    labels = {**root.fields("metadata", "labels"), names.COMPONENT_LABEL: role}
    return Component(
        release=release,
        root=root,
        given=given,
        settings=settings(given, release),
        mode=mode,
        role=role,
        part=part,
        extension={"minReplicas": 1} if canary else part.fields(),
        name=name,
        labels={**labels, "app": names.app(name)} if mode == STANDARD else labels,
        annotations={**root.fields("metadata", "annotations"), **part.fields("annotations")},
        pod={"containers": [{"name": "kserve-container", "image": "x"}]},
        canary=canary,
    )


def with_ports(made: Iterable[Component], *ports: dict[str, Any]) -> dict[str, Tree]:
    """The Services of components, each with the same ports."""
    return {one.name: {"spec": {"ports": list(ports)}} for one in made}


def by_kind(trees: Iterable[Tree]) -> dict[str, Any]:
    """The objects that trees stand for, by kind; one of each kind."""
    return {one["kind"]: one for one in map(plain, trees)}


def origin(tree: Tree, *path: str | int) -> str:
    """Where what stands at a place of an object came from, in words."""
    return str(Child.of(tree, "KServe").origin(path))
