"""LLMInferenceServiceConfigs: parts of services, which services name in baseRefs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.go_template import problem
from generator.checks.rules.kserve.llm import GOOD as SERVICE
from generator.checks.rules.kserve.llm import LLM_SERVICE
from generator.checks.rules.kserve.spec import V0_16, V0_20
from generator.checks.subject import may_be_in, sequence, text
from generator.schemas.kinds import LLM_CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

VALIDATION = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha2/llm_inference_service_config_validation.go")
MERGE = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha2/llmisvc/config_merge.go")
SHIPPED = "kserve-config-llm-"
"""How the names of the configs begin that KServe ships; since 0.17 a release's may follow."""

GOOD = """
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceServiceConfig
metadata:
  name: chat-pods
spec:
  template:
    containers:
      - name: main
        image: vllm/vllm-openai:v0.11.0
        args: ["--served-model-name", "{{ ChildName .ObjectMeta.Name `-llm` }}"]
"""


@rule(
    id="KSV440",
    name="llm-config-of-configs",
    product="kserve",
    kinds=(LLM_CONFIG,),
    when=frozenset({"baseRefs"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a config can't be made of other configs",
    fix="Remove baseRefs, and name all configs in the service's baseRefs, the general ones first.",
    source=VALIDATION,
    bad=GOOD + "  baseRefs: [{name: others}]\n",
    good=GOOD,
)
def llm_config_of_configs(subject: Subject) -> Iterator[Hit]:
    """The field stands in the schema, since service and config share their spec."""
    if sequence(subject.data, "spec", "baseRefs"):
        yield hit("spec", "baseRefs", on_key=True)


@rule(
    id="KSV441",
    name="llm-config-template-broken",
    product="kserve",
    kinds=(LLM_CONFIG,),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe can't fill this template: {problem}",
    fix="Mend the template; KServe's own configs show what can be written.",
    source=MERGE,
    bad=GOOD.replace('"{{ ChildName .ObjectMeta.Name `-llm` }}"', "'{{ ChildName .ObjectMeta.Name \"-llm\" }}'"),
    good=GOOD,
)
def llm_config_template_broken(subject: Subject) -> Iterator[Hit]:
    """A config is a Go template, and the webhook fills it for a sample before it takes it.

    A config that was written for a newer release fails here on an older one: it calls functions that aren't there yet.
    """
    data = subject.document.data
    waiting: list[tuple[Path, Any]] = [((), data)] if _may_have_templates(data) else []
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            wrong = problem(value, subject.release or V0_20) if "{{" in value else None
            if wrong:
                yield Hit(path, {"problem": wrong})
        elif isinstance(value, (dict, list)):
            children = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [((*path, key), child) for key, child in children if key != "status"]


def _may_have_templates(data: object) -> bool:
    """Whether there is one anywhere, told without keeping track of places."""
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        for child in value.values() if value.__class__ is dict else value:
            if child.__class__ is str:
                if "{{" in child:
                    return True
            elif child.__class__ is dict or child.__class__ is list:
                waiting.append(child)
    return False


@rule(
    id="KSV442",
    name="llm-config-not-in-the-set",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"baseRefs"}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="the config {name} is neither KServe's own nor in the given files",
    fix="Check the files together with the LLMInferenceServiceConfig, or mend the name.",
    source=MERGE,
    bad=SERVICE + "  baseRefs: [{name: chat-pods}]\n",
    good=SERVICE + "  baseRefs: [{name: chat-pods}]\n---" + GOOD,
)
def llm_config_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The controller merges the configs when it makes the pods, so nobody refuses a name that leads nowhere.

    It looks in the service's namespace and in its own, so a config of another namespace may be meant.
    """
    there = subject.index.by_kind.get(LLM_CONFIG, ())
    for number, reference in enumerate(sequence(subject.data, "spec", "baseRefs")):
        name = text(reference, "name") or ""
        found = [one.namespace for one in there if one.name == name]
        near = may_be_in(found, subject.document.namespace) or "kserve" in found
        if not near and not name.startswith(SHIPPED):
            yield hit("spec", "baseRefs", number, name=name)
