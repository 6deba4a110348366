"""LLMInferenceServices: the model's address, its adapters and its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.go_url import problem
from generator.checks.rules.kserve.llm import GOOD, HUB, LLM_SERVICE, is_held_to_hub, is_hub
from generator.checks.rules.kserve.spec import V0_16, V0_19, V0_20
from generator.checks.rules.kserve.storage import RESOURCE_ID
from generator.checks.subject import mapping, reach, sequence, text
from generator.schemas.kinds import LLM_CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

MODEL = ("spec", "model")
LORA = (*MODEL, "lora")
ADAPTERS = (*LORA, "adapters")
TYPES = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha2/llm_inference_service_types.go")
SMALLEST, LARGEST = -(2**31), 2**31 - 1
ADAPTER = "{name: legal, uri: hf://example/legal}"


def _adapters(*adapters: str) -> str:
    return GOOD.replace("name: chat-7b}", f"name: chat-7b, lora: {{adapters: [{', '.join(adapters)}]}}}}")


def _models(model: object, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """A model and all adapters below it: in Go an adapter is a model, which may have adapters."""
    if isinstance(model, dict):
        yield path, model
        for number, adapter in enumerate(sequence(model, "lora", "adapters")):
            yield from _models(adapter, (*path, "lora", "adapters", number))


@rule(
    id="KSV412",
    name="llm-adapter-without-name",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"adapters"}),
    since=V0_19,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the adapter has no name",
    fix="Add name: requests ask for the adapter by it.",
    source=HUB,
    bad=_adapters("{uri: hf://example/legal}"),
    good=_adapters(ADAPTER),
)
def llm_adapter_without_name(subject: Subject) -> Iterator[Hit]:
    """An OpenAI request names the adapter in `model`; without a name none reaches it. v1alpha1 doesn't look."""
    for path, name in _named(subject):
        if not name:
            yield Hit(path)


def _named(subject: Subject) -> Iterator[tuple[Path, str | None]]:
    """Place and name of each adapter, for the version whose webhook looks at them."""
    if is_held_to_hub(subject):
        for number, item in enumerate(sequence(subject.data, *ADAPTERS)):
            adapter = {} if item is None else item  # as Go decodes null
            if isinstance(adapter, dict) and (reach(adapter, "name") is None or text(adapter, "name") is not None):
                yield (*ADAPTERS, number), text(adapter, "name")


@rule(
    id="KSV413",
    name="llm-adapter-name-taken",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"adapters"}),
    since=V0_19,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the adapter's name '{name}' is that of {other}",
    fix="Give each adapter a name of its own.",
    source=HUB,
    bad=_adapters(ADAPTER, "{name: legal, uri: hf://example/legal-2}"),
    good=_adapters(ADAPTER, "{name: legal-2, uri: hf://example/legal-2}"),
)
def llm_adapter_name_taken(subject: Subject) -> Iterator[Hit]:
    """Requests tell model and adapters apart by their names alone. A model without a name has the service's."""
    base = text(subject.data, *MODEL, "name") or text(subject.data, "metadata", "name")
    seen: set[str] = set()
    for path, name in _named(subject):
        if not name or name in (".", ".."):
            continue
        if name == base or name in seen:
            yield Hit((*path, "name"), {"name": name, "other": "another adapter" if name in seen else "the model"})
        seen.add(name)


@rule(
    id="KSV414",
    name="llm-adapter-name-climbs",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"adapters"}),
    since=V0_19,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="an adapter can't be named '{name}': it becomes the name of a folder",
    fix="Write a name, such as legal.",
    source=HUB,
    bad=_adapters("{name: .., uri: hf://example/legal}"),
    good=_adapters(ADAPTER),
)
def llm_adapter_name_climbs(subject: Subject) -> Iterator[Hit]:
    """The adapter would be fetched into the folder above its own."""
    for path, name in _named(subject):
        if name in (".", ".."):
            yield Hit((*path, "name"), {"name": name})


