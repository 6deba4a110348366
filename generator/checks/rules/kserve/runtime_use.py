"""Runtimes that the webhook takes and no InferenceService can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.runtimes import GOOD, RUNTIMES, containers, several_models, spec_of
from generator.checks.rules.kserve.spec import MAIN_CONTAINER
from generator.checks.subject import sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="KSV380",
    name="runtime-without-kserve-container",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"containers"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the runtime has no container named kserve-container, so no InferenceService can use it",
    fix="Name the server's container kserve-container.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/components/predictor.go"),
    bad=GOOD.replace("name: kserve-container", "name: server"),
    good=GOOD,
)
def runtime_without_kserve_container(subject: Subject) -> Iterator[Hit]:
    """The controller merges the service's model into the container of that name, and gives up where there is none.

    Runtimes of ModelMesh (multiModel: true) go another way.
    """
    spec = spec_of(subject) or {}
    found = [container.get("name") for _, container in containers(spec, "containers")]
    if found and MAIN_CONTAINER not in found and not several_models(subject.data):
        yield hit("spec", "containers", on_key=True)


@rule(
    id="KSV381",
    name="runtime-without-formats",
    product="kserve",
    kinds=RUNTIMES,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the runtime takes no format, so no model can use it",
    fix="List under supportedModelFormats what it serves.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/predictor_model.go"),
    bad="""
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata:
  name: digits-server
spec:
  containers:
    - name: kserve-container
      image: registry.example.com/digits-server:1
""",
    good=GOOD,
)
def runtime_without_formats(subject: Subject) -> Iterator[Hit]:
    """A model that names the runtime is still compared with its list of formats, and an empty list has none."""
    if spec_of(subject) is not None and not sequence(subject.data, "spec", "supportedModelFormats"):
        yield hit("spec", on_key=True)
