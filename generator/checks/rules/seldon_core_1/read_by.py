"""Which of Seldon Core 1's annotations are read: by its operator, by its engine in Go, or by nobody since that came.

Sources: SeldonIO/seldon-core: operator/controllers and operator/apis of v1.16.0, executor/k8s (its constants), and
doc/source/graph/annotations.md.
"""

from __future__ import annotations

PREFIX = "seldon.io/"
OF_ENVIRONMENT = "seldon.io/engine-"
"""What begins so becomes a variable of the engine, whatever follows (utils.go, GetEngineEnvAnnotations)."""

READ = frozenset(
    (
        *("no-engine", "svc-name", "headless-svc", "engine-separate-pod", "no-storage-initializer", "controller-id"),
        *("rest-timeout", "grpc-timeout", "grpc-max-message-size"),
        *("executor-logger-queue-size", "executor-logger-write-timeout-ms"),
        *("istio-gateway", "istio-host", "istio-retries", "istio-retries-timeout"),
        *("ambassador-config", "ambassador-header", "ambassador-regex-header", "ambassador-id", "ambassador-retries"),
        *("ambassador-service-name", "ambassador-circuit-breakers-max-connections"),
        *("ambassador-circuit-breakers-max-pending-requests", "ambassador-circuit-breakers-max-requests"),
        "ambassador-circuit-breakers-max-retries",
        *("model", "router", "combiner", "transformer", "output-transformer", "explainer", "shadow", "last-applied"),
    )
)
"""Behind the prefix: read as annotations, or written by the operator itself as labels (the last line)."""

OLD = {
    f"{PREFIX}rest-read-timeout": f"Write {PREFIX}rest-timeout instead of {PREFIX}rest-read-timeout.",
    f"{PREFIX}grpc-read-timeout": f"Write {PREFIX}grpc-timeout instead of {PREFIX}grpc-read-timeout.",
    f"{PREFIX}rest-connection-timeout": f"Remove it; {PREFIX}rest-timeout bounds the whole call.",
    f"{PREFIX}engine-java-opts": "Remove it; the engine is no Java program any more.",
    f"{PREFIX}ambassador-shadow": "Write shadow: true in the predictor.",
    f"{PREFIX}ambassador-weight": "Write traffic in the predictors.",
    f"{PREFIX}executor": "Remove it; there is one engine only.",
}
"""Those of the engine in Java and its operator, which went with Seldon Core 1.2, and what does the same."""