@rule(
    id="KSV415",
    name="llm-adapters-undecodable",
    product="kserve",
    kinds=(LLM_SERVICE, LLM_CONFIG),
    when=frozenset({"adapters"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe's webhook can't decode this: it takes {wanted}",
    fix="Write a list of adapters, each with name and uri.",
    source=TYPES,
    bad=GOOD.replace("name: chat-7b}", "name: chat-7b, lora: {adapters: [hf://example/legal]}}"),
    good=_adapters(ADAPTER),
)
def llm_adapters_undecodable(subject: Subject) -> Iterator[Hit]:
    """The CRD says nothing of what adapters are, since they are models again; the webhook decodes them all the same."""
    yield from (Hit(path, {"wanted": wanted}) for path, wanted in _undecodable(mapping(subject.data, *MODEL), MODEL))


_FIELDS: Mapping[str, type] = {"name": str, "uri": str, "lora": dict, "criticality": str, "confidential": dict}
_WORDS: Mapping[type, str] = {str: "a text", dict: "an object", int: "a whole number of 32 bits", bool: "true or false"}


def _undecodable(model: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """What Go can't decode in the adapters of a model, on which no schema has a word."""
    adapters = reach(model, "lora", "adapters")
    if adapters is not None and not isinstance(adapters, list):
        yield (*path, "lora", "adapters"), "a list"
    for number, adapter in enumerate(sequence(adapters)):
        place = (*path, "lora", "adapters", number)
        if isinstance(adapter, dict):
            yield from _wrong(adapter, place)
            yield from _undecodable(adapter, place)
        elif adapter is not None:
            yield place, "an object"


def _wrong(adapter: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    fields: list[tuple[Path, Mapping[str, Any], Mapping[str, type]]] = [(path, adapter, _FIELDS)]
    if isinstance(adapter.get("lora"), dict):
        numbers = dict.fromkeys(("maxRank", "maxAdapters", "maxCpuAdapters"), int)
        fields.append(((*path, "lora"), adapter["lora"], numbers))
    if isinstance(adapter.get("confidential"), dict):
        fields.append(((*path, "confidential"), adapter["confidential"], {"enabled": bool, "resourceId": str}))
    for place, holder, types in fields:
        for name, wanted in types.items():
            value = holder.get(name)
            fits = type(value) is wanted and (not isinstance(value, int) or SMALLEST <= value <= LARGEST)
            if value is not None and not fits:
                yield (*place, name), _WORDS[wanted]


@rule(
    id="KSV416",
    name="llm-model-uri-unreadable",
    product="kserve",
    kinds=(LLM_SERVICE, LLM_CONFIG),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe's webhook can't read the address '{uri}': {problem}",
    fix="Write an address such as hf://organisation/model, s3://bucket/path or pvc://claim/path.",
    source=TYPES,
    bad=GOOD.replace("hf://example/chat-7b", '"hf://example chat/7b"'),
    good=GOOD,
)
def llm_model_uri_unreadable(subject: Subject) -> Iterator[Hit]:
    """For the schema any text will do; in Go the field is a URL, and a text that is none can't be decoded."""
    for path, model in _models(reach(subject.data, *MODEL), MODEL):
        uri = text(model, "uri")
        wrong = problem(uri) if uri else None
        if wrong:
            yield Hit((*path, "uri"), {"uri": uri, "problem": wrong})


@rule(
    id="KSV417",
    name="llm-confidential-resource-id-malformed",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"confidential"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the resourceId '{value}' names no key of a key broker",
    fix="Write kbs:///<repository>/<type>/<tag>, for example kbs:///default/model-key/chat.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/validation/confidential.go"),
    bad=GOOD.replace("name: chat-7b", "name: chat-7b, confidential: {enabled: true, resourceId: chat}"),
    good=GOOD.replace(
        "name: chat-7b", 'name: chat-7b, confidential: {enabled: true, resourceId: "kbs:///default/model-key/chat"}'
    ),
)
def llm_confidential_resource_id_malformed(subject: Subject) -> Iterator[Hit]:
    """Three slashes and three parts: the key broker has no other way to name a key."""
    confidential = mapping(subject.data, *MODEL, "confidential")
    value = text(confidential, "resourceId")
    if is_hub(subject) and confidential.get("enabled") is True and value and not RESOURCE_ID.fullmatch(value):
        yield hit(*MODEL, "confidential", "resourceId", value=value)
