"""SeldonRuntimes: overrides of components. Servers: their names and images."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.images import moves
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import CONFIG, RUNTIME, SERVER, source
from generator.checks.structure.suggest import nearest
from generator.checks.subject import sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

DEFAULT = "default"
COMPONENTS = (
    *("seldon-scheduler", "seldon-envoy", "seldon-dataflow-engine", "hodometer", "seldon-modelgateway"),
    "seldon-pipelinegateway",
)
"""Those of the SeldonConfig that the chart and the manifests install (operator/config/seldonconfigs/default.yaml)."""

NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
"""What Kubernetes takes as the name of a Service (apimachinery, IsDNS1035Label)."""

GOOD = """
apiVersion: mlops.seldon.io/v1alpha1
kind: SeldonRuntime
metadata: {name: seldon, namespace: models}
spec:
  seldonConfig: default
  overrides: [{name: seldon-scheduler, replicas: 1}]
"""
OWN = """
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver-big, namespace: models}
spec:
  serverConfig: mlserver
  podSpec: {containers: [{name: mlserver, image: 'seldonio/mlserver:1.6.1'}]}
"""


@rule(
    id="SC2113",
    name="override-of-no-component",
    product="seldon-core-2",
    kinds=(RUNTIME,),
    when=frozenset({"overrides"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the SeldonConfig {config} has no component '{name}', so the override is ignored{hint}",
    fix="Write one of {known}{more}.",
    source=source("operator/apis/mlops/v1alpha1/seldonruntime_types.go"),
    bad=GOOD.replace("seldon-scheduler", "seldon-schedular"),
    good=GOOD,
)
def override_of_no_component(subject: Subject) -> Iterator[Hit]:
    """Overrides are merged into components by name; one that fits none goes nowhere, and the defaults run.

    The components are those of the SeldonConfig in the given files, or of the one that is installed as `default`.
    Replicas and pods of model servers are Servers' matter, not the runtime's.
    """
    config = text(subject.data, "spec", "seldonConfig") or ""
    given = [one for one in subject.index.by_kind.get(CONFIG, ()) if one.name == config]
    if not given and config != DEFAULT:
        return
    known = list(COMPONENTS)
    if given:
        known = [text(entry, "name") or "" for one in given for entry in sequence(one.data, "spec", "components")]
    for number, entry in enumerate(sequence(subject.data, "spec", "overrides")):
        name = text(entry, "name")
        if name and name not in known:
            near = nearest(name, known)
            hint = f"; did you mean '{near}'?" if near else ""
            more = ", or make a Server for a model server" if name in ("mlserver", "triton") else ""
            values = {"config": config, "name": name, "hint": hint, "known": ", ".join(known), "more": more}
            yield Hit(("spec", "overrides", number, "name"), values)


@rule(
    id="SC2114",
    name="server-name-that-no-service-can-have",
    product="seldon-core-2",
    kinds=(SERVER,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no Service can be named '{service}', as the operator wants one for each replica: {why}",
    fix="Rename the Server, for example to {better}.",
    source=source("operator/reconcilers/server/server_reconciler.go"),
    bad=OWN.replace("mlserver-big", "mlserver.big"),
    good=OWN,
)
def server_name_that_no_service_can_have(subject: Subject) -> Iterator[Hit]:
    """Names of objects may have dots and begin with a digit; those of Services may not.

    The scheduler reaches a replica by its Service, so no Model is ever loaded.
    """
    name = subject.document.name
    service = f"{name}-0"
    if name and not NAME.fullmatch(service):
        why = "it has a dot" if "." in name else "it has to be of a-z, 0-9 and hyphens, a letter first"
        better = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
        better = better if better[:1].isalpha() else f"s-{better}"
        yield hit("metadata", "name", service=service, why=why, better=better)


@rule(
    id="SC2214",
    name="server-image-without-a-fixed-tag",
    product="seldon-core-2",
    kinds=(SERVER,),
    when=frozenset({"image"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the image {image} is whatever the registry calls latest when a pod starts",
    fix="Write a tag that stays, or a digest.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "pkg/apis/core/v1/defaults.go"),
    bad=OWN.replace("mlserver:1.6.1", "mlserver:latest"),
    good=OWN,
)
def server_image_without_a_fixed_tag(subject: Subject) -> Iterator[Hit]:
    """The replicas of one Server may then run different servers."""
    for number, container in enumerate(sequence(subject.data, "spec", "podSpec", "containers")):
        image = text(container, "image") or ""
        if moves(image):
            yield hit("spec", "podSpec", "containers", number, "image", image=image)
