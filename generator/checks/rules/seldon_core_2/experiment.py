"""Experiments: candidates, weights, mirror and default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import EXPERIMENT, GOOD_MODEL, source
from generator.checks.subject import integer, mapping, reach, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path

VALIDATION = source("scheduler/pkg/store/experiment/validate.go")
ROUTES = source("scheduler/pkg/envoy/xdscache/resource.go")
KINDS = ("model", "pipeline")

EXPERIMENT_YAML = """---
apiVersion: mlops.seldon.io/v1alpha1
kind: Experiment
metadata: {name: digits-split}
spec:
  default: digits
  candidates:
    - {name: digits, weight: 90}
    - {name: digits-next, weight: 10}
"""
NEXT = GOOD_MODEL.replace("name: digits", "name: digits-next").replace("digits/1", "digits/2")
SET = f"{GOOD_MODEL}---{NEXT}{EXPERIMENT_YAML}"
"""Two Models and the Experiment that splits between them."""
MIRRORED = f"{GOOD_MODEL}---{NEXT}" + EXPERIMENT_YAML.replace(
    "    - {name: digits-next, weight: 10}\n", "  mirror: {name: digits-next, percent: 100}\n"
)


def candidates(data: Mapping[str, object]) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """The candidates of an Experiment and where they stand."""
    for number, entry in enumerate(sequence(data, "spec", "candidates")):
        if isinstance(entry, dict):
            yield ("spec", "candidates", number), entry


@rule(
    id="SC2130",
    name="default-is-no-candidate",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"default"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the default '{default}' is none of the candidates ({names}): the scheduler refuses the Experiment",
    fix="Name one of the candidates (the mirror is none), or add a candidate '{default}'.",
    source=VALIDATION,
    bad=SET.replace("default: digits", "default: digit"),
    good=SET,
)
def default_is_no_candidate(subject: Subject) -> Iterator[Hit]:
    """The default's own endpoint is what gets split, so it has to take part.

    The refusal shows as a stray condition ModelReady=False, while Ready keeps its old value.
    """
    default = text(subject.data, "spec", "default")
    names = [text(entry, "name") or "" for _, entry in candidates(subject.data)]
    if default and default not in names and isinstance(reach(subject.data, "spec", "candidates"), list):
        yield hit("spec", "default", default=default, names=", ".join(names) or "there are none")


@rule(
    id="SC2131",
    name="experiment-of-nothing",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="an Experiment needs a candidate or a mirror",
    fix="Add candidates with names and weights.",
    source=VALIDATION,
    bad="""
apiVersion: mlops.seldon.io/v1alpha1
kind: Experiment
metadata: {name: digits-split}
spec: {candidates: []}
""",
    good=SET,
)
def experiment_of_nothing(subject: Subject) -> Iterator[Hit]:
    """The schema takes an empty list, the scheduler refuses it."""
    spec = mapping(subject.data, "spec")
    if spec.get("candidates") == [] and not isinstance(spec.get("mirror"), dict):
        yield hit("spec", "candidates", on_key=True)


@rule(
    id="SC2132",
    name="candidate-repeated",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"candidates"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{name}' takes part twice: the scheduler refuses the Experiment",
    fix="Name each candidate once, and the mirror besides; two versions of a model are two Models.",
    source=VALIDATION,
    bad=MIRRORED.replace("mirror: {name: digits-next", "mirror: {name: digits"),
    good=MIRRORED,
)
def candidate_repeated(subject: Subject) -> Iterator[Hit]:
    """The mirror counts as well: a model can't get a copy of its own traffic."""
    places = [((*path, "name"), text(entry, "name")) for path, entry in candidates(subject.data)]
    places.append((("spec", "mirror", "name"), text(subject.data, "spec", "mirror", "name")))
    seen: set[str] = set()
    for path, name in places:
        if name and name in seen:
            yield Hit(path, {"name": name})
        seen.add(name or "")


@rule(
    id="SC2133",
    name="weights-of-zero",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"weight"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the weights sum to 0: nobody would get a request",
    fix="Give at least one candidate a weight above 0.",
    source=ROUTES,
    bad=SET.replace("weight: 90", "weight: 0").replace("weight: 10", "weight: 0"),
    good=SET,
)
def weights_of_zero(subject: Subject) -> Iterator[Hit]:
    """The weights go to Envoy unchecked, which refuses such a route.

    A refused update leaves the shared route table, and so all models, in their old state.
    """
    weights = [integer(entry, "weight") for _, entry in candidates(subject.data)]
    if weights and all(weight == 0 for weight in weights):
        yield hit("spec", "candidates", on_key=True)


