"""The list ``spec.canary`` of KServe 0.20: its mode, names and shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.spec import MODE, STANDARD, V0_20, VALIDATION, canaries, mode
from generator.checks.subject import integer, mapping, reach, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    minReplicas: 2
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
  canary:
    - trafficPercent: 10
      predictor:
        name: next
        minReplicas: 1
        model: {name: kserve-container, modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits-split}
spec:
  parentRefs: [{name: models, namespace: gateways}]
  rules:
    - backendRefs:
        - {name: digits-predictor, port: 80, weight: 90}
        - {name: digits-next-predictor, port: 80, weight: 10}
"""
"""A canary and the route that feeds it: 0.20 makes none itself (REF001)."""


@rule(
    id="KSV050",
    name="canary-outside-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe takes spec.canary only with the mode annotation Standard, and here {found}",
    fix="Set the annotation serving.kserve.io/deploymentMode: Standard; in Knative mode use canaryTrafficPercent.",
    source=VALIDATION,
    bad=GOOD.replace("deploymentMode: Standard", "deploymentMode: Knative"),
    good=GOOD,
)
def canary_outside_standard(subject: Subject) -> Iterator[Hit]:
    """The webhook compares the annotation, letter by letter; the cluster's default mode doesn't help."""
    if not sequence(subject.data, "spec", "canary"):
        return
    found = mode(subject)
    if found is None:
        yield hit("spec", "canary", on_key=True, found="there is none")
    elif found != STANDARD:
        yield hit("metadata", "annotations", MODE, found=f"it is '{found}'")


@rule(
    id="KSV051",
    name="canary-without-stable-model",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="spec.canary needs a stable predictor with a model, or with STORAGE_URI on its kserve-container",
    fix="Give the stable predictor a model, or set STORAGE_URI in the environment of its container.",
    source=VALIDATION,
    bad=GOOD.replace(
        "    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}",
        "    containers: [{name: kserve-container, image: 'registry.example.com/digits:1'}]",
        1,
    ),
    good=GOOD,
)
def canary_without_stable_model(subject: Subject) -> Iterator[Hit]:
    """KServe takes a predictor that names no model for one that serves many models, which can't have a canary."""
    predictor = mapping(subject.data, "spec", "predictor")
    if not sequence(subject.data, "spec", "canary") or isinstance(predictor.get("model"), dict):
        return
    containers = [entry for entry in sequence(predictor, "containers") if isinstance(entry, dict)]
    main = next((entry for entry in containers if entry.get("name") == "kserve-container"), {})
    if containers and not any(text(variable, "name") == "STORAGE_URI" for variable in sequence(main, "env")):
        yield hit("spec", "canary", on_key=True)


@rule(
    id="KSV052",
    name="canary-without-name",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="this canary's predictor has no name",
    fix="Set predictor.name, for example to the release: its Deployment becomes <service>-<name>-predictor.",
    source=VALIDATION,
    bad=GOOD.replace("        name: next\n", "", 1).replace("digits-next-predictor", "digits-predictor"),
    good=GOOD,
)
def canary_without_name(subject: Subject) -> Iterator[Hit]:
    """The name tells the canary's Deployment and Service from those of the stable predictor."""
    for _, _, component in canaries(subject):
        if not component.spec.get("name"):
            yield Hit(component.path, on_key=True)


@rule(
    id="KSV053",
    name="canary-name-repeated",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="two canaries are named '{name}'",
    fix="Give each canary a name of its own.",
    source=VALIDATION,
    bad=GOOD.replace(
        "---\n",
        """\
    - trafficPercent: 10
      predictor:
        name: next
        model: {name: kserve-container, modelFormat: {name: sklearn}, storageUri: s3://models/digits/3}
---
""",
    ),
    good=GOOD,
)
def canary_name_repeated(subject: Subject) -> Iterator[Hit]:
    """Two canaries of one name would be one Deployment."""
    seen = set()
    for _, _, component in canaries(subject):
        name = text(component.spec, "name")
        if name and name in seen:
            yield Hit((*component.path, "name"), {"name": name})
        seen.add(name)


