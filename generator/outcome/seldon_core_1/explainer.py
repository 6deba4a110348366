"""The explainer of a predictor (seldondeployment_explainers.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.part import Part, Tree, value_of
from generator.outcome.seldon_core_1 import names
from generator.outcome.seldon_core_1.container import MOUNTED, SLEEP
from generator.outcome.seldon_core_1.deployment import deployment, label, type_labels
from generator.outcome.seldon_core_1.initializer import inject
from generator.outcome.seldon_core_1.settings import V2
from generator.outcome.seldon_core_1.values import field, items, name_of, variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.seldon_core_1.predictor import Predictor
    from generator.outcome.seldon_core_1.settings import Settings

PORT = 9000
TYPES: Mapping[str, str] = {
    "AnchorTabular": "anchor_tabular",
    "AnchorImages": "anchor_image",
    "AnchorText": "anchor_text",
    "Counterfactuals": "counterfactuals",
    "Contrastive": "contrastive",
    "KernelShap": "kernel_shap",
    "IntegratedGradients": "integrated_gradients",
    "ALE": "ALE",
    "TreeShap": "tree_shap",
}
"""What a type is called in MLServer (mlserver.go)."""


def explainer(root: Part, predictor: Predictor, endpoint: tuple[str, str], settings: Settings) -> tuple[Tree, int]:
    """The Deployment of an explainer, and the port where it answers.

    Args:
        root: The SeldonDeployment.
        predictor: Whose answers are explained.
        endpoint: Where the predictor answers HTTP and gRPC.
        settings: What the operator is told.
    """
    part = predictor.part.get("explainer")
    assert part is not None  # noqa: S101 (the caller has seen to it)
    name = names.explainer(root.text("metadata", "name"), predictor.name)
    container: dict[str, Tree] = dict(part.fields("containerSpec"))
    container["name"] = container.get("name") or name
    container["imagePullPolicy"] = container.get("imagePullPolicy") or "IfNotPresent"
    v2 = root.text("spec", "protocol") in V2
    if not value_of(container.get("image")):
        container["image"] = settings.config["explainer"].get("image_v2" if v2 else "image")
    number = _port(part, container)
    container["livenessProbe"] = container.get("livenessProbe") or _probe(60, 5)
    container["readinessProbe"] = container.get("readinessProbe") or _probe(20, 7)
    container["lifecycle"] = container.get("lifecycle") or dict(SLEEP)
    grpc = root.text("spec", "transport") == "grpc" or part.text("endpoint", "type") == "GRPC"
    if v2:
        container["env"] = _variables(part, predictor, container, endpoint[grpc], number)
    else:
        container["args"] = _arguments(root, part, predictor, endpoint[grpc], number, grpc=grpc)
    made = deployment(root, predictor, settings, name, None, [container], metrics=False)
    made["spec"]["replicas"] = _replicas(root, predictor, part)
    inject(made, str(value_of(container["name"])), part, settings)
    account = part.get("serviceAccountName")
    if account is not None and account.value:
        made["spec"]["template"]["spec"]["serviceAccountName"] = account
    label(made, type_labels(None, predictor))
    label(made, {names.APP_LABEL: name})
    return made, _said(part) or PORT


def _port(part: Part, container: dict[str, Tree]) -> int:
    """Where the explainer listens; a port of the container that is called http wins."""
    ports = items(container.get("ports"))
    own = next((value_of(field(each, "containerPort")) for each in ports if name_of(each) == "http"), None)
    if isinstance(own, int):
        return own
    number = _said(part) or PORT
    container["ports"] = [*ports, {"name": "http", "containerPort": number, "protocol": "TCP"}]
    return number


def _said(part: Part) -> int:
    found = part.get("endpoint", "service_port")
    return found.value if found is not None and isinstance(found.value, int) else 0


def _probe(delay: int, failures: int) -> Tree:
    times = {"initialDelaySeconds": delay, "periodSeconds": 5, "timeoutSeconds": 1}
    return {"tcpSocket": {"port": "http"}, **times, "successThreshold": 1, "failureThreshold": failures}


def _variables(
    part: Part, predictor: Predictor, container: Mapping[str, Tree], endpoint: str, number: int
) -> list[Tree]:
    """What MLServer is told; whatever the user's container says in variables is lost."""
    graph = predictor.graph
    kind = TYPES.get(part.text("type"), "")
    extra = f'"explainer_type":"{kind}","infer_uri":"http://{endpoint}/v2/models/{graph}/infer"'
    start = part.text("initParameters")
    return [
        variable("MLSERVER_HTTP_PORT", str(number)),
        variable("MLSERVER_MODEL_IMPLEMENTATION", "mlserver_alibi_explain.AlibiExplainRuntime"),
        variable("MLSERVER_MODEL_NAME", container["name"]),
        variable("MLSERVER_MODEL_URI", MOUNTED),
        variable("MLSERVER_MODEL_EXTRA", f'{{{extra}{f""","init_parameters":{start}""" if start else ""}}}'),
    ]


def _arguments(root: Part, part: Part, predictor: Predictor, endpoint: str, number: int, *, grpc: bool) -> list[Tree]:
    protocol = "tensorflow" if root.text("spec", "protocol") == "tensorflow" else "seldon"
    address, kind = part.text("modelUri"), part.get("type")
    config = sorted(part.fields("config").items())
    return [
        f"--model_name={predictor.graph}",
        f"--predictor_host={endpoint}",
        f"--protocol={protocol}.{'grpc' if grpc else 'http'}",
        f"--http_port={number}",
        *([f"--storage_uri={MOUNTED}"] if address else []),
        kind,
        *(["--tf_data_type=float32"] if part.text("type") == "AnchorImages" else []),
        *(
            f"--{name}={str(value.value).replace(address, MOUNTED, 1) if address else value.value}"
            for name, value in config
        ),
    ]


def _replicas(root: Part, predictor: Predictor, part: Part) -> Part | None:
    """None where the predictor has none; else what the explainer says."""
    above = predictor.part.get("replicas") or root.get("spec", "replicas")
    return above if above is not None and above.value == 0 else part.get("replicas")
