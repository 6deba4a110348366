"""Where the model of an LLMInferenceService and its adapters come from: its controller reads fewer schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.address_without_scheme import mended
from generator.checks.rules.kserve.go_url import problem
from generator.checks.rules.kserve.llm import GOOD, LLM_SERVICE
from generator.checks.rules.kserve.llm_whole import whole
from generator.checks.rules.kserve.spec import V0_16, V0_19, V0_20, V0_21
from generator.checks.subject import mapping, reach, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject

STORAGE = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha2/llmisvc/workload_storage.go")
ADAPTERS = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha2/llmisvc/workload_lora.go")
MODEL = ("spec", "model")
OF_MODELS = ("hf", "s3", "oci", "pvc")
OF_ADAPTERS = ("hf", "s3", "pvc")
LATER_ONES = ((V0_20, ("oci+native",)), (V0_21, ("oci+fetch", "modelscope")))
"""What releases added, or may have added: 0.21 reads the last two for InferenceServices, and its tag wasn't read."""


def _unread(uri: str, schemes: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with an address and what to write; None where one of the schemes fits, or nobody can know.

    The scheme ends at `://`, as the controller cuts it; what Go can't parse as a URL is refused before.
    """
    if not filled(uri) or problem(uri):
        return None
    scheme, separator, _ = uri.partition("://")
    known = " and ".join((", ".join(f"{one}://" for one in schemes[:-1]), f"{schemes[-1]}://"))
    if not separator:
        return f"'{uri}' has no scheme", mended(uri)
    return None if scheme in schemes else (f"of {scheme}:// it knows nothing, only of {known}", f"one of {known}")


def downloads(spec: Mapping[str, Any]) -> bool:
    """Whether an init container fetches the model; else the server does."""
    return reach(spec, "storageInitializer", "enabled") is not False


@rule(
    id="KSV505",
    name="llm-address-unread",
    product="kserve",
    kinds=(LLM_SERVICE,),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="an LLMInferenceService makes no pod of this address: {problem}",
    fix="Write {right}; no ClusterStorageContainer is asked here.",
    source=STORAGE,
    bad=GOOD.replace("hf://example/chat-7b", "gs://models/chat-7b"),
    good=GOOD,
)
def llm_address_unread(subject: Subject) -> Iterator[Hit]:
    """Its controller has a list of its own and asks no ClusterStorageContainer, unlike that of InferenceServices.

    The service stays unready with "unsupported schema in model URI" or "invalid model URI". Without the storage
    initializer any scheme will do, since the server fetches the model itself.
    """
    uri, spec = text(subject.data, *MODEL, "uri"), whole(subject)
    if not uri or spec is None:
        return
    added = (names for since, names in LATER_ONES if subject.release is None or subject.release >= since)
    wrong = _unread(uri, (*OF_MODELS, *(name for names in added for name in names)))
    if wrong and (downloads(spec) or "://" not in uri):
        yield hit(*MODEL, "uri", problem=wrong[0], right=wrong[1])


@rule(
    id="KSV506",
    name="llm-adapter-address-unread",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"adapters"}),
    since=V0_19,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe attaches no adapter from this address, and makes no pod: {problem}",
    fix="Write {right}.",
    source=ADAPTERS,
    bad=GOOD.replace(
        "name: chat-7b}", "name: chat-7b, lora: {adapters: [{name: legal, uri: oci://registry.example.com/legal:1}]}}"
    ),
    good=GOOD.replace("name: chat-7b}", "name: chat-7b, lora: {adapters: [{name: legal, uri: hf://example/legal}]}}"),
)
def llm_adapter_address_unread(subject: Subject) -> Iterator[Hit]:
    """Images are left out on purpose: they need a sidecar each. And without the storage initializer nothing is fetched.

    The whole service stops at it, not the adapter alone.
    """
    spec = whole(subject)
    if spec is None:
        return
    for number, adapter in enumerate(sequence(subject.data, *MODEL, "lora", "adapters")):
        uri = text(adapter, "uri")
        wrong = _unread(uri, OF_ADAPTERS) if uri else None
        if uri and not wrong and filled(uri) and not downloads(spec):
            wrong = "storageInitializer.enabled is false", "the address with the storage initializer enabled"
        if wrong:
            yield hit(*MODEL, "lora", "adapters", number, "uri", problem=wrong[0], right=wrong[1])


@rule(
    id="KSV507",
    name="llm-without-model",
    product="kserve",
    kinds=(LLM_SERVICE,),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the service has no model.uri, neither by itself nor by its baseRefs, so KServe makes no pod",
    fix="Add model: {{uri: hf://…}}, or name a config that has one in baseRefs.",
    source=STORAGE,
    bad=GOOD.replace("  model: {uri: hf://example/chat-7b, name: chat-7b}\n", "  model: {name: chat-7b}\n"),
    good=GOOD,
)
def llm_without_model(subject: Subject) -> Iterator[Hit]:
    """What the schema requires the webhook's decoding fills in, empty; the controller then finds no scheme in it.

    A config that isn't in the given files may bring the model, so then nothing is said.
    """
    spec = whole(subject)
    if spec is not None and not text(spec, "model", "uri"):
        there = isinstance(mapping(subject.data, "spec").get("model"), dict)
        yield Hit(MODEL if there else ("spec",), on_key=True)
