"""vLLM with its OpenAI API.

Command: kserve/kserve v0.20.0, config/runtimes/kserve-vllmserver.yaml. ``/health`` says that the process lives, only
``/v1/models`` that the model is there. Without a GPU there is an image of its own, as KServe takes it.
"""

from __future__ import annotations

from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer, Run, http


def _run(ask: Ask) -> Run:
    return Run(
        image=f"vllm/vllm-openai{'' if ask.gpu else '-cpu'}:{ask.version}",
        command=("python3", "-m", "vllm.entrypoints.openai.api_server"),
        args=("--port=8000", f"--served-model-name={ask.name}", f"--model={MODELS}", *ask.flags),
        # The image is made for root: a user that it doesn't know needs a home for caches, and a name for PyTorch's.
        env={"HOME": "/tmp", "USER": "vllm"},  # noqa: S108 (a volume of the pod's own)
        ports={"http": 8000},
        startup=http("/v1/models"),
        readiness=http("/v1/models"),
        liveness=http("/health"),
        start=1800,
        grace=120,
        shared_memory=True,
    )


HUGGINGFACE = ModelServer(
    runtime="vLLM",
    layout="plain",
    model_format="huggingface",
    protocol="openai",
    newest="v0.20.0",
    run=_run,
    taken=frozenset(("model", "port", "served-model-name")),
)
