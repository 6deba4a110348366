"""What an InferenceService does otherwise after upgrades of KServe up to 0.20."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Meaning, Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import (
    AUTOSCALER,
    DEFAULTS,
    KNATIVE,
    MODE,
    NEW_NAMES,
    PREFIX,
    STANDARD,
    V0_16,
    V0_17,
    V0_18,
    V0_20,
    annotations_of,
    components,
    model,
    predictors,
)
from generator.checks.subject import integer, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

UTILS = Source("kserve/kserve", "v0.16.0", "pkg/controller/v1beta1/inferenceservice/utils/utils.go")
AUTO_UPDATE = f"{PREFIX}disable-auto-update"

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""
OLD = GOOD.replace("Standard", "RawDeployment")


@rule(
    id="KSV480",
    name="mode-begins-to-be-obeyed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="{mode} is no mode, and the cluster's default decides: Serverless in the ConfigMap that ships",
        after="a service made from then on runs in mode {mode}",
    ),
    message="the mode {mode} is obeyed since 0.16 and wasn't before",
    fix="Look at status.deploymentMode of the service that runs: where it differs, the next update is refused.",
    source=UTILS,
    bad=GOOD,
    good=OLD,
)
def mode_begins_to_be_obeyed(subject: Subject) -> Iterator[Hit]:
    """Up to 0.15 the modes are called RawDeployment and Serverless, and other words are ignored without a message."""
    found = text(subject.document.data, "metadata", "annotations", MODE)
    if found in (STANDARD, KNATIVE):
        yield hit("metadata", "annotations", MODE, mode=found)


@rule(
    id="KSV481",
    name="replicas-begin-to-be-someone-else-s",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({AUTOSCALER}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the Deployment gets minReplicas {replicas}",
        after="KServe leaves the number of the Deployment's pods to whoever scales it",
    ),
    message="with the autoscaler class external minReplicas no longer sets the pods since 0.16",
    fix="See that your autoscaler has its own minimum of {replicas}.",
    source=Source(
        "kserve/kserve",
        "v0.16.0",
        "pkg/controller/v1beta1/inferenceservice/reconcilers/deployment/deployment_reconciler.go",
    ),
    bad=OLD.replace("Deployment}", "Deployment, serving.kserve.io/autoscalerClass: external}").replace(
        "    model:", "    minReplicas: 3\n    model:"
    ),
    good=OLD.replace("    model:", "    minReplicas: 3\n    model:"),
)
def replicas_begin_to_be_someone_else_s(subject: Subject) -> Iterator[Hit]:
    """Before, every reconciliation set the number back to the minimum, against the autoscaler."""
    if annotations_of(subject).get(AUTOSCALER) != "external":
        return
    for component in components(subject):
        replicas = integer(component.spec, "minReplicas") or 1
        if replicas > 1:
            yield Hit((*component.path, "minReplicas"), {"replicas": replicas})


@rule(
    id="KSV482",
    name="service-begins-to-stand-still",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({AUTO_UPDATE}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the annotation is ignored", after="nothing that is changed reaches the pods while the service is ready"
    ),
    message="the annotation disable-auto-update is read since 0.16",
    fix="Remove it where changes are meant to arrive.",
    source=Source("kserve/kserve", "v0.16.0", "pkg/constants/constants.go"),
    bad=OLD.replace("Deployment}", 'Deployment, serving.kserve.io/disable-auto-update: "true"}'),
    good=OLD,
)
def service_begins_to_stand_still(subject: Subject) -> Iterator[Hit]:
    """It's made for upgrades of KServe that shouldn't restart every model at once."""
    if annotations_of(subject).get(AUTO_UPDATE) == "true":
        yield hit("metadata", "annotations", AUTO_UPDATE)


@rule(
    id="KSV483",
    name="mode-name-begins-to-be-rewritten",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    since=V0_17,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the annotation is stored as it's written",
        after="the webhook stores {new}, so that Argo CD, Flux and diffs show a change that nobody made",
    ),
    message="since 0.17 the mode {old} comes back from the cluster as {new}",
    fix="Write {new}, once no cluster before 0.16 gets the manifest.",
    source=DEFAULTS,
    bad=OLD,
    good=GOOD,
)
def mode_name_begins_to_be_rewritten(subject: Subject) -> Iterator[Hit]:
    """A service that was made before 0.16 has the old name in its status: see KSV460."""
    found = text(subject.document.data, "metadata", "annotations", MODE)
    if found in NEW_NAMES:
        yield hit("metadata", "annotations", MODE, old=found, new=NEW_NAMES[found])


@rule(
    id="KSV484",
    name="mlserver-becomes-1-7",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat", "mlflow"}),
    since=V0_18,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="KServe's MLServer is 1.5.0", after="it's 1.7.1, with other libraries to load the model with"
    ),
    message="the model is served by kserve-mlserver, whose version changes with 0.18",
    fix="Try the model on MLServer 1.7.1, or pin runtimeVersion: 1.5.0 for the time being.",
    source=Source("kserve/kserve", "v0.18.1", "config/runtimes/kustomization.yaml"),
    bad=GOOD.replace("{name: sklearn}", "{name: sklearn}, protocolVersion: v2, runtime: kserve-mlserver"),
    good=GOOD,
)
def mlserver_becomes_1_7(subject: Subject) -> Iterator[Hit]:
    """So it is with the manifests of KServe; its Helm chart of the runtimes stays with 1.5.0."""
    for component in predictors(subject):
        served = model(component)
        if served is None or served.spec.get("runtimeVersion") is not None:
            continue
        form = text(served.spec, "modelFormat", "name")
        named = text(served.spec, "runtime")
        if named == "kserve-mlserver" or (named is None and form == "mlflow"):
            yield Hit((*served.path, "modelFormat"), on_key=True)


@rule(
    id="KSV485",
    name="vllm-begins-to-speak-v2",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat"}),
    since=V0_20,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the model asks for protocol v1, and for a runtime of your own",
        after="the webhook asks for v2, and KServe's own kserve-vllmserver may be chosen",
    ),
    message="since 0.20 the format vLLM without protocolVersion means protocol v2",
    fix="Say protocolVersion in the model, and name the runtime that you mean.",
    source=DEFAULTS,
    bad=GOOD.replace("{name: sklearn}", "{name: vLLM}"),
    good=GOOD.replace("{name: sklearn}", "{name: vLLM}, protocolVersion: v2, runtime: ours"),
)
def vllm_begins_to_speak_v2(subject: Subject) -> Iterator[Hit]:
    """A runtime that lists v1 alone doesn't fit any more, whether it's named or not."""
    written = subject.document.data
    served = text(written, "spec", "predictor", "model", "modelFormat", "name")
    if served == "vLLM" and text(written, "spec", "predictor", "model", "protocolVersion") is None:
        yield hit("spec", "predictor", "model", "modelFormat", on_key=True)


@rule(
    id="KSV486",
    name="predictor-begins-to-have-a-name",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"predictor"}),
    since=V0_20,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="strict decoding refuses predictor.name, and any other drops it without a word",
        after="the predictor's Deployment and Service are named {service}-{name}-predictor",
    ),
    message="since 0.20 predictor.name '{name}' makes the names of Deployment and Service",
    fix="Remove it, or lead your routes to the new Service in the same change.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/components/predictor.go"),
    bad=GOOD.replace("    model:", "    name: first\n    model:"),
    good=GOOD,
)
def predictor_begins_to_have_a_name(subject: Subject) -> Iterator[Hit]:
    """What a tool applied without strict decoding was never stored: the next apply makes new pods under the name."""
    predictor, *_ = components(subject)
    name = text(predictor.spec, "name")
    if name:
        yield hit("spec", "predictor", "name", name=name, service=subject.document.name)


@rule(
    id="KSV487",
    name="canary-begins-to-have-pods",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="strict decoding refuses spec.canary, and any other drops it without a word",
        after="the canary's pods run, and the stable predictor's minReplicas falls by as many",
    ),
    message="since 0.20 spec.canary is a field that does something",
    fix="Remove it, or feed it by an HTTPRoute of your own, as 0.20 does not.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/inference_service.go"),
    bad=GOOD + "  canary: [{trafficPercent: 0, predictor: {name: next, model: {name: kserve-container, "
    "modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}}}]\n",
    good=GOOD,
)
def canary_begins_to_have_pods(subject: Subject) -> Iterator[Hit]:
    """In mode Standard a candidate was two InferenceServices and a route before."""
    if sequence(subject.data, "spec", "canary"):
        yield hit("spec", "canary", on_key=True)
