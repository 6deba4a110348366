"""The InferenceService as a sheet, and the ServingRuntime that it may need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms.base import Sheet
from generator.platforms.kserve import around, names, predictor, scaling
from generator.platforms.labels import own_labels
from generator.platforms.servers import protocol_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.plan import Plan, Share
    from generator.platforms.kserve.setting import Setting

MODE_ANNOTATION = "serving.kserve.io/deploymentMode"
AUTOSCALER_ANNOTATION = "serving.kserve.io/autoscalerClass"
KNATIVE_CLASS_ANNOTATION = "autoscaling.knative.dev/class"
KNATIVE_HPA = "hpa.autoscaling.knative.dev"
VISIBILITY_LABEL = "networking.kserve.io/visibility"
KNATIVE_VISIBILITY_LABEL = "networking.knative.dev/visibility"
CLUSTER_LOCAL = "cluster-local"


def inference_service(
    setting: Setting,
    share: Share,
    live: dict[str, Any],
    *,
    hidden: bool,
    canaries: tuple[dict[str, Any], ...] = (),
) -> Sheet:
    """The InferenceService of a variant.

    Args:
        setting: What is asked for.
        share: The variant that it is named after.
        live: Its predictor.
        hidden: Whether KServe makes no route of its own: it would lead past ours.
        canaries: Share and predictor of each of ``spec.canary``.
    """
    service = setting.service
    name = names.service_of(setting, share)
    context = {
        **metadata(setting, name, hidden=hidden),
        "annotations": {**service.annotations, **_mode(setting), **_autoscaling(setting)},
        "stable": live,
        "canaries": list(canaries),
        "transformer": around.transformer(setting),
        "explainer": around.explainer(setting),
    }
    return Sheet("kserve/inferenceservice.yaml.j2", "InferenceService", name, service.namespace, context)


def metadata(setting: Setting, name: str, *, hidden: bool) -> dict[str, Any]:
    """Name, namespace, labels and annotations of an object that KServe or Knative may make a route for."""
    service = setting.service
    labels = own_labels(service)
    if hidden:
        labels[VISIBILITY_LABEL if setting.standard else KNATIVE_VISIBILITY_LABEL] = CLUSTER_LOCAL
    return {"name": name, "namespace": service.namespace, "labels": labels, "annotations": service.annotations}


def _mode(setting: Setting) -> dict[str, str]:
    return {MODE_ANNOTATION: setting.mode_name} if setting.mode_name else {}


def _autoscaling(setting: Setting) -> dict[str, str]:
    if setting.standard:
        return {AUTOSCALER_ANNOTATION: scaling.autoscaler(setting)}
    return {KNATIVE_CLASS_ANNOTATION: KNATIVE_HPA} if scaling.on_knative_by_share(setting) else {}


def runtimes(setting: Setting, plan: Plan) -> Iterator[Sheet]:
    """The ServingRuntime of each variant whose server is the user's own.

    It holds no more than KServe needs to take the format; the container stands in the InferenceService, since a change
    of a ServingRuntime alone doesn't reach the pods in every release.
    """
    service = setting.service
    for share in names.made(plan):
        predictor.needs_image(setting, share)
        found = predictor.server(setting, share)
        if found.own:
            name = names.runtime_of(setting, share)
            form = {"name": found.model_format, "version": service.model.format_version}
            context = {
                **metadata(setting, name, hidden=False),
                "image": share.container["image"],
                "protocol": protocol_of(service, found),
                "format": {key: value for key, value in form.items() if value},
            }
            yield Sheet("kserve/servingruntime.yaml.j2", "ServingRuntime", name, service.namespace, context)
