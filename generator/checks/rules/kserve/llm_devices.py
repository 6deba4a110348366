"""LLMInferenceServices: the annotations by which KServe claims devices (dynamic resource allocation)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.llm import GOOD, HUB, LLM_SERVICE, is_held_to_hub
from generator.checks.rules.kserve.spec import PREFIX, V0_20
from generator.checks.subject import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject

CLASS, COUNT, SELECTOR, CONTAINER = (
    f"{PREFIX}exp-dra-{name}" for name in ("device-class", "device-count", "cel-selector", "container-name")
)
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
NUMBER = re.compile(r"[+-]?[0-9]+")
BLANK = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go's strings.TrimSpace takes away."""


def _annotated(**annotations: str) -> str:
    written = ", ".join(f'{PREFIX}exp-dra-{name.replace("_", "-")}: "{value}"' for name, value in annotations.items())
    return GOOD.replace("name: chat\n", f"name: chat\n  annotations: {{{written}}}\n")


def _annotations(subject: Subject) -> Mapping[str, str]:
    """The annotations on devices, for the version whose webhook looks at them."""
    found = mapping(subject.data, "metadata", "annotations") if is_held_to_hub(subject) else {}
    return {name: found[name] for name in (CLASS, COUNT, SELECTOR, CONTAINER) if isinstance(found.get(name), str)}


@rule(
    id="KSV430",
    name="llm-devices-without-class",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({COUNT, SELECTOR, CONTAINER}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the annotation {name} says something of devices, and none says of which class",
    fix=f"Add the annotation {CLASS}, such as gpu.nvidia.com.",
    source=HUB,
    bad=_annotated(device_count="2"),
    good=_annotated(device_class="gpu.nvidia.com", device_count="2"),
)
def llm_devices_without_class(subject: Subject) -> Iterator[Hit]:
    """The class alone switches the claim on; the others only say more of it."""
    found = _annotations(subject)
    if found and CLASS not in found:
        name = next(iter(found))
        yield hit("metadata", "annotations", name, on_key=True, name=name)


@rule(
    id="KSV431",
    name="llm-devices-malformed",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({CLASS, COUNT, SELECTOR, CONTAINER}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="'{value}' is no {what}",
    fix="Write {wanted}.",
    source=HUB,
    bad=_annotated(device_class="gpu.nvidia.com", device_count="none"),
    good=_annotated(device_class="gpu.nvidia.com", device_count="2"),
)
def llm_devices_malformed(subject: Subject) -> Iterator[Hit]:
    """An annotation is a text, so no schema looks; KServe does, before anything is claimed."""
    for name, value in _annotations(subject).items():
        what, wanted = _WRONG[name](value.strip(BLANK))
        if what:
            yield hit("metadata", "annotations", name, value=value, what=what, wanted=wanted)


def _class(value: str) -> tuple[str, str]:
    return ("", "") if SUBDOMAIN.fullmatch(value) else ("name of a device class", "a name such as gpu.nvidia.com")


def _count(value: str) -> tuple[str, str]:
    large = bool(NUMBER.fullmatch(value)) and 1 <= int(value) < 2**63
    return ("", "") if not value or large else ("number of devices", "a number from 1")


def _selector(value: str) -> tuple[str, str]:
    return ("", "") if value else ("selector", "one CEL expression a line, or remove the annotation")


def _container(value: str) -> tuple[str, str]:
    return ("", "") if LABEL.fullmatch(value) else ("name of a container", "a container's name, such as main")


_WRONG = {CLASS: _class, COUNT: _count, SELECTOR: _selector, CONTAINER: _container}
