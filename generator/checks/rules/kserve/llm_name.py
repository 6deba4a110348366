"""Names of LLMInferenceServices that no Service can have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.llm import GOOD, LLM_SERVICE
from generator.checks.rules.kserve.spec import V0_16

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
"""What Kubernetes takes as the name of a Service (apimachinery, IsDNS1035Label)."""

ENDING = "-kserve-workload-svc"


@rule(
    id="KSV552",
    name="llm-name-that-no-service-can-have",
    product="kserve",
    kinds=(LLM_SERVICE,),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no Service can be named '{service}', as KServe wants it: {why}",
    fix="Rename it to {better}.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha2/llmisvc/workload.go"),
    bad=GOOD.replace("name: chat\n", "name: chat.v1\n"),
    good=GOOD,
)
def llm_name_that_no_service_can_have(subject: Subject) -> Iterator[Hit]:
    """The webhook of InferenceServices refuses such names; that of LLMInferenceServices doesn't look."""
    name = subject.document.name
    if name and not NAME.fullmatch(f"{name}{ENDING}"):
        why = "it has a dot" if "." in name else "it has to be of a-z, 0-9 and hyphens, a letter first"
        better = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
        better = better if better[:1].isalpha() else f"m-{better}"
        yield hit("metadata", "name", service=f"{name}{ENDING}", why=why, better=better)
