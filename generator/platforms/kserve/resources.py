"""What a container asks for once KServe has laid it over what it knows: a half that nobody wrote is there all the same.

kserve/kserve v0.15.0 to v0.20.0: config/runtimes, where requests and limits of every runtime for one node are 1 CPU and
2Gi, and pkg/controller/v1beta1/inferenceservice/utils/utils.go (``MergeRuntimeContainers``). Containers of the user's
own get the same numbers out of the ConfigMap: config/configmap/inferenceservice.yaml (``resource``) and
pkg/apis/serving/v1beta1/inference_service_defaults.go (``setResourceRequirementDefaults``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from generator.outcome.kserve.config import sizes
from generator.schemas.versions import Version
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.service import Resources

_NEWEST = Version(0, 999)


def shipped() -> Mapping[str, str]:
    """Requests and limits of the runtimes that ship, and what KServe's ConfigMap gives other containers.

    The same in all releases that are rendered for.
    """
    return sizes(_NEWEST)


def whole(resources: Resources, merged: Mapping[str, str]) -> dict[str, Any]:
    """What the service file says, and the other half of it where the merged one would keep the pods from starting."""
    return filled(resources.mapping, merged)


def filled(said: Mapping[str, Any], merged: Mapping[str, str]) -> dict[str, Any]:
    """The same for what stands in Kubernetes' own words.

    A request above the merged limit, or a limit below the merged request, is refused by the API server when the
    Deployment's pods are made, long after the InferenceService was taken. So the limit is written as high as the
    request, and the request as low as the limit, as Kubernetes itself does where only a limit is given.
    """
    found = {side: dict(values) for side in ("limits", "requests") if isinstance(values := said.get(side), dict)}
    limits, requests = found.get("limits", {}), found.get("requests", {})
    for name, both in merged.items():
        most, asked = limits.get(name), requests.get(name)
        if most is None and asked is not None and _amount(asked) > _amount(both):
            found.setdefault("limits", {})[name] = asked
        if asked is None and most is not None and _amount(most) < _amount(both):
            found.setdefault("requests", {})[name] = most
    others = {key: value for key, value in said.items() if key not in found}
    return {**{side: found[side] for side in ("limits", "requests") if side in found}, **others}


def added(said: Mapping[str, Any], merged: Mapping[str, str]) -> tuple[str, ...]:
    """What ``filled`` adds, such as ``limits.cpu``."""
    made = filled(said, merged)
    return tuple(
        f"{side}.{name}"
        for side in ("limits", "requests")
        for name in made.get(side, {})
        if name not in said.get(side, {})
    )


def _amount(value: Any) -> Decimal:
    """A quantity as a number; nought for what is none, which the checks of the service file refuse."""
    found = quantity.read(value)
    return Decimal(0) if found is None else found.number