@rule(
    id="KSV054",
    name="canary-named-as-the-stable-predictor",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the canary has the stable predictor's name '{name}'",
    fix="Give the canary another name; after promoting it, remove its entry.",
    source=VALIDATION,
    bad=GOOD.replace("  predictor:\n    min", "  predictor:\n    name: next\n    min").replace(
        "        - {name: digits-predictor, port: 80, weight: 90}\n", ""
    ),
    good=GOOD,
)
def canary_named_as_the_stable_predictor(subject: Subject) -> Iterator[Hit]:
    """A promotion gives the stable predictor the canary's name; who forgets to remove the entry ends here."""
    stable = text(subject.data, "spec", "predictor", "name")
    for _, _, component in canaries(subject):
        if stable and component.spec.get("name") == stable:
            yield Hit((*component.path, "name"), {"name": stable})


@rule(
    id="KSV055",
    name="canary-shares-over-100",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the shares of the canaries sum to {total} percent",
    fix="Lower trafficPercent until all canaries together get 100 or less; the stable predictor gets the rest.",
    source=VALIDATION,
    bad=GOOD.replace(
        "---\n",
        """\
    - trafficPercent: 95
      predictor:
        name: bold
        model: {name: kserve-container, modelFormat: {name: sklearn}, storageUri: s3://models/digits/3}
---
""",
    ).replace(
        "        - {name: digits-predictor, port: 80, weight: 90}",
        "        - {name: digits-bold-predictor, port: 80, weight: 95}",
    ),
    good=GOOD,
)
def canary_shares_over_100(subject: Subject) -> Iterator[Hit]:
    """Each share may be right by itself; the webhook adds them up."""
    total = 0
    for path, entry, _ in canaries(subject):
        share = integer(entry, "trafficPercent") or 0
        if total <= 100 < total + share:  # noqa: PLR2004 (percent)
            whole = sum(integer(other, "trafficPercent") or 0 for _, other, _ in canaries(subject))
            yield Hit((*path, "trafficPercent"), {"total": whole})
        total += share


@rule(
    id="KSV056",
    name="canary-with-workers",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a canary can't have workers: KServe refuses workerSpec there",
    fix="Remove workerSpec from the canary; split between two InferenceServices by an HTTPRoute instead.",
    source=VALIDATION,
    bad=GOOD.replace("        name: next\n", "        name: next\n        workerSpec: {tensorParallelSize: 2}\n"),
    good=GOOD,
)
def canary_with_workers(subject: Subject) -> Iterator[Hit]:
    """Serving over several nodes isn't built for canaries yet; the webhook says so."""
    for _, _, component in canaries(subject):
        if isinstance(component.spec.get("workerSpec"), dict):
            yield Hit((*component.path, "workerSpec"), on_key=True)


FIXED = ("maxReplicas", "scaleTarget", "scaleMetric", "autoScaling")


@rule(
    id="KSV057",
    name="canary-with-autoscaling",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a canary has fixed replicas: KServe refuses {field} there",
    fix="Remove {field}; set minReplicas to the number of pods that the canary should have.",
    source=VALIDATION,
    bad=GOOD.replace("        minReplicas: 1\n", "        minReplicas: 1\n        maxReplicas: 3\n"),
    good=GOOD,
)
def canary_with_autoscaling(subject: Subject) -> Iterator[Hit]:
    """What is copied from the stable predictor often brings its bounds along."""
    for _, _, component in canaries(subject):
        for field in FIXED:
            value = reach(component.spec, field)
            set_ = value is not None if field != "maxReplicas" else (integer(component.spec, field) or 0) > 0
            if set_:
                yield Hit((*component.path, field), {"field": field}, on_key=True)


@rule(
    id="KSV058",
    name="canary-replicas-above-stable",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the canary's minReplicas {canary} is above the stable predictor's {stable}",
    fix="Lower it, or raise the stable predictor's minReplicas (1 where it isn't set).",
    source=VALIDATION,
    bad=GOOD.replace("        minReplicas: 1\n", "        minReplicas: 3\n"),
    good=GOOD,
)
def canary_replicas_above_stable(subject: Subject) -> Iterator[Hit]:
    """While the canary is there, its replicas are taken from the stable predictor's."""
    stable = integer(subject.data, "spec", "predictor", "minReplicas")
    bound = 1 if stable is None else stable
    for _, _, component in canaries(subject):
        wanted = integer(component.spec, "minReplicas")
        if wanted is not None and wanted > bound:
            yield Hit((*component.path, "minReplicas"), {"canary": wanted, "stable": bound})
