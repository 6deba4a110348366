"""How a pod proves at its start that its model answers: it sends the release's golden request to its own server.

A connection, or a server's own word, comes before the model answers: KServe's default probe is a TCP connection (with
MLServer and KServe's own servers the port is open before the model is loaded), TensorFlow Serving says 200 for a model
in any state. So a startup probe asks for a prediction. Until it has succeeded once, the kubelet asks no readiness probe
and the pod gets no request. From then on the server's own, cheap probe is asked: one that predicts every ten seconds
would be counted as traffic, and would take busy pods out of service when they are needed most.

The request lies in the release's layout (``generator.store.golden``), and bash sends it, which the images of all these
servers have: tensorflow/serving and nvcr.io/nvidia/tritonserver are Ubuntu, kserve's are Debian, seldonio/mlserver is
UBI (the Dockerfiles of tensorflow/serving 2.20.0, triton-inference-server/server r26.07, kserve/kserve v0.20.0 and
SeldonIO/MLServer 1.7.1). An image of the user's own need not have it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from generator.model.artifact import GOLDEN_V1, GOLDEN_V2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Share
    from generator.platforms.base import Server
    from generator.service import Service

PERIOD = 10
TIMEOUT = 10
"""Seconds. A first prediction compiles and allocates, so it takes longer than any other."""

SCRIPT = (
    '[ -r "$3" ] || exit 1; IFS= read -r -d "" body <"$3"; '
    'exec 3<>"/dev/tcp/127.0.0.1/${!1:-$1}" || exit 1; '
    r"printf 'POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    r"""Content-Length: %d\r\n\r\n%s' "$2" "${#body}" "$body" >&3; """
    'read -r _ status _ <&3; [ "$status" = 200 ]'
)
"""Sends the file $3 as the body of a POST to the path $2 at the port $1 (a number, or a variable that holds one);
succeeds where the answer is 200.

The kubelet expands ``$(…)`` in a probe's command, so there is none. A body is ASCII, so its characters are its bytes.
"""


def startup(
    service: Service, share: Share, server: Server, *, port: int | str, folder: str, protocol: str, name: str = ""
) -> dict[str, Any]:
    """The startup probe of a variant that predicts, without how often it may fail; empty where there can't be one.

    Args:
        service: The service.
        share: The variant.
        server: What runs it.
        port: Where the server speaks HTTP: a number, or the variable of its container that holds it.
        folder: Where the layout lies in the container.
        protocol: The prediction protocol that is rendered.
        name: What the server calls the model, where that isn't the service's word.
    """
    wanted = GOLDEN_V1 if protocol.removeprefix("grpc-") in ("v1", "tensorflow") else GOLDEN_V2
    file = next((path for path in golden_files(share, server) if posixpath.basename(path) == wanted), None)
    if file is None or service.model.probe == "server" or _own_image(service, share):
        return {}
    model = name or service.model_name
    path = f"/v1/models/{model}:predict" if wanted == GOLDEN_V1 else f"/v2/models/{model}/infer"
    command = ["bash", "-c", SCRIPT, "golden", str(port), path, f"{folder}/{file}"]
    return {"exec": {"command": command}, "periodSeconds": PERIOD, "timeoutSeconds": TIMEOUT}


def golden_files(share: Share, server: Server) -> tuple[str, ...]:
    """What a release's layout holds of its golden pair, from the layout's own folder."""
    golden: Mapping[str, tuple[str, ...]] = share.files.golden
    return golden.get(server.layout, ())


def _own_image(service: Service, share: Share) -> bool:
    return "image" in share.container or "image" in service.container
