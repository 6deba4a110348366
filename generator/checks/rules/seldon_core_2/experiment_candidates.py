"""What the candidates of an Experiment lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_2.experiment import EXPERIMENT_YAML, KINDS, SET, candidates, kind_of_candidates
from generator.checks.rules.seldon_core_2.spec import EXPERIMENT, models, newer, pipelines, source
from generator.checks.subject import may_be_in, reach, text
from generator.checks.together import together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path


@rule(
    id="SC2206",
    name="candidate-not-in-the-set",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"candidates", "mirror"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no {kind} {name} in the given files: until that is there, the Experiment isn't ready",
    fix="Check the files together with it, or mend the name.",
    source=source("scheduler/pkg/envoy/processor/incremental.go"),
    bad=EXPERIMENT_YAML.removeprefix("---"),
    good=SET,
)
def candidate_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """If any candidate has no live replica, all traffic goes to the default, or the route answers 404."""
    yield from together(_missing(subject))


def _missing(subject: Subject) -> Iterator[Hit]:
    kind = kind_of_candidates(subject.data)
    there = subject.index.derive(pipelines if kind == "pipeline" else models)
    places: list[Path] = [(*path, "name") for path, _ in candidates(subject.data)]
    for path in [*places, ("spec", "mirror", "name")]:
        name = reach(subject.data, *path)
        if isinstance(name, str) and name:
            namespaces = [one.namespace for one in there.get(name, ())]
            if not may_be_in(namespaces, subject.document.namespace):
                yield Hit(path, {"kind": kind.capitalize(), "name": name})


@rule(
    id="SC2137",
    name="candidates-of-the-other-kind",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"candidates"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{name}' is a {found} in the given files, and this Experiment splits between {kind}s",
    fix="Set resourceType: {right}.",
    source=newer("operator/apis/mlops/v1alpha1/experiment_types.go"),
    bad=SET.replace("  default:", "  resourceType: pipeline\n  default:"),
    good=SET,
)
def candidates_of_the_otherkind_of_candidates(subject: Subject) -> Iterator[Hit]:
    """Without resourceType: pipeline the names are those of Models."""
    kind = kind_of_candidates(subject.data)
    mine, others = (models, pipelines) if kind == "model" else (pipelines, models)
    written = text(subject.data, "spec", "resourceType")
    if written and written not in KINDS:
        return
    for path, entry in candidates(subject.data):
        name = text(entry, "name") or ""
        if name in subject.index.derive(others) and name not in subject.index.derive(mine):
            right = KINDS[kind == "model"]
            values = {"name": name, "found": right.capitalize(), "kind": kind.capitalize(), "right": right}
            yield Hit((*path, "name"), values)
            return
