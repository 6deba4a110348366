"""TensorFlow Serving.

Flags: tensorflow/serving 2.20.0, tensorflow_serving/model_servers/main.cc. The ports open only once the model is
loaded, and without it the process ends (server.cc, ``BuildAndStart``), so a connection proves more than it seems to.
``GET /v1/models/NAME`` proves less: it is 200 in any state, and it counts as a request in the metrics
(http_server.cc; get_model_status_impl.cc).
"""

from __future__ import annotations

from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer, Run, flavoured, tcp

FOLDER = "/etc/tensorflow-serving"
MONITORING = """\
prometheus_config {
  enable: true
  path: "/monitoring/prometheus/metrics"
}
"""
"""Without it there are no metrics: tensorflow_serving/config/monitoring_config.proto."""


def _run(ask: Ask) -> Run:
    port = "grpc" if ask.protocol.startswith("grpc") else "http"
    files = {"monitoring.config": MONITORING, **_batching(ask)}
    batching = [f"--batching_parameters_file={FOLDER}/batching.config"] if len(files) > 1 else []
    return Run(
        image=f"tensorflow/serving:{flavoured(ask.version, '-gpu' if ask.gpu else '')}",
        # As KServe starts it. The image's own script puts a shell around it.
        command=("/usr/bin/tensorflow_model_server",),
        args=(
            "--port=8500",
            "--rest_api_port=8501",
            f"--model_name={ask.name}",
            f"--model_base_path={MODELS}",
            "--file_system_poll_wait_seconds=0",  # looked at once: a release never changes
            f"--monitoring_config_file={FOLDER}/monitoring.config",
            *(["--enable_batching=true"] if ask.service.batcher else []),
            *batching,
            *ask.flags,
        ),
        ports={"http": 8501, "grpc": 8500},
        startup=tcp(port),
        readiness=tcp(port),
        liveness=tcp(port),
        grace=30,  # it doesn't end by itself when it is told to: what it was asked it answers until it is ended
        files=files,
        folder=FOLDER,
        read_only=True,
    )


def _batching(ask: Ask) -> dict[str, str]:
    """The file of batching parameters: tensorflow_serving/servables/tensorflow/session_bundle_config.proto."""
    batcher = ask.service.batcher
    if batcher is None:
        return {}
    latency = None if batcher.max_latency is None else batcher.max_latency * 1000
    known = {"max_batch_size": batcher.max_size, "batch_timeout_micros": latency}
    lines = [f"{key} {{ value: {value} }}\n" for key, value in known.items() if value is not None]
    return {"batching.config": "".join(lines)} if lines else {}


SAVEDMODEL = ModelServer(
    runtime="TensorFlow Serving",
    layout="tensorflow-serving",
    model_format="tensorflow",
    protocol="v1",
    protocols=("v1", "grpc-v1"),
    newest="2.20.0",
    run=_run,
    taken=frozenset(
        (
            *("batching_parameters_file", "enable_batching", "file_system_poll_wait_seconds", "model_base_path"),
            *("model_name", "monitoring_config_file", "port", "rest_api_port"),
        )
    ),
    batches=True,
)
