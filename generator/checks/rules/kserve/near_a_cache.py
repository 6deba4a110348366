"""Addresses that miss a cache of the set by a letter."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.llm import LLM_SERVICE
from generator.checks.rules.kserve.local_model import GOOD as CACHE
from generator.checks.rules.kserve.local_model import GROUP, MODEL_CACHE, NAMESPACE_CACHE, URI
from generator.checks.rules.kserve.spec import PREFIX, addresses, annotations_of
from generator.checks.subject import may_be_in, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Path

MATCH = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha1/storage_uri_utils.go")
OFF, GROUP_OF = f"{PREFIX}disable-localmodel", f"{PREFIX}nodegroup"
MOST_PAIRS = 65_536
"""Pairs of addresses whose comparison is kept."""
_SAME = "nothing"
_LONG = 4
"""Letters from which on a word with one letter too many or too few is the same word with a slip."""

_SEPARATORS = re.compile(r"[-_. ]+")
_NUMBERS = re.compile(r"[0-9]+")
SERVICE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: chat
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: huggingface}, storageUri: 'hf://example/chat-7b'}
"""


def matches(cached: str, uri: str) -> bool:
    """Whether KServe takes a cache for an address: it is the cache's own, or lies below it."""
    cached, uri = cached.removesuffix("/"), uri.removesuffix("/")
    return uri == cached or uri.startswith(f"{cached}/")


def near(cached: str, uri: str) -> str | None:
    """How an address differs from a cache's that it may have meant; None where it is another one altogether.

    Numbers are never a slip: models come in sizes and versions.
    """
    if uri.startswith(f"{cached}:") or cached.startswith(f"{uri}:"):
        return "its revision"
    if cached.casefold() == uri.casefold():
        return "the case of a letter"
    if _NUMBERS.findall(cached) != _NUMBERS.findall(uri):
        return None
    if _SEPARATORS.sub("-", cached).casefold() == _SEPARATORS.sub("-", uri).casefold():
        return "a hyphen, dot or underscore"
    return "a letter" if _slip(cached, uri) else None


def _slip(one: str, other: str) -> bool:
    """Whether a letter is too many, too few, or in its neighbour's place, in a word that is long enough."""
    short, long = sorted((one, other), key=len)
    start = next((at for at in range(len(short)) if short[at] != long[at]), len(short))
    word = re.split(r"[^A-Za-z]", long[:start])[-1] + re.split(r"[^A-Za-z]", long[start:])[0]
    if len(word) < _LONG:
        return False
    if len(long) == len(short) + 1:
        return short[start:] == long[start + 1 :]
    swapped = long[:start] + long[start : start + 2][::-1] + long[start + 2 :]
    return len(long) == len(short) and swapped == short


@rule(
    id="KSV549",
    name="address-beside-a-cache",
    product="kserve",
    kinds=(INFERENCE_SERVICE, LLM_SERVICE),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the address isn't sourceModelUri of the {kind} {name}, {cached}, by {what}: the cache isn't used",
    fix="Write the same address in both places; a service finds its cache by that alone.",
    source=MATCH,
    bad=SERVICE.replace("chat-7b", "Chat-7b") + "---" + CACHE + "---" + GROUP,
    good=SERVICE + "---" + CACHE + "---" + GROUP,
)
def address_beside_a_cache(subject: Subject) -> Iterator[Hit]:
    """Each pod fetches the model anew, which is what the cache was made against, and nobody is told.

    KServe compares the texts from their beginning; an address below the cached one fits as well.
    """
    if OFF in annotations_of(subject):
        return
    found = subject.index.derive(_in_reach)(subject.document.namespace)
    if not found:
        return
    compared = subject.index.derive(_compared)
    for path, uri in _addresses(subject):
        if any(compared(one.uri, uri) == _SAME for one in found):
            continue
        for one in found:
            what = compared(one.uri, uri) if one.uri and filled(one.uri) else None
            if what:
                yield Hit(path, {"kind": one.kind, "name": one.name, "cached": one.uri, "what": what})
                break


class _Cache(NamedTuple):
    """A cache of the set, and the address that it is made for."""

    kind: str
    name: str
    namespace: str
    uri: str


def _in_reach(index: Index) -> Callable[[str], Sequence[_Cache]]:
    """The caches that hold for a namespace, one for each address."""
    every = [
        _Cache(kind.kind, one.name, one.namespace if kind == NAMESPACE_CACHE else "", text(one.data, *URI) or "")
        for kind in (MODEL_CACHE, NAMESPACE_CACHE)
        for one in index.by_kind.get(kind, ())
    ]

    @cache
    def reach(namespace: str) -> Sequence[_Cache]:
        found: dict[str, _Cache] = {}
        for one in every:
            if may_be_in([one.namespace], namespace):
                found.setdefault(one.uri, one)
        return list(found.values())

    return reach


def _compared(index: Index) -> Callable[[str, str], str | None]:
    """Compares a cache's address with another; once for each pair, since many services read the same."""
    del index

    @lru_cache(maxsize=MOST_PAIRS)
    def compare(cached: str, uri: str) -> str | None:
        return _SAME if matches(cached, uri) else near(cached, uri)

    return compare


def _addresses(subject: Subject) -> Iterator[tuple[Path, str]]:
    if subject.document.kind == LLM_SERVICE.kind:
        uri = text(subject.data, "spec", "model", "uri")
        if uri and filled(uri):
            yield ("spec", "model", "uri"), uri
        return
    yield from ((one.path, one.uri) for one in addresses(subject) if not one.listed)


@rule(
    id="KSV563",
    name="node-group-without-the-cache",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({GROUP_OF}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the {kind} {name} holds the model on {groups}, not on the node group {group}: the cache isn't used",
    fix="Name one of the cache's node groups, or add this one to the cache.",
    source=MATCH,
    bad=SERVICE.replace("Mode: Standard", f"Mode: Standard, {GROUP_OF}: cpus") + "---" + CACHE + "---" + GROUP,
    good=SERVICE.replace("Mode: Standard", f"Mode: Standard, {GROUP_OF}: gpus") + "---" + CACHE + "---" + GROUP,
)
def node_group_without_the_cache(subject: Subject) -> Iterator[Hit]:
    """Address and node group have to fit both; where the group doesn't, the pods fetch the model anew."""
    group = annotations_of(subject).get(GROUP_OF)
    if not isinstance(group, str) or OFF in annotations_of(subject):
        return
    uris = [uri for _, uri in _addresses(subject)]
    fitting = [
        (kind.kind, one.name, [str(name) for name in sequence(one.data, "spec", "nodeGroups")])
        for kind in (MODEL_CACHE, NAMESPACE_CACHE)
        for one in subject.index.by_kind.get(kind, ())
        if (kind == MODEL_CACHE or may_be_in([one.namespace], subject.document.namespace))
        and any(matches(text(one.data, *URI) or "\n", uri) for uri in uris)
    ]
    if fitting and not any(group in groups for _, _, groups in fitting):
        kind, name, groups = fitting[0]
        values = {"kind": kind, "name": name, "groups": " and ".join(groups) or "no group", "group": group}
        yield Hit(("metadata", "annotations", GROUP_OF), values)
