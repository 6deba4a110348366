"""TorchServe: ``model-store/<service>.mar`` and ``config/config.properties``.

KServe starts TorchServe with these two places under ``/mnt/models`` (kserve/kserve v0.20.0,
config/runtimes/kserve-torchserve.yaml), so the settings belong to the model. The values are those of pytorch/serve's
own kubernetes/kserve/config.properties, but that all addresses are open to the pod's network: probes and Prometheus
come from outside.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from generator.store.layouts.base import Layout, Parts

if TYPE_CHECKING:
    from generator.store.formats.base import Model, Say

SETTINGS = {
    # Not 8080: there KServe's own front answers. Its gRPC port is 8081, so management shares this one.
    "inference_address": "http://0.0.0.0:8085",
    "management_address": "http://0.0.0.0:8085",
    "metrics_address": "http://0.0.0.0:8082",
    "grpc_inference_port": "7070",
    "grpc_management_port": "7071",
    "enable_metrics_api": "true",
    "metrics_mode": "prometheus",  # the default only logs: pytorch/serve, docs/metrics.md
    "enable_envvars_config": "true",  # so that a manifest can still change each of these
    "install_py_dep_per_model": "true",
    "number_of_netty_threads": "4",
    "job_queue_size": "100",
    # Newer releases want with each request a token out of a file in the container, so nobody outside could ask
    # (pytorch/serve, docs/token_authorization_api.md). Older ones pass over it.
    "disable_token_authorization": "true",
    "model_store": "/mnt/models/model-store",
}
WORKERS = {"minWorkers": 1, "maxWorkers": 1, "batchSize": 1, "maxBatchDelay": 100, "responseTimeout": 120}


def _mar(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    archive = f"{service}.mar"
    # Keyed by the archive's own version: TorchServe looks the model up by both after it has loaded the archive.
    versions = {model.facts["marVersion"]: {"defaultVersion": True, "marName": archive, **WORKERS}}
    snapshot = {"name": "startup.cfg", "modelCount": 1, "models": {service: versions}}
    settings = {**SETTINGS, "model_snapshot": json.dumps(snapshot, separators=(",", ":"))}
    # A properties file: Java reads a backslash as the start of an escape.
    lines = (f"{key}={value}\n".replace("\\", "\\\\") for key, value in settings.items())
    return Parts({f"model-store/{archive}": model.path}, {"config/config.properties": "".join(lines).encode()})


LAYOUT = Layout("torchserve", {"torchserve": _mar})
