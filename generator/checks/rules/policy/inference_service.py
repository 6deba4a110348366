"""Good practice for InferenceServices: notes, never more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.images import moves
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.llm import LLM_SERVICE, workloads
from generator.checks.rules.kserve.runtime_fit import runtimes
from generator.checks.rules.kserve.runtimes import RUNTIMES, containers, formats
from generator.checks.rules.kserve.spec import (
    MAIN_CONTAINER,
    PREFIX,
    Component,
    addresses,
    annotations_of,
    judged,
    listed,
    model,
    predictors,
)
from generator.checks.rules.kserve.wrong_container import tokens
from generator.checks.subject import mapping, may_be_in, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kserve.spec import Container
    from generator.checks.subject import Index, Subject

LATEST = re.compile(r"[/:]latest(/|\Z)")
BUCKETS = ("s3://", "gs://")
PUBLIC = ("gs://kfserving-examples/", "gs://kfserving-samples/", "gs://kserve-examples/", "gs://seldon-models/")
"""The buckets of the platforms' own samples, which anyone can read."""

SECRETS = (f"{PREFIX}storageSecretName", f"{PREFIX}secretName")
PROBES = ("readinessProbe", "startupProbe")

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    serviceAccountName: reader
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
"""
CUSTOM = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    containers:
      - name: kserve-container
        image: registry.example.com/digits:1.4.2
        readinessProbe: {httpGet: {path: /v2/health/ready, port: 8080}}
        resources: {requests: {cpu: 500m, memory: 1Gi}}
"""


@rule(
    id="POL010",
    name="model-address-that-moves",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "storageUris", "env"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="what lies at '{uri}' can change without a change here",
    fix="{advice}",
    source=Source("kserve/kserve", "v0.20.0", "python/storage/kserve_storage/kserve_storage.py"),
    bad=GOOD.replace("models/digits/1", "models/digits/latest"),
    good=GOOD,
)
def model_address_that_moves(subject: Subject) -> Iterator[Hit]:
    """Each pod fetches the model when it starts, so pods of one Deployment can come to serve different models.

    Nothing rolls out when the content changes, and there is no way back to what was there before.
    """
    for _, path, uri, _ in addresses(subject):
        if uri.startswith("hf://") and ":" not in uri.removeprefix("hf://"):
            yield Hit(path, {"uri": uri, "advice": f"Name a revision: {uri}:<commit>."})
        elif uri.startswith("oci://") and ":" not in uri.removeprefix("oci://").rpartition("/")[2]:
            yield Hit(path, {"uri": uri, "advice": "Name a tag, or better a digest."})
        elif LATEST.search(uri):
            yield Hit(path, {"uri": uri, "advice": "Give each version an address of its own, and write that."})


