"""A runtime that is named and can't serve the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.runtimes import RUNTIMES, formats
from generator.checks.rules.kserve.runtimes_shipped import shipped
from generator.checks.rules.kserve.spec import MODELMESH, mode, model, predictors
from generator.checks.subject import mapping, may_be_in, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from generator.checks.rules.kserve.spec import Container
    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {runtime: kserve-sklearnserver, modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


def named(subject: Subject) -> Iterator[tuple[Container, str]]:
    """The models that name their runtime; ModelMesh has runtimes of its own."""
    if mode(subject) != MODELMESH:
        for component in predictors(subject):
            served = model(component)
            name = text(served.spec, "runtime") if served else None
            if served and name:
                yield served, name


def given(subject: Subject, name: str) -> list[Document]:
    """The runtimes of the set that a service can mean by a name."""
    found = subject.index.derive(runtimes).get(name, ())
    return [one for one in found if may_be_in((one.namespace,), subject.document.namespace)]


def runtimes(index: Index) -> Mapping[str, tuple[Document, ...]]:
    """The runtimes of the set, by name."""
    found: dict[str, tuple[Document, ...]] = {}
    for one in (one for kind in RUNTIMES for one in index.by_kind.get(kind, ())):
        found[one.name] = (*found.get(one.name, ()), one)
    return found


@rule(
    id="KSV125",
    name="runtime-that-does-not-fit",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"runtime"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the runtime {name} {problem}",
    fix="Name a runtime that fits, or none: KServe then chooses one.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/components/predictor.go"),
    bad=GOOD.replace("{name: sklearn}", "{name: xgboost}"),
    good=GOOD,
)
def runtime_that_does_not_fit(subject: Subject) -> Iterator[Hit]:
    """Naming a runtime switches the choice off, not the test: the service stays unready with NoSupportingRuntime.

    Others than those that KServe ships are judged by the given files; of several that can be meant, one has to fit.
    """
    for served, name in named(subject):
        problems = [_problem(one, served) for one in given(subject, name)]
        if not problems or name in shipped(subject.release):
            problems.append(_problem_of_shipped(subject, name, served))
        if all(problems):
            yield Hit((*served.path, "runtime"), {"name": name, "problem": problems[0]})


def _problem(runtime: Document, served: Container) -> str:
    """Why a runtime of the set can't serve a model; empty where it can."""
    if mapping(runtime.data, "spec").get("disabled") is True:
        return "is disabled"
    spoken = [str(one) for one in sequence(runtime.data, "spec", "protocolVersions")]
    taken = {(one.name, one.version) for one in formats(runtime.data)}
    return _mismatch(served, text(served.spec, "protocolVersion"), spoken, taken)


def _problem_of_shipped(subject: Subject, name: str, served: Container) -> str:
    """The same for a runtime of KServe's own; empty for one that isn't known."""
    runtime = shipped(subject.release).get(name)
    if runtime is None:
        return ""
    return _mismatch(served, text(served.spec, "protocolVersion"), runtime.protocols, runtime.formats)


def _mismatch(
    served: Container, protocol: str | None, spoken: Sequence[str], taken: Collection[tuple[str, str | None]]
) -> str:
    """Why a runtime with these protocols and formats can't serve a model; empty where it can."""
    if protocol and spoken and protocol not in spoken:
        return f"speaks {', '.join(spoken)}, not {protocol}"
    form, version = text(served.spec, "modelFormat", "name"), text(served.spec, "modelFormat", "version")
    if form and form not in {name for name, _ in taken}:
        return f"doesn't take the format {form}"
    if form and version and (form, version) not in taken:
        return f"doesn't take version {version} of the format {form}"
    return ""
