"""Which ServingRuntime KServe takes for a model.

kserve/kserve v0.20.0: pkg/controller/v1beta1/inferenceservice/components/predictor.go, ``reconcileModel``, and
pkg/apis/serving/v1beta1/predictor_model.go, ``GetSupportingRuntimes``; the same since v0.15.2.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.outcome.facts import facts
from generator.outcome.given import derived
from generator.outcome.kserve.placeholders import braced
from generator.outcome.part import Brought, Origin, Part, value_of
from generator.schemas.kinds import CLUSTER_SERVING_RUNTIME, SERVING_RUNTIME
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.outcome.given import Given
    from generator.outcome.part import Tree


SERVER_TYPE = "serving.kserve.io/server-type"
PROTOCOLS = ("v1", "v2", "grpc-v1", "grpc-v2")
"""From the one that is preferred to the one that isn't."""
MLSERVER, TRITON, TORCHSERVE = "mlserver", "tritonserver", "torchserve"
TENSORFLOW, HUGGINGFACE, VLLM = "tensorflow-serving", "huggingfaceserver", "vllmserver"
_TYPES: Mapping[str, str] = {
    "kserve-mlserver": MLSERVER,
    "kserve-tritonserver": TRITON,
    "kserve-torchserve": TORCHSERVE,
    "kserve-tensorflow-serving": TENSORFLOW,
    "kserve-huggingfaceserver": HUGGINGFACE,
    "kserve-vllmserver": VLLM,
}
"""What a runtime is by its name, where no annotation says it (constants.go, ``GetServerTypeFromRuntimeName``)."""

_ANNOTATED = Version(0, 17)


@dataclass(frozen=True, eq=False)
class Runtime:
    """A ServingRuntime or ClusterServingRuntime.

    Attributes:
        name: Its name.
        spec: Its spec.
        annotations: Of its own metadata, not of its pods'.
        namespace: Where it is; None for one of the cluster.
    """

    name: str
    spec: Part
    annotations: Mapping[str, Any]
    namespace: str | None = None

    @functools.cached_property
    def automatic(self) -> frozenset[str]:
        """The formats for which it may be chosen, each with and without its version; see ``_format``."""
        return frozenset(self._formats(automatic=True))

    @functools.cached_property
    def formats(self) -> frozenset[str]:
        """The formats that it takes where it is named."""
        return frozenset(self._formats(automatic=False))

    def _formats(self, *, automatic: bool) -> Iterator[str]:
        for entry in self.spec.each("supportedModelFormats"):
            if not automatic or value_of(entry.get("autoSelect")) is True:
                name, version = entry.text("name"), entry.get("version")
                yield name
                if version is not None:
                    yield f"{name}:{version.value}"

    @functools.cached_property
    def priorities(self) -> Mapping[str, int]:
        """By format, whatever its version; the first entry of a format counts, and says none where it has none."""
        found: dict[str, int | None] = {}
        for entry in self.spec.each("supportedModelFormats"):
            value = value_of(entry.get("priority"))
            found.setdefault(entry.text("name"), value if isinstance(value, int) else None)
        return {name: value for name, value in found.items() if value is not None}

    @functools.cached_property
    def protocols(self) -> tuple[str, ...]:
        """The protocols that it names; none stands for all."""
        return tuple(one.value for one in self.spec.each("protocolVersions") if isinstance(one.value, str))

    @functools.cached_property
    def rank(self) -> int:
        """The place of its best protocol in ``PROTOCOLS``; behind all where it names none that is known."""
        return min((PROTOCOLS.index(one) if one in PROTOCOLS else len(PROTOCOLS) for one in self.protocols), default=4)

    @functools.cached_property
    def several_nodes(self) -> bool:
        """Whether it runs on several nodes."""
        return self.spec.get("workerSpec") is not None

    @functools.cached_property
    def single_model(self) -> bool:
        """Whether it serves one model, as KServe itself asks for."""
        return value_of(self.spec.get("multiModel")) is not True

    @functools.cached_property
    def disabled(self) -> bool:
        """Whether it is kept from being used."""
        return value_of(self.spec.get("disabled")) is True

    @functools.cached_property
    def containers(self) -> tuple[Part, ...]:
        """The containers of its pods."""
        return tuple(self.spec.each("containers"))

    @functools.cached_property
    def _braced(self) -> tuple[bool, ...]:
        return tuple(map(braced, self.containers))

    def braced(self, place: int) -> bool:
        """Whether the container at a place has placeholders."""
        return self._braced[place]

    def speaks(self, protocol: str) -> bool:
        """Whether it takes a protocol; an empty one is any."""
        return not protocol or not self.protocols or protocol in self.protocols

    def server(self, release: Version) -> str:
        """What kind of server it is, which some defaults depend on; empty where that isn't known.

        Up to 0.16 the name alone tells, from 0.17 the annotation where there is one.
        """
        found = self.annotations.get(SERVER_TYPE) if release >= _ANNOTATED else None
        return found if isinstance(found, str) and found else self.kind_by_name

    @property
    def kind_by_name(self) -> str:
        """The same by its name alone."""
        return _TYPES.get(self.name, "")


class Choice(NamedTuple):
    """What came out of looking for a runtime.

    Attributes:
        runtime: The runtime; None where there is none.
        words: Why there is none: a sentence without its full stop.
        refused: Whether KServe makes nothing for that reason, rather than that the runtime isn't known here.
    """

    runtime: Runtime | None
    words: str = ""
    refused: bool = False


