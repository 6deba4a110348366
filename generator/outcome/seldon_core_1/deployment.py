"""The Deployment of a predictor's pods (seldondeployment_controller.go, ``createDeploymentWithoutEngine``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.part import Part, Tree, value_of
from generator.outcome.seldon_core_1 import names
from generator.outcome.seldon_core_1.predictor import PODINFO
from generator.outcome.seldon_core_1.values import items, name_of

if TYPE_CHECKING:
    from generator.outcome.seldon_core_1.predictor import Predictor, Unit
    from generator.outcome.seldon_core_1.settings import Settings

GRACE = 20
DEFAULT_MODE = 420
STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}
"""The operator means 10 % and writes none: it sets the text of a value whose type says that it is a number."""
CERTIFICATE, CERTIFICATE_PATH = "seldon-cert-volume", "/cert/"


def deployment(
    root: Part,
    predictor: Predictor,
    settings: Settings,
    name: str,
    pods: Part | None,
    containers: list[dict[str, Tree]],
    *,
    metrics: bool = True,
) -> Tree:
    """A Deployment that can still be changed.

    The user's security context of the pods is lost: the operator writes its own, which is none unless its environment
    names a user.

    Args:
        root: The SeldonDeployment.
        predictor: Whose pods these are.
        settings: What the operator is told.
        name: The Deployment's.
        pods: The entry of ``componentSpecs``; None where the operator makes the pods.
        containers: Of the pods.
        metrics: Whether Prometheus is told to scrape them.
    """
    spec: dict[str, Tree] = dict(pods.fields("spec")) if pods else {}
    spec["containers"] = containers
    user = settings.environment["DEFAULT_USER_ID"]
    spec["securityContext"] = {"runAsUser": int(user)} if user else None
    for key, value in (
        ("restartPolicy", "Always"),
        ("dnsPolicy", "ClusterFirst"),
        ("schedulerName", "default-scheduler"),
    ):
        if not value_of(spec.get(key)):
            spec[key] = value
    spec.setdefault("terminationGracePeriodSeconds", GRACE)
    volumes = items(spec.get("volumes"))
    spec["volumes"] = volumes if any(name_of(each) == PODINFO for each in volumes) else [*volumes, podinfo()]
    scraped = {"prometheus.io/path": settings.environment["EXECUTOR_PROMETHEUS_PATH"], "prometheus.io/scrape": "true"}
    said: dict[str, Tree] = {
        **root.fields("spec", "annotations"),
        **predictor.part.fields("annotations"),
        **(pods.fields("metadata", "annotations") if pods else {}),
    }
    own: dict[str, Tree] = {**predictor.labels, **(pods.fields("metadata", "labels") if pods else {})}
    service = names.fitting(root.text("metadata", "name"))
    based: dict[str, Tree] = {names.ID_LABEL: service, "app": name, "fluentd": "true"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": root.get("metadata", "namespace"),
            "labels": {**based, **own},
            "annotations": dict(said),
        },
        "spec": {
            "selector": {"matchLabels": {names.ID_LABEL: service}},
            "template": {
                "metadata": {
                    "labels": {**based, **({names.SHADOW_LABEL: "true"} if predictor.shadow else {}), **own},
                    "annotations": {**(scraped if metrics else {}), **said},
                },
                "spec": spec,
            },
            "strategy": dict(STRATEGY),
            "progressDeadlineSeconds": predictor.part.get("progressDeadlineSeconds"),
        },
    }


def podinfo() -> Tree:
    """The volume by which containers read the annotations of their pod."""
    item = {"path": "annotations", "fieldRef": {"fieldPath": "metadata.annotations", "apiVersion": "v1"}}
    return {"name": PODINFO, "downwardAPI": {"items": [item], "defaultMode": DEFAULT_MODE}}


def label(made: Tree, labels: dict[str, Tree], *, selector: bool = False) -> None:
    """Put labels on a Deployment and its pods, and into its selector where that is asked for."""
    made["metadata"]["labels"].update(labels)
    made["spec"]["template"]["metadata"]["labels"].update(labels)
    if selector:
        made["spec"]["selector"]["matchLabels"].update(labels)


def label_by(made: Tree, unit: Unit | None, predictor: Predictor) -> None:
    """Put the labels of a unit's type on a Deployment (labels.go, ``addLabelsToDeployment``)."""
    label(made, type_labels(unit, predictor))


def type_labels(unit: Unit | None, predictor: Predictor) -> dict[str, Tree]:
    """The labels that say what a unit is, for its Deployment and its Service."""
    found: dict[str, Tree] = dict(names.MANAGED)
    if unit and unit.type in names.TYPE_LABELS:
        found[names.TYPE_LABELS[unit.type]] = "true"
    elif (unit is None or not unit.type) and explained(predictor):
        found[names.EXPLAINER_LABEL] = "true"
    if predictor.shadow:
        found[names.SHADOW_LABEL] = "true"
    return found


def explained(predictor: Predictor) -> bool:
    """Whether an explainer is made: one without a type is ignored."""
    return bool(predictor.part.text("explainer", "type"))


def secure(made: Tree, predictor: Predictor) -> None:
    """Mount a predictor's certificate into all containers of a Deployment (utils.go, ``MountSecretTo…``)."""
    secret = predictor.part.get("ssl", "certSecretName")
    if secret is None or not secret.value:
        return
    spec = made["spec"]["template"]["spec"]
    spec["volumes"] = [*items(spec.get("volumes")), {"name": CERTIFICATE, "secret": {"secretName": secret}}]
    for each in spec["containers"]:
        mount = {"name": CERTIFICATE, "mountPath": CERTIFICATE_PATH, "readOnly": True}
        each["volumeMounts"] = [*items(each.get("volumeMounts")), mount]
        each["env"] = [*items(each.get("env")), {"name": "SELDON_CERT_MOUNT_PATH", "value": CERTIFICATE_PATH}]


def container_of(made: Tree, name: object) -> dict[str, Tree] | None:
    """The container of a name in a Deployment."""
    containers: list[dict[str, Tree]] = made["spec"]["template"]["spec"]["containers"]
    return next((each for each in containers if name_of(each) == name), None)
