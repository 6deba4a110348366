"""Values that the schema takes and the webhook can't decode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Stage, rule
from generator.checks.rules.kserve.undecodable import undecodable_value
from generator.checks.rules.seldon_core_1.spec import GOOD, source
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject


@rule(
    id="SC1021",
    name="undecodable-seldon-value",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="Seldon Core's webhook can't decode {value}: {reason}",
    fix="{advice}",
    source=source("operator/apis/machinelearning.seldon.io/v1/seldondeployment_types.go"),
    bad=GOOD.replace("      traffic: 90\n", "      traffic: 90\n      replicas: 3000000000\n"),
    good=GOOD,
)
def undecodable_seldon_value(subject: Subject) -> Iterable[Hit]:
    """The API server doesn't enforce the format int32, and its pattern of quantities is wider than Go's.

    The webhook decodes the object into Go types and refuses what doesn't fit.
    """
    return undecodable_value.check(subject) if undecodable_value.check else ()