class Known(NamedTuple):
    """The runtimes that there are.

    Attributes:
        namespaced: ServingRuntimes of the set.
        cluster: ClusterServingRuntimes by name: those of the release, and those of the set, which take their places.
        ordered: The latter in the order in which KServe lists them: by protocol, then the newest, then by name. What
            the set brings is newer than what the release brought.
    """

    namespaced: Sequence[Runtime]
    cluster: Mapping[str, Runtime]
    ordered: Sequence[Runtime]


def chosen(model: Mapping[str, Tree], namespace: str, known: Known, *, several_nodes: bool) -> Choice:
    """The runtime for a model.

    Args:
        model: The fields of ``predictor.model``.
        namespace: The InferenceService's; empty where it is open.
        known: The runtimes.
        several_nodes: Whether the predictor has a workerSpec.
    """
    name = value_of(model.get("runtime"))
    protocol = value_of(model.get("protocolVersion"))
    form = _format(model.get("modelFormat"))
    if name is not None:
        return _named(str(name), namespace, known, form, protocol)
    found = automatic(form, namespace, known, protocol if isinstance(protocol, str) else "v1", several_nodes)
    if found:
        return Choice(found[0])
    return Choice(None, f"no runtime that is known takes the format {form} by itself and speaks {protocol or 'v1'}")


def _named(name: str, namespace: str, known: Known, form: str, protocol: object) -> Choice:
    found = next((one for one in _here(known, namespace) if one.name == name), None) or known.cluster.get(name)
    if found is None:
        return Choice(None, f"the runtime {name} stands neither in the set nor in the release")
    if found.disabled:
        return Choice(None, f"KServe makes nothing: the runtime {name} is disabled", refused=True)
    if isinstance(protocol, str) and not found.speaks(protocol):
        return Choice(None, f"KServe makes nothing: the runtime {name} doesn't speak {protocol}", refused=True)
    if form not in found.formats:
        return Choice(None, f"KServe makes nothing: the runtime {name} doesn't take the format {form}", refused=True)
    return Choice(found)


def automatic(form: str, namespace: str, known: Known, protocol: str, several_nodes: bool) -> list[Runtime]:  # noqa: FBT001
    """The runtimes that may be chosen for a format, the one that KServe takes first.

    Those of the namespace come before those of the cluster, each by their priority for the format, the highest first
    and none last, and then by protocol, age and name.

    Args:
        form: ``sklearn`` or ``sklearn:1``.
        namespace: The InferenceService's; empty where it is open.
        known: The runtimes.
        protocol: What the model is asked by.
        several_nodes: Whether the predictor has a workerSpec.
    """
    name = form.partition(":")[0]
    found: list[Runtime] = []
    for runtimes in (_here(known, namespace), known.ordered):
        fit = [
            one
            for one in runtimes
            if form in one.automatic
            and one.several_nodes is several_nodes
            and one.single_model
            and not one.disabled
            and one.speaks(protocol)
        ]
        if len(fit) > 1:
            fit.sort(key=lambda one: (name not in one.priorities, -one.priorities.get(name, 0)))
        found += fit
    return found


def _here(known: Known, namespace: str) -> Sequence[Runtime]:
    if not known.namespaced:
        return ()
    return [one for one in known.namespaced if not namespace or not one.namespace or one.namespace == namespace]


def _format(tree: Tree) -> str:
    """A format as the runtimes list them: its name, and its version where it has one."""
    fields = value_of(tree) if tree.__class__ is not dict else tree
    if not isinstance(fields, dict):
        return ""
    name, version = value_of(fields.get("name")), value_of(fields.get("version"))
    return f"{name or ''}" if version is None else f"{name or ''}:{version}"


def known(given: Given, release: Version) -> Known:
    """The runtimes of a set and of a release."""
    if SERVING_RUNTIME not in given and CLUSTER_SERVING_RUNTIME not in given:
        return shipped(release)
    return derived(given, _known, release)


def _known(given: Given, release: Version) -> Known:
    brought = shipped(release).cluster
    own = {one.name: of(Part.of(one)) for one in given.get(CLUSTER_SERVING_RUNTIME, ())}
    others = [one for name, one in brought.items() if name not in own]
    ordered = [*sorted(own.values(), key=_place), *sorted(others, key=_place)]
    namespaced = [of(Part.of(one), one.namespace) for one in given.get(SERVING_RUNTIME, ())]
    return Known(sorted(namespaced, key=_place), {**brought, **own}, sorted(ordered, key=lambda one: one.rank))


def _place(runtime: Runtime) -> tuple[int, str]:
    return runtime.rank, runtime.name


@functools.cache
def shipped(release: Version) -> Known:
    """The runtimes that a release ships."""
    found = facts("kserve", release)
    words = f"KServe {release.major}.{release.minor}"
    every = {
        name: of(Part(data, Origin(Brought(f"the runtime {name} of {words}"))))
        for name, data in found.part("runtimes").items()
    }
    return Known((), every, sorted(every.values(), key=_place))


def of(root: Part, namespace: str | None = None) -> Runtime:
    """A runtime out of its object."""
    annotations = root.get("metadata", "annotations")
    said = annotations.value if annotations is not None and isinstance(annotations.value, dict) else {}
    spec = root.get("spec") or Part({}, root.origin.below("spec"))
    return Runtime(root.text("metadata", "name"), spec, said, namespace)