@rule(
    id="POL011",
    name="image-without-a-fixed-tag",
    product="kserve",
    kinds=(INFERENCE_SERVICE, *RUNTIMES, LLM_SERVICE),
    when=frozenset({"image"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the image {image} is whatever the registry calls latest when a pod starts",
    fix="Write a tag that stays, or a digest.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "pkg/apis/core/v1/defaults.go"),
    bad=CUSTOM.replace("digits:1.4.2", "digits:latest"),
    good=CUSTOM,
)
def image_without_a_fixed_tag(subject: Subject) -> Iterator[Hit]:
    """A node that fails at night brings up the new image beside the old one, and nothing rolls back."""
    for container in _with_images(subject):
        image = text(container.spec, "image") or ""
        if moves(image):
            yield Hit((*container.path, "image"), {"image": image})


def _with_images(subject: Subject) -> Iterator[Container]:
    """The containers of a service's components, of a runtime, or of an LLM's workloads."""
    if subject.document.kind == INFERENCE_SERVICE.kind:
        places = list(judged(subject))
    elif subject.document.kind == LLM_SERVICE.kind:
        parts = [(path, spec, pods) for path, spec in workloads(subject) for pods in ("template", "worker")]
        places = [Component(pods, (*path, pods), mapping(spec, pods)) for path, spec, pods in parts]
    else:
        spec = mapping(subject.data, "spec")
        places = [Component("runtime", ("spec",), spec)]
        places.append(Component("workers", ("spec", "workerSpec"), mapping(spec, "workerSpec")))
    for place in places:
        yield from listed(place, "containers")


@rule(
    id="POL012",
    name="predictor-without-resources",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the predictor asks for no resources, so {whose} apply (1 CPU and 2 GiB as shipped)",
    fix="Set resources from what the model needs: too little memory ends in OOMKilled, too much in idle nodes.",
    source=Source("kserve/kserve", "v0.20.0", "config/configmap/inferenceservice.yaml"),
    bad=GOOD.replace("      resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}\n", ""),
    good=GOOD,
)
def predictor_without_resources(subject: Subject) -> Iterator[Hit]:
    """The defaults are the same for ten kilobytes of scikit-learn and for a language model.

    Where the runtime that serves the model is in the given files and says the resources itself, all is well.
    """
    # As written: the webhook fills the defaults in.
    predictor = Component("predictor", ("spec", "predictor"), mapping(subject.document.data, "spec", "predictor"))
    served = model(predictor)
    places = [served] if served else [one for one in listed(predictor, "containers") if _is_server(one)]
    if places and not any(mapping(place.spec, "resources") for place in places):
        if served and _runtime_says(subject, served):
            return
        whose = "those of its runtime or KServe's defaults" if served else "KServe's defaults"
        yield Hit(places[0].path, {"whose": whose}, on_key=bool(served))


def _runtime_says(subject: Subject, served: Container) -> bool:
    """Whether a runtime of the set that serves a model has resources: the one that it names, else one of its format."""
    by_name, by_format = subject.index.derive(with_resources)
    name, form = text(served.spec, "runtime"), text(served.spec, "modelFormat", "name") or str(served.path[-1])
    namespaces = by_name.get(name, ()) if name else by_format.get(form, ())
    return may_be_in(namespaces, subject.document.namespace)


def with_resources(index: Index) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    """The namespaces of the runtimes of the set that say what they need: by name, and by the formats that they take."""
    by_name: dict[str, set[str]] = {}
    by_format: dict[str, set[str]] = {}
    for one in (one for each in index.derive(runtimes).values() for one in each):
        main = (
            container
            for _, container in containers(mapping(one.data, "spec"), "containers")
            if container.get("name") == MAIN_CONTAINER
        )
        if any(mapping(container, "resources") for container in main):
            by_name.setdefault(one.name, set()).add(one.namespace)
            for taken in formats(one.data):
                if taken.automatic:
                    by_format.setdefault(taken.name, set()).add(one.namespace)
    return by_name, by_format


def _is_server(container: Container) -> bool:
    return container.spec.get("name") in (None, MAIN_CONTAINER)


@rule(
    id="POL013",
    name="custom-predictor-without-probe",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"containers"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the container has no readinessProbe: it counts as ready when its port is open, model or not",
    fix="Add a readinessProbe that asks the server for its model.",
    source=Source(
        "kserve/kserve",
        "v0.20.0",
        "pkg/controller/v1beta1/inferenceservice/reconcilers/deployment/deployment_reconciler.go",
    ),
    bad=CUSTOM.replace("        readinessProbe: {httpGet: {path: /v2/health/ready, port: 8080}}\n", ""),
    good=CUSTOM,
)
def custom_predictor_without_probe(subject: Subject) -> Iterator[Hit]:
    """KServe and Knative fill in a probe that opens the port; large models are loaded long after that."""
    for component in predictors(subject):
        if model(component):
            continue
        for container in listed(component, "containers"):
            if _is_server(container) and not any(mapping(container.spec, probe) for probe in PROBES):
                yield Hit(container.path)


@rule(
    id="POL014",
    name="bucket-without-credentials",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "storageUris", "env"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="nothing here gives access to the bucket: it has to be public, or open to the whole cluster",
    fix="Name a serviceAccountName whose ServiceAccount has the Secret or role for the bucket.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/credentials/service_account_credentials.go"),
    bad=GOOD.replace("    serviceAccountName: reader\n", ""),
    good=GOOD,
)
def bucket_without_credentials(subject: Subject) -> Iterator[Hit]:
    """KServe looks for credentials at the ServiceAccount, at last at the namespace's own called default.

    What the server has in its environment reaches the server alone (KSV560 tells that of credentials).
    """
    if any(annotations_of(subject).get(key) for key in SECRETS):
        return
    for address in addresses(subject):
        component, path, uri, _ = address
        served = model(component)
        own = served is not None and served.spec.get("storage")
        private = uri.startswith(BUCKETS) and not uri.startswith(PUBLIC)
        if private and not own and not component.spec.get("serviceAccountName") and not any(tokens(address)):
            yield Hit(path)
