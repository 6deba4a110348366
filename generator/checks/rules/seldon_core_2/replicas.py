"""Replicas of Models and Servers, and fields that are taken and never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import (
    CONFIG,
    GOOD_MODEL,
    MODEL,
    PIPELINE,
    RUNTIME,
    SERVER,
    V2_7,
    newer,
    source,
)
from generator.checks.subject import integer, mapping, reach, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Index, Subject

BOUNDS = GOOD_MODEL + "  replicas: 2\n  minReplicas: 1\n  maxReplicas: 3\n"


@rule(
    id="SC2120",
    name="replicas-against-bounds",
    product="seldon-core-2",
    kinds=(MODEL, SERVER),
    when=frozenset({"minReplicas", "maxReplicas"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{low} is above {high}: the operator refuses it",
    fix="Keep minReplicas ≤ replicas ≤ maxReplicas; replicas is minReplicas, else 1, where it isn't set.",
    source=newer("operator/internal/utils.go"),
    bad=BOUNDS.replace("replicas: 2", "replicas: 4", 1),
    good=BOUNDS,
)
def replicas_against_bounds(subject: Subject) -> Iterator[Hit]:
    """The schema doesn't compare the three numbers; the operator does, and says so in the status only.

    Zero or less counts as not set for the two bounds; in 2.6 a maxReplicas of 0 was a bound.
    """
    spec = mapping(subject.data, "spec")
    low, high = (max(integer(spec, name) or 0, 0) for name in ("minReplicas", "maxReplicas"))
    own = integer(spec, "replicas")
    count = own if own is not None and (own >= 0 or low) else (low or 1)
    if low and high and low > high:
        yield hit("spec", "minReplicas", low=f"minReplicas {low}", high=f"maxReplicas {high}")
    elif low and count < low:
        yield hit("spec", "replicas", low=f"minReplicas {low}", high=f"replicas {count}")
    elif count > high and (high or (integer(spec, "maxReplicas") == 0 and subject.release and subject.release < V2_7)):
        place = "replicas" if own is not None else "maxReplicas"
        yield hit("spec", place, low=f"replicas {count}", high=f"maxReplicas {high}")


@rule(
    id="SC2121",
    name="model-of-no-replicas",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"replicas"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a Model with replicas: 0 is unloaded and never gets Ready",
    fix="Set replicas to 1 or more; to take the model away, delete it.",
    source=newer("operator/scheduler/model.go"),
    bad=GOOD_MODEL + "  replicas: 0\n",
    good=GOOD_MODEL + "  replicas: 1\n",
)
def model_of_no_replicas(subject: Subject) -> Iterator[Hit]:
    """Its state is ModelScaledDown; kubectl wait and Argo CD wait for a Ready that doesn't come."""
    low = integer(subject.data, "spec", "minReplicas") or 0
    if integer(subject.data, "spec", "replicas") == 0 and low <= 0:
        yield hit("spec", "replicas")


@rule(
    id="SC2204",
    name="bounds-without-autoscaling",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"minReplicas", "maxReplicas"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="bounds alone scale nothing: autoscaling of models is off in the chart",
    fix="Switch it on (config.scalingConfig.models.enabled of the SeldonRuntime), or set replicas.",
    source=newer("k8s/helm-charts/seldon-core-v2-setup/values.yaml"),
    bad=BOUNDS,
    good=GOOD_MODEL + "  replicas: 2\n",
)
def bounds_without_autoscaling(subject: Subject) -> Iterator[Hit]:
    """The Model stays at replicas, and the bounds look as if somebody had taken care."""
    spec = mapping(subject.data, "spec")
    if subject.index.derive(scaling_is_on):
        return
    for field in ("maxReplicas", "minReplicas"):
        if (integer(spec, field) or 0) > 0:
            yield hit("spec", field, on_key=True)
            return


def scaling_is_on(index: Index) -> bool:
    """Whether a configuration in the set switches the autoscaling of models on."""
    found = (one for kind in (RUNTIME, CONFIG) for one in index.by_kind.get(kind, ()))
    return any(reach(one.data, "spec", "config", "scalingConfig", "models", "enabled") is True for one in found)


UNREAD = {
    MODEL: (
        (("preloaded",), "Nothing does that; remove it."),
        (("dedicated",), "Make a Server of its own and name it in server, or give it a capability."),
        (("schemaUri",), "Put inputs and outputs into the artifact's model-settings.json."),
        (("logger", "percent"), "Payload logging is on or off: write logger: {}."),
    ),
    SERVER: ((("imageOverrides",), "Set the image of the container in podSpec."),),
}


@rule(
    id="SC2122",
    name="field-that-nobody-reads",
    product="seldon-core-2",
    kinds=(MODEL, SERVER, PIPELINE),
    when=frozenset({"preloaded", "dedicated", "schemaUri", "percent", "imageOverrides", "rolling"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{field} is in the schema, and nothing in Seldon Core 2 reads it",
    fix="{advice}",
    source=source("operator/apis/mlops/v1alpha1/model_types.go"),
    bad=GOOD_MODEL + "  dedicated: true\n",
    good=GOOD_MODEL,
)
def field_that_nobody_reads(subject: Subject) -> Iterator[Hit]:
    """A wish from the design that was never built: a dedicated Model shares its server like every other one."""
    for kind, fields in UNREAD.items():
        for path, advice in fields if kind.kind == subject.document.kind else ():
            value = reach(subject.data, "spec", *path)
            if value is not None and value is not False and value not in ("", {}):
                yield Hit(
                    ("spec", *path), {"field": ".".join(path), "advice": advice.replace("{{}}", "{}")}, on_key=True
                )
    for number, step in enumerate(sequence(subject.data, "spec", "steps")):
        if reach(step, "batch", "rolling") is True:
            place = ("spec", "steps", number, "batch", "rolling")
            yield Hit(place, {"field": "batch.rolling", "advice": "Remove it; batches don't overlap."}, on_key=True)


@rule(
    id="SC2123",
    name="extra-capabilities-ignored",
    product="seldon-core-2",
    kinds=(SERVER,),
    when=frozenset({"extraCapabilities"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="extraCapabilities is ignored beside capabilities, which replaces all that the configuration says",
    fix="Write all capabilities into capabilities and remove extraCapabilities.",
    source=source("operator/apis/mlops/v1alpha1/server_types.go"),
    bad="""
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver-catboost}
spec: {serverConfig: mlserver, capabilities: [mlserver], extraCapabilities: [catboost]}
""",
    good="""
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver-catboost}
spec: {serverConfig: mlserver, capabilities: [mlserver, catboost]}
""",
)
def extra_capabilities_ignored(subject: Subject) -> Iterator[Hit]:
    """The Model that needs the extra one is never scheduled."""
    if sequence(subject.data, "spec", "capabilities") and sequence(subject.data, "spec", "extraCapabilities"):
        yield hit("spec", "extraCapabilities", on_key=True)
