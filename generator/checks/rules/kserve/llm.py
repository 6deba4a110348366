"""How KServe reads an LLMInferenceService: its two workloads, its router, its model.

The webhook of each version looks at objects of that version only (``matchPolicy: Exact`` since 0.17), so what v1alpha2
refuses v1alpha1 may take. Up to 0.18 nothing changes the object before it is judged; since 0.19 a mutating webhook
names the model, and what Go decodes comes back as Go writes it.

An LLMInferenceServiceConfig has the same spec. It is merged into a service by the controller, not by a webhook: what
the webhooks judge is each object alone, so a mistake that only the merged whole has is found when the service is
reconciled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.rules.kserve.spec import V0_21
from generator.checks.subject import mapping, reach
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

LLM_SERVICE = Kind("serving.kserve.io", "LLMInferenceService")

HUB = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha2/llm_inference_service_validation.go")
OLD = Source("kserve/kserve", "v0.16.0", "pkg/controller/v1alpha1/llmisvc/validation/llminferenceservice_validator.go")

GOOD = """
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata:
  name: chat
spec:
  model: {uri: hf://example/chat-7b, name: chat-7b}
  replicas: 1
"""


class Workload(NamedTuple):
    """The pods that decode, or those that prefill, and where they stand."""

    path: Path
    spec: Mapping[str, Any]


def with_spec(text: str, *, version: str = "v1alpha2") -> str:
    """The example service with more in its spec."""
    return GOOD.replace("v1alpha2", version) + text


def is_hub(subject: Subject) -> bool:
    """Whether the object is of v1alpha2, whose webhook knows more."""
    return subject.document.api_version.endswith("/v1alpha2")


def is_held_to_hub(subject: Subject) -> bool:
    """Whether the webhook looks at adapters and devices: since 0.21 that of v1alpha1 does as well."""
    return is_hub(subject) or (subject.release is not None and subject.release >= V0_21)


def workloads(subject: Subject) -> Iterator[Workload]:
    """The workload that decodes, which is the spec itself, and that which prefills, if there is one."""
    yield Workload(("spec",), mapping(subject.data, "spec"))
    prefill = reach(subject.data, "spec", "prefill")
    if isinstance(prefill, dict):
        yield Workload(("spec", "prefill"), prefill)


def there(holder: Mapping[str, Any], field: str) -> bool:
    """Whether a field is set to an object: null is nothing."""
    return isinstance(holder.get(field), dict)
