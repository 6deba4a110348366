"""What stands in a SeldonDeployment and doesn't reach its pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Stage, hit, rule
from generator.checks.rules.seldon_core_1.spec import CONTROLLER, CUSTOM, predictors, source, units
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rule import Hit
    from generator.checks.rules.seldon_core_1.spec import Unit
    from generator.checks.subject import Subject

_SECURE = CUSTOM.replace("        - spec:\n", "        - spec:\n            securityContext: {runAsUser: 1000}\n")
_OWN = CUSTOM.replace("digits:1'}", "digits:1', securityContext: {runAsUser: 1000}}")
_TOLD = CUSTOM.replace("digits:1'}", "digits:1', env: [{name: WORKERS, value: '2'}, {name: %s, value: '9000'}]}")

ALWAYS = (
    "PREDICTIVE_UNIT_HTTP_SERVICE_PORT",
    "MLSERVER_HTTP_PORT",
    "PREDICTIVE_UNIT_GRPC_SERVICE_PORT",
    "MLSERVER_GRPC_PORT",
)
"""Variables that the operator sets in the container of every unit (controllers, ``addPortEnvs``)."""


@rule(
    id="SC1240",
    name="pod-security-context-lost",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"securityContext"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the operator writes a security context of its own over that of the pods, so this one is lost",
    fix="Write it into each container, or set the operator's DEFAULT_USER_ID (defaultUserID of its chart).",
    source=CONTROLLER,
    bad=_SECURE,
    good=_OWN,
)
def pod_security_context_lost(subject: Subject) -> Iterator[Hit]:
    """``createDeploymentWithoutEngine`` takes the user's pods and then sets their security context to its own.

    A container that may not run as root is refused by the kubelet, or runs as root after all, whatever the file says.
    """
    for predictor in predictors(subject):
        for number, component in enumerate(sequence(predictor.spec, "componentSpecs")):
            if mapping(component, "spec", "securityContext"):
                yield hit(*predictor.path, "componentSpecs", number, "spec", "securityContext", on_key=True)


@rule(
    id="SC1241",
    name="variable-takes-the-others-away",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"env"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the operator sets {name} itself, and where it is there already it drops the whole list: {lost}",
    fix="Remove {name}: the port and the parameters follow from the graph and the container's ports.",
    source=source("operator/utils/utils.go"),
    bad=_TOLD % "MLSERVER_HTTP_PORT",
    good=_TOLD % "MLSERVER_DEBUG",
)
def variable_takes_the_others_away(subject: Subject) -> Iterator[Hit]:
    """``SetEnvVar`` returns nothing where a variable is there and isn't to be overridden, so the list is empty then.

    What the operator adds later is all that the container is told.
    """
    for unit in units(subject):
        container = unit.container
        if container is None:
            continue
        env = sequence(container.spec, "env")
        names = [text(each, "name") or "" for each in env]
        own = next((number for number, name in enumerate(names) if name in _set_by_the_operator(unit)), None)
        if own is not None:
            lost = ", ".join(dict.fromkeys(filter(None, names)))
            yield hit(*container.path, "env", own, "name", name=names[own], lost=f"{lost} reach no container")


def _set_by_the_operator(unit: Unit) -> frozenset[str]:
    """The variables that the operator sets for a unit unless they are there."""
    parameters = ("PREDICTIVE_UNIT_PARAMETERS",) if sequence(unit.spec, "parameters") else ()
    model = ("MLSERVER_MODEL_URI",) if text(unit.spec, "modelUri") else ()
    return frozenset((*ALWAYS, *parameters, *model))