@rule(
    id="SC2205",
    name="weights-not-100",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"weight"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the weights sum to {total}; they are relative, so {name} gets {share} %",
    fix="Let them sum to 100, so that they read as percent.",
    source=ROUTES,
    bad=SET.replace("weight: 90", "weight: 100"),
    good=SET,
)
def weights_not_100(subject: Subject) -> Iterator[Hit]:
    """Seldon divides each weight by the sum; whoever reads 50 may believe in 50 %."""
    found = list(candidates(subject.data))
    weights = [integer(entry, "weight") or 0 for _, entry in found]
    total = sum(weights)
    if total not in (0, 100) and min(weights) >= 0 and len(set(weights)) > 1:
        path, entry = found[0]
        values = {
            "total": total,
            "name": text(entry, "name") or "the first",
            "share": f"{100 * weights[0] / total:.3g}",
        }
        yield Hit((*path, "weight"), values)


@rule(
    id="SC2134",
    name="mirror-percent-out-of-range",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"mirror"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a mirror of {percent} %: it takes 1 to 100",
    fix="Write a percentage from 1 to 100, or remove the mirror.",
    source=ROUTES,
    bad=MIRRORED.replace("percent: 100", "percent: 0"),
    good=MIRRORED,
)
def mirror_percent_out_of_range(subject: Subject) -> Iterator[Hit]:
    """Nothing checks it: above 100 counts as 100; 0 copies nothing and is a weight of zero in a route of the mirror."""
    percent = integer(subject.data, "spec", "mirror", "percent")
    if percent is not None and (percent == 0 or percent > 100):  # noqa: PLR2004 (percent)
        yield hit("spec", "mirror", "percent", percent=percent)


@rule(
    id="SC2135",
    name="unknown-resource-type",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"resourceType"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="resourceType '{value}' is taken for model: only 'pipeline', in small letters, means pipelines",
    fix="Write model or pipeline.",
    source=source("operator/apis/mlops/v1alpha1/experiment_types.go"),
    bad=SET.replace("  default:", "  resourceType: Pipeline\n  default:"),
    good=SET.replace("  default:", "  resourceType: model\n  default:"),
)
def unknown_resource_type(subject: Subject) -> Iterator[Hit]:
    """The field is free text; an Experiment on pipelines becomes one on models that don't exist."""
    value = text(subject.data, "spec", "resourceType")
    if value and value not in KINDS:
        yield hit("spec", "resourceType", value=value)


@rule(
    id="SC2136",
    name="default-of-two-experiments",
    product="seldon-core-2",
    kinds=(EXPERIMENT,),
    when=frozenset({"default"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{default}' is the default of the Experiment {other} as well: the scheduler refuses the second one",
    fix="Remove one of the two Experiments, or its default; it is then called by the header seldon-model.",
    source=source("scheduler/pkg/store/experiment/store.go"),
    bad=f"{SET}{EXPERIMENT_YAML.replace('digits-split', 'digits-trial')}",
    good=f"{SET}{EXPERIMENT_YAML.replace('digits-split', 'digits-trial').replace('  default: digits' + chr(10), '')}",
)
def default_of_two_experiments(subject: Subject) -> Iterator[Hit]:
    """A model's endpoint can be split by one Experiment only.

    Other files of a repository may be for another day or cluster, so only those that name the same namespace count.
    """
    document, kind = subject.document, kind_of_candidates(subject.data)
    default = text(subject.data, "spec", "default")
    for other in subject.index.derive(defaults).get((default or "", kind), ()) if default else ():
        if other is document:
            return
        same = other.file == document.file or bool(document.namespace)
        if other.name != document.name and same and other.namespace == document.namespace:
            yield hit("spec", "default", default=default, other=other.name)
            return


def kind_of_candidates(data: object) -> str:
    """What an Experiment splits between: ``model`` or ``pipeline``."""
    return "pipeline" if text(data, "spec", "resourceType") == "pipeline" else "model"


def defaults(index: Index) -> Mapping[tuple[str, str], list[Document]]:
    """The Experiments of the set by their default and its kind, in the order of the files."""
    found: dict[tuple[str, str], list[Document]] = {}
    for one in index.by_kind.get(EXPERIMENT, ()):
        found.setdefault((text(one.data, "spec", "default") or "", kind_of_candidates(one.data)), []).append(one)
    return found
