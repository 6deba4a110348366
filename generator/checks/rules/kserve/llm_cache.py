"""LLMInferenceServices: where a server puts the part of its cache that its GPU has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.llm import HUB, LLM_SERVICE, is_hub, there, with_spec, workloads
from generator.checks.rules.kserve.spec import V0_20
from generator.checks.subject import mapping, sequence, text
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

KEY = "kvCacheOffloading"
TIER = "{fileSystem: {emptyDir: {size: 100Gi}}}"


def _cache(cpu: str, tier: str) -> str:
    return with_spec(f"  kvCacheOffloading: {{cpu: {cpu}, secondary: [{tier}]}}\n")


def _caches(subject: Subject) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Place and content of each workload's cache, for the version that has one."""
    if is_hub(subject):
        for path, spec in workloads(subject):
            if there(spec, KEY):
                yield (*path, KEY), spec[KEY]


@rule(
    id="KSV425",
    name="llm-cache-tiers-without-memory",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({KEY}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the cache has tiers on disk and no memory before them",
    fix="Set cpu, such as 10Gi: disks are the second tier, never the first.",
    source=HUB,
    bad=_cache("0", TIER),
    good=_cache("10Gi", TIER),
)
def llm_cache_tiers_without_memory(subject: Subject) -> Iterator[Hit]:
    """A missing cpu comes back from the webhook as 0, so the schema's `required` never speaks here."""
    for path, cache in _caches(subject):
        if sequence(cache, "secondary") and _is_nothing(cache.get("cpu")):
            yield Hit((*path, "cpu") if "cpu" in cache else path)


def _is_nothing(amount: object) -> bool:
    """Whether a quantity is missing or zero; what is no quantity at all is another rule's."""
    try:
        return amount is None or quantity.value(str(amount)) == 0
    except ValueError:
        return False


@rule(
    id="KSV426",
    name="llm-cache-tier-not-exactly-one",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({KEY}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the tier {what}",
    fix="Write {wanted}.",
    source=HUB,
    bad=_cache("10Gi", "{fileSystem: {emptyDir: {size: 100Gi}, pvc: {ref: {name: cache}}}}"),
    good=_cache("10Gi", TIER),
)
def llm_cache_tier_not_exactly_one(subject: Subject) -> Iterator[Hit]:
    """A tier is one place: a scratch folder, a claim that KServe makes, or a claim that is there."""
    for path, cache in _caches(subject):
        for number, tier in enumerate(sequence(cache, "secondary")):
            yield from _tier(mapping(tier), (*path, "secondary", number))


def _tier(tier: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    disk = tier.get("fileSystem")
    if not isinstance(disk, dict):
        yield Hit(path, {"what": "has no fileSystem", "wanted": "fileSystem with emptyDir or pvc"})
        return
    places = ["emptyDir", "pvc"]
    found = [name for name in places if there(disk, name)]
    path = (*path, "fileSystem")
    if found == ["pvc"]:
        disk, places, path = disk["pvc"], ["spec", "ref"], (*path, "pvc")
        found = [name for name in places if there(disk, name)]
        if found == ["ref"] and not text(disk, "ref", "name"):
            yield Hit((*path, "ref"), {"what": "names no claim", "wanted": "the name of the claim"})
    if len(found) != 1:
        names = " and ".join(places)
        yield Hit(
            path, {"what": f"has {'both' if found else 'neither'} of {names}", "wanted": f"exactly one of {names}"}
        )
