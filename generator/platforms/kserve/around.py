"""What stands around a predictor: the transformer and the explainer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms import access, draining
from generator.platforms.fragments import laid
from generator.platforms.kserve import resources, scaling
from generator.platforms.kserve.predictor import CONTAINER, drained, ordered

if TYPE_CHECKING:
    from generator.platforms.kserve.setting import Setting

ART = ("SquareAttack",)
"""The explainers of the one kind that KServe still has (pkg/apis/serving/v1beta1/explainer_art.go)."""


def transformer(setting: Setting) -> dict[str, Any] | None:
    """The transformer; the webhook names its first container ``kserve-container``."""
    found = setting.service.transformer
    if found is None:
        return None
    grace = draining.grace(setting.service) if setting.standard else {}
    made = {**_identity(setting), **grace, **scaling.part(setting, found.replicas, found.max_replicas)}
    ours = {"name": CONTAINER, "lifecycle": drained(setting, found.container, found.pod)}
    container = laid({key: value for key, value in ours.items() if value}, found.container)
    if "resources" in container:
        container["resources"] = resources.filled(container["resources"], resources.shipped())
    return ordered({**laid(made, found.pod), "containers": [container]})


def explainer(setting: Setting) -> dict[str, Any] | None:
    """The explainer: KServe's own, or a container."""
    found = setting.service.explainer
    if found is None:
        return None
    grace = draining.grace(setting.service) if setting.standard else {}
    made = {**_identity(setting), **grace, **scaling.part(setting, found.replicas, None)}
    if found.type:
        art = {
            "type": found.type,
            "name": CONTAINER,
            "storageUri": found.uri,
            "runtimeVersion": found.runtime_version,
            "config": found.parameters,
            "resources": resources.whole(found.resources, resources.shipped()),
            "lifecycle": drained(setting, {}, {}),
        }
        return ordered({**made, "art": {key: value for key, value in art.items() if value}})
    env = [{"name": "STORAGE_URI", "value": found.uri}] if found.uri else []
    ours = {
        "name": CONTAINER,
        "env": env,
        "resources": resources.whole(found.resources, resources.shipped()),
        "lifecycle": drained(setting, found.container, {}),
    }
    container = laid({key: value for key, value in ours.items() if value}, found.container)
    return ordered({**made, "containers": [container]})


def _identity(setting: Setting) -> dict[str, Any]:
    """The pods' ServiceAccount, and the label without which Azure's webhook passes them over."""
    name = access.account_name(setting.service, secrets_on_account=not access.pulls(setting.service))
    made = {"labels": access.pod_labels(setting.service), "serviceAccountName": name}
    return {key: value for key, value in made.items() if value}
