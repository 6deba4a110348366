"""The names of what is rendered; those of what KServe's controller makes of it are known in ``outcome.kserve.names``.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/domain.go for the host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.outcome.kserve import names as made_names
from generator.outcome.kserve.names import APP_LABEL, EXPLAINER, PREDICTOR, TRANSFORMER
from generator.platforms.labels import preview_name
from generator.text.names import fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.plan import Plan, Share
    from generator.platforms.kserve.setting import Setting

LABEL = 63
"""What a label's value, a part of a host name and a Service's name hold."""
LEAST = 16
"""The fewest characters in which a name and its hash still say something."""


def service_of(setting: Setting, share: Share) -> str:
    """The InferenceService that a variant is in.

    Canaries are named after their releases: to promote one is to drop the other, and its pods stay. All else is named
    after its variant: a new release of it replaces its pods one by one. A name that the controller's own ending would
    make too long is shortened with a hash; the service's own isn't, since clients call it.
    """
    name = setting.service.name
    if not setting.many:
        return name
    full = f"{name}-{share.files.id if setting.service.strategy.canary else share.variant}"
    most = _most(setting)
    return fit(full, most) if most > LEAST else full


def _most(setting: Setting) -> int:
    """What an InferenceService's name may have, so that the names that are made of it fit."""
    ending = max(len(part) for part in (PREDICTOR, *_parts(setting))) + 1
    label = LABEL - ending - (len(APP_LABEL) if setting.standard else 0)
    return min(label, LABEL - ending - len(setting.service.namespace or "") - 1)


def _parts(setting: Setting) -> tuple[str, ...]:
    """The components beside the predictor, each with a Service of its own."""
    return tuple(part for part in (TRANSFORMER, EXPLAINER) if getattr(setting.service, part))


def predictor_of(setting: Setting, share: Share) -> str:
    """The predictor's name inside its InferenceService, empty where it has none.

    Beside ``spec.canary`` both predictors are named after their releases: promoting then keeps the canary's pods. A
    rolling update needs one name for all releases: the controller deletes the Deployment of another name at once,
    before the new pods are ready.
    """
    return (share.object or share.files.id) if setting.canaries_inside else ""


def runtime_of(setting: Setting, share: Share) -> str:
    """The ServingRuntime of our own for a variant."""
    return "-".join(part for part in (service_of(setting, share), predictor_of(setting, share)) if part)


def predictor_service(setting: Setting, share: Share) -> str:
    """The Service that the controller makes for a predictor; in mode knative the Knative Service."""
    return made_names.component(service_of(setting, share), PREDICTOR, predictor_of(setting, share))


def entry_of(setting: Setting, share: Share) -> str:
    """The Service that takes a variant's requests first: the transformer's, where there is one."""
    if setting.service.transformer:
        return made_names.component(service_of(setting, share), TRANSFORMER)
    return predictor_service(setting, share)


def split_of(setting: Setting) -> str:
    """The Knative Route that shares the traffic out."""
    return f"{setting.service.name}-split"


def made(plan: Plan) -> tuple[Share, ...]:
    """The variants that are rendered: all but those that the cluster has already."""
    return tuple(share for share in plan.shares if not share.files.deployed)


def hold(setting: Setting, plan: Plan) -> None:
    """Make sure that every name fits, and that no two variants get one name.

    Raises:
        InputError: One doesn't.
    """
    seen: dict[str, str] = {}
    for share in made(plan):
        name = predictor_service(setting, share)
        if name in seen and (setting.standard or setting.many):
            raise InputError(
                f"'{seen[name]}' and '{share.variant}' are named after their releases, and both would be {name}.",
                fix="Give the variants different releases.",
                place=setting.service.place("variants"),
            )
        seen[name] = share.variant
        _hold_route(setting, plan, share)
        for service in _services(setting, share):
            _hold(setting, service)


def _hold_route(setting: Setting, plan: Plan, share: Share) -> None:
    """In mode knative KServe makes a VirtualService of an InferenceService's name, inside the cluster too."""
    service = setting.service
    if setting.standard or service.gateway is None or service.gateway.api != "istio":
        return
    ours = (split_of(setting), *([preview_name(service)] if plan.traffic.preview else []))
    name = service_of(setting, share)
    if setting.many and name in ours:
        raise InputError(
            f"KServe makes a VirtualService {name} for the variant '{share.variant}', and ours has that name.",
            fix="Give the variant another name.",
            place=service.place("variants"),
        )


def _services(setting: Setting, share: Share) -> Iterator[str]:
    yield predictor_service(setting, share)
    for part in _parts(setting):
        yield made_names.component(service_of(setting, share), part)


def _hold(setting: Setting, name: str) -> None:
    most = LABEL - len(APP_LABEL) if setting.standard else LABEL
    if len(name) > most:
        carried = f" in a label {APP_LABEL}<name>" if setting.standard else ""
        raise InputError(
            f"KServe makes the Service {name}, {len(name)} characters, and its pods carry that{carried}; {most} fit.",
            fix=f"Shorten the name by {len(name) - most}.",
            place=setting.service.place("name"),
        )
    host = f"{name}-{setting.service.namespace or ''}"
    if len(host) > LABEL:
        raise InputError(
            f"KServe makes the host {host} of name and namespace, {len(host)} characters; {LABEL} fit.",
            fix=f"Shorten one of them by {len(host) - LABEL}.",
            place=setting.service.place("name"),
        )
