"""On which Servers a Model can land: what it asks for, and what the Servers can do.

SeldonIO/seldon-core v2.10.2, scheduler/pkg/scheduler/filters: serverrequirements.go, explainer.go, serverreplicas.go.
Words are compared letter by letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.outcome.given import derived, within
from generator.outcome.part import Part
from generator.outcome.seldon_core_2.server import SERVER
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.given import Given
    from generator.reading.document import Document, Path

_MLSERVER = ("alibi-detect", "alibi-explain", "huggingface", "lightgbm", "mlflow", "sklearn", "spark-mlib", "xgboost")
_TRITON = ("dali", "fil", "onnx", "openvino", "pytorch", "tensorflow", "tensorrt")
CAPABILITIES: Mapping[str, frozenset[str]] = {
    "mlserver": frozenset(("mlserver", "python", *_MLSERVER)),
    "triton": frozenset(("triton", "python", *_TRITON)),
}
"""What the servers of the shipped chart can do (helm-charts/seldon-core-v2-setup/values.yaml)."""
EXPLAINER = "alibi-explain"
"""The capability that an explainer asks for besides."""
PARTIAL = Version(2, 9)
"""The first release that schedules a Model where there is room for its minReplicas."""


class Offer(NamedTuple):
    """What a Server can do.

    Attributes:
        name: The Server's name.
        namespace: Its namespace: a Model finds the Servers of its own alone.
        has: Its capabilities; None where they stand in a ServerConfig that isn't the chart's.
        most: Its replicas at most: a Model needs one of them for each of its own.
    """

    name: str
    namespace: str
    has: frozenset[str] | None
    most: int


def offer(server: Document) -> Offer:
    """What a Server can do. ``capabilities`` replaces the configuration's, ``extraCapabilities`` adds to them."""
    root = Part.of(server)
    own, more = (frozenset(_words(root, field)) for field in ("capabilities", "extraCapabilities"))
    base = CAPABILITIES.get(root.text("spec", "serverConfig"))
    counts = [_count(root, field) for field in ("replicas", "minReplicas", "maxReplicas")]
    return Offer(server.name, server.namespace, own or (None if base is None else base | more), max(counts) or 1)


def _offers(given: Given, namespace: str) -> Mapping[str, Offer]:
    """What the Servers that are, or may be, in a namespace can do, by name."""
    return {one.name: one for one in map(offer, within(given, SERVER, namespace))}


def _words(root: Part, field: str) -> Iterator[str]:
    return (one.value.strip() for one in root.each("spec", field) if isinstance(one.value, str))


def _count(root: Part, field: str) -> int:
    found = root.get("spec", field)
    return found.value if found and type(found.value) is int else 0


def requirements(root: Part) -> Iterator[tuple[Path, str]]:
    """What a Model asks of its server, trimmed as the scheduler does, with its place; ``modelType`` is one more."""
    for one in root.each("spec", "requirements"):
        if isinstance(one.value, str):
            yield one.origin.path, one.value.strip()
    kind = root.text("spec", "modelType")
    if kind:
        yield ("spec", "modelType"), kind.strip()


def landing(root: Part, given: Given, release: Version) -> str:
    """Where a Model can land, in words: a sentence without its full stop."""
    wanted = {word for _, word in requirements(root)}
    if root.get("spec", "explainer"):
        wanted.add(EXPLAINER)
    here = derived(given, _offers, root.text("metadata", "namespace"))
    named = root.text("spec", "server")
    every = {**{name: Offer(name, "", has, 1) for name, has in CAPABILITIES.items()}, **here}
    if named:
        if named not in every:
            return f"it waits for the Server '{named}', which stands neither in the set nor in the chart"
        every = {named: every[named]}
    able = {name: one for name, one in every.items() if one.has is None or wanted <= one.has}
    if not able:
        return f"it lands nowhere: no Server has all of {', '.join(sorted(wanted))}"
    # The chart's own Servers are scaled by whoever runs the cluster, so only those of the set are held to a number.
    count = _wanted(root, release)
    roomy = [name for name, one in able.items() if name not in here or one.most >= count]
    if not roomy:
        return f"it lands nowhere: it wants {count} replicas, and no Server that could load it has so many"
    sure = [_told(name, here) for name in roomy if able[name].has is not None]
    perhaps = [_told(name, here) for name in roomy if able[name].has is None]
    told = f"it lands on {' or '.join(sure)}" if sure else ""
    maybe = (
        f"on {' or '.join(perhaps)} where the ServerConfig has {', '.join(sorted(wanted)) or 'it'}" if perhaps else ""
    )
    return ", or ".join(filter(None, (told, maybe if told else f"it lands {maybe}" if maybe else "")))


def _wanted(root: Part, release: Version) -> int:
    """How many replicas a Server needs for a Model."""
    least, replicas = _count(root, "minReplicas"), root.get("spec", "replicas")
    if replicas is None or (least > 0 and release >= PARTIAL):
        return max(least, 1)
    return _count(root, "replicas")


def _told(name: str, here: Mapping[str, Offer]) -> str:
    return f"the Server {name}" if name in here else f"the chart's {name}"
