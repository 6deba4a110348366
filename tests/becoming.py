"""What becomes of documents, for tests of outcomes: through the platform's webhook and its controller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.children import Become, outcome_of
from generator.checks.defaulting import defaulter
from generator.checks.subject import Index, kind_of
from generator.outcome import Origin, Part, maker
from generator.reading.documents import Document, read
from generator.schemas import resolve
from generator.schemas.versions import parse_version

if TYPE_CHECKING:
    from generator.outcome import Child

KSERVE = ("0.15", "0.16", "0.17", "0.18", "0.19", "0.20", "0.21")
"""The releases of KServe whose outcomes are known."""


def become(text: str, release: str = "0.20", product: str = "kserve") -> Become:
    """What becomes of the first document of a text, the others being the set that it stands in."""
    every = [one for one in read(text, "set.yaml") if isinstance(one, Document)]
    return outcome_of(Index.of(every), every[0], resolve(f"{product}@{release}"))


def children(text: str, release: str = "0.20", product: str = "kserve") -> dict[tuple[str, str], Child]:
    """The children of the first document by kind and name."""
    return {(one.kind.kind, one.name): one for one in become(text, release, product).outcome.children}


def words(text: str, release: str = "0.20") -> list[str]:
    """What isn't known of the first document's outcome, and where."""
    return [f"{'.'.join(map(str, gap.path))}: {gap.words}" for gap in become(text, release).outcome.gaps]


def container(child: Child, name: str = "kserve-container") -> dict[str, Any]:
    """A container of a Deployment or a pod."""
    spec = child.data["spec"]
    listed = spec.get("template", {}).get("spec", spec)["containers"]
    (found,) = [one for one in listed if one["name"] == name]
    return dict(found)


def variables(container: dict[str, Any]) -> dict[str, Any]:
    """The environment of a container, in its order."""
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container.get("env", ())}


def pods(text: str, release: str = "0.20", product: str = "kserve") -> tuple[Child, ...]:
    """The pods of the first document as the platform's pod webhook leaves them."""
    every = [one for one in read(text, "set.yaml") if isinstance(one, Document)]
    kind, version = kind_of(every[0]), parse_version(release)
    webhook, made = defaulter(product, kind), maker(product, kind)
    assert made is not None
    assert made.pods is not None
    data = webhook.change(every[0].data, version).data if webhook else every[0].data
    return made.pods(Part(data, Origin(every[0])), Index.of(every).by_kind, version)
