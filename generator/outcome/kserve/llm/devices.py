"""The devices that annotations ask for, one claim for every pod (``serving.kserve.io/exp-dra-…``), from 0.20 on.

kserve/kserve v0.20.0, pkg/controller/v1alpha2/llmisvc/managed_dra.go and pkg/apis/serving/v1alpha2 (``ManagedDRA…``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve.llm.trees import Fields, fields, items, put
from generator.outcome.kserve.values import derived, words
from generator.outcome.part import value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Part, Tree

COUNT = "serving.kserve.io/exp-dra-device-count"
"""The annotation that says how many."""
SUFFIX, CLAIM = "-managed-dra", "managed-device"
_SINCE = Version(0, 20)
_DIGITS = 18
"""How long a number may be, so that Go has it."""
_CLASS, _SELECTOR, _CONTAINER = (
    f"serving.kserve.io/exp-dra-{name}" for name in ("device-class", "cel-selector", "container-name")
)


def _said(root: Part, name: str) -> Part | None:
    return root.get("metadata", "annotations", name)


def asked(root: Part, release: Version) -> bool:
    """Whether devices are asked for."""
    return release >= _SINCE and _said(root, _CLASS) is not None


def refusal(root: Part, release: Version) -> str:
    """Why the controller stops at the devices; empty where it doesn't."""
    text = words(_said(root, COUNT)).strip()
    if not asked(root, release) or not text or _count(text):
        return ""
    return f"KServe makes nothing: the number of devices '{text}' is none"


def _count(text: str) -> int:
    digits = text.removeprefix("+")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS else 0


def made(service: Combined) -> Iterator[Tree]:
    """The template of the claims."""
    root = service.root
    if not asked(root, service.release):
        return
    device, count, selector = (_said(root, name) for name in (_CLASS, COUNT, _SELECTOR))
    number = _count(words(count).strip())
    lines = [line.strip() for line in words(selector).split("\n")]
    selectors = [{"cel": {"expression": derived(selector, line)}} for line in lines if line]
    exactly = {
        "deviceClassName": derived(device, words(device).strip()),
        "count": derived(count, number) if number > 1 else None,
        "selectors": selectors or None,
    }
    yield {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": service.child(SUFFIX), "namespace": service.namespace},
        "spec": {"spec": {"devices": {"requests": [{"name": "device", "exactly": exactly}]}}},
    }


def claimed(spec: Fields, root: Part, release: Version, template: str) -> Fields:
    """A service's spec whose pods claim the devices.

    Args:
        spec: The spec with the configs under it.
        root: The LLMInferenceService.
        release: KServe's.
        template: The name of the claims' template.
    """
    if not asked(root, release):
        return spec
    found = spec
    for path in (("template",), ("worker",), ("prefill", "template"), ("prefill", "worker")):
        pod = fields(found, *path)
        if pod:
            found = put(found, _claiming(pod, words(_said(root, _CONTAINER)).strip(), template), *path)
    return found


def _claiming(pod: Fields, wanted: str, template: str) -> Fields:
    pod["resourceClaims"] = _with_claim(
        items(pod, "resourceClaims"), {"name": CLAIM, "resourceClaimTemplateName": template}
    )
    containers: list[Tree] = items(pod, "containers")
    for number, one in enumerate(containers):
        container = fields(one)
        if not wanted or value_of(container.get("name")) == wanted:
            claims = _with_claim(items(container, "resources", "claims"), {"name": CLAIM})
            containers[number] = put(container, claims, "resources", "claims")
            pod["containers"] = containers
            break
    return pod


def _with_claim(claims: list[Tree], claim: dict[str, Tree]) -> list[Tree]:
    return claims if any(value_of(fields(one).get("name")) == CLAIM for one in claims) else [*claims, claim]
