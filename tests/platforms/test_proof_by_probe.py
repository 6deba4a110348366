"""The startup probe that predicts: what is rendered, and the shell's script against a server."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.platforms import proof
from generator.rendering.render import render
from kit import locked, pin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: %s}
store: {url: s3://models}
serviceAccount: reader
model: {format: %s}
variants: [{name: stable, release: latest}]
"""
GOLDEN = {
    "tensorflow-serving": ("golden.v1",),
    "mlserver": ("golden.v2",),
    "triton": ("digits/golden.v2",),
    "plain": ("golden.v1", "golden.v2"),
}


def service(platform: str, model_format: str, *more: tuple[str, str]) -> str:
    text = SERVICE % (platform, model_format)
    for old, new in more:
        assert old in text
        text = text.replace(old, new)
    return text


def probes(text: str, golden: dict[str, tuple[str, ...]] | None = None) -> list[dict[str, Any]]:
    """The startup probes of all containers that are rendered."""
    model_format = re.search(r"format: (\w+)", text)
    assert model_format
    known = {
        "format": model_format[1],
        "layouts": tuple(GOLDEN),
        "runtimes": {},
        "golden": GOLDEN if golden is None else golden,
    }
    rendering = render(
        build(parse(text, "serinus.yaml"), "serinus.yaml"), locked(stable=pin("latest", 3, "a", **known))
    )
    return list(_found([*yaml.safe_load_all(rendering.text)]))


def _found(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "startupProbe" in node:
            yield node["startupProbe"]
        for each in node.values():
            yield from _found(each)
    elif isinstance(node, list):
        for each in node:
            yield from _found(each)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (service("kserve", "savedmodel"), ["8080", "/v1/models/digits:predict", "/mnt/models/golden.v1"]),
        (service("kserve", "onnx"), ["8080", "/v2/models/digits/infer", "/mnt/models/digits/golden.v2"]),
        (
            service("kserve", "sklearn, runtime: mlserver"),
            ["8080", "/v2/models/digits/infer", "/mnt/models/golden.v2"],
        ),
        (service("kserve", "pmml"), ["8080", "/v1/models/digits:predict", "/mnt/models/golden.v1"]),
        (service("kserve", "pmml, protocol: v2"), ["8080", "/v2/models/digits/infer", "/mnt/models/golden.v2"]),
        (service("kserve", "pmml, name: other"), ["8080", "/v1/models/other:predict", "/mnt/models/golden.v1"]),
        (service("kubernetes", "savedmodel"), ["8501", "/v1/models/digits:predict", "/mnt/models/golden.v1"]),
        (service("kubernetes", "onnx"), ["8000", "/v2/models/digits/infer", "/mnt/models/digits/golden.v2"]),
        (
            service("seldon-core-1", "sklearn, runtime: mlserver"),
            ["MLSERVER_HTTP_PORT", "/v2/models/digits/infer", "/mnt/models/golden.v2"],
        ),
    ],
)
def test_a_pod_asks_its_own_server_for_the_golden_answer(text: str, arguments: list[str]) -> None:
    (probe,) = probes(text)
    assert probe["exec"]["command"] == ["bash", "-c", proof.SCRIPT, "golden", *arguments]
    assert probe["failureThreshold"] * probe["periodSeconds"] >= 600


@pytest.mark.parametrize(
    ("text", "golden"),
    [
        (service("kserve", "savedmodel"), {}),
        (service("kserve", "onnx"), {"plain": ("golden.v2",)}),
        (service("kserve", "savedmodel, probe: server"), None),
        (service("kserve", "savedmodel", ("variants", "container: {image: mine:1}\nvariants")), None),
        (service("kserve", "savedmodel", ("kserve}", "kserve, mode: knative}")), None),
        (service("kubernetes", "savedmodel, probe: server"), None),
        (service("kubernetes", "savedmodel", ("variants", "container: {image: mine:1}\nvariants")), None),
        (service("seldon-core-1", "savedmodel"), None),
        (service("seldon-core-2", "sklearn"), None),
    ],
)
def test_where_it_cant_be_asked_so_the_server_alone_is(text: str, golden: dict[str, tuple[str, ...]] | None) -> None:
    assert not [probe for probe in probes(text, golden) if "exec" in probe]


def test_a_startup_probe_of_the_users_own_wins() -> None:
    own = "container: {startupProbe: {httpGet: {path: /mine, port: 8080}}}\nvariants"
    for platform in ("kserve", "kubernetes"):
        (probe,) = probes(service(platform, "savedmodel", ("variants", own)))
        assert probe["httpGet"]["path"] == "/mine"
        assert "exec" not in probe


def test_a_folder_that_core_2_doesnt_copy_is_refused() -> None:
    text = service("seldon-core-2", "onnx")
    assert probes(text) == []
    with pytest.raises(InputError, match="doesn't copy, so the model wouldn't load"):
        probes(text, {"triton": ("digits/golden.v2", "digits/warmup/input0")})


class Server(http.server.BaseHTTPRequestHandler):
    """Answers what it is told to, and keeps what it was asked."""

    status = 200
    asked: list[tuple[str, str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append((self.path, self.headers["Content-Type"], body))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def server(status: int) -> Iterator[tuple[int, list[tuple[str, str, bytes]]]]:
    handler = type("Handler", (Server,), {"status": status, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield running.server_address[1], handler.asked
        finally:
            running.shutdown()


def sent(*arguments: str, **environment: str) -> int:
    command = ["bash", "-c", proof.SCRIPT, "golden", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, timeout=30, env=os.environ | environment
    ).returncode


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
class TestScript:
    @pytest.fixture
    def body(self, tmp_path: Path) -> Path:
        path = tmp_path / "golden.v1"
        path.write_text(json.dumps({"instances": [["a \\ $(b) 'c' \"d\" %s `e`", 0.5]]}))
        return path

    @pytest.mark.parametrize(("status", "code"), [(200, 0), (404, 1), (503, 1), (400, 1)])
    def test_it_succeeds_where_the_model_answers(self, body: Path, status: int, code: int) -> None:
        with server(status) as (port, asked):
            assert sent(str(port), "/v1/models/digits:predict", str(body)) == code
        assert asked == [("/v1/models/digits:predict", "application/json", body.read_bytes())]

    def test_a_port_may_be_a_variable_of_the_container(self, body: Path) -> None:
        with server(200) as (port, _):
            assert sent("MLSERVER_HTTP_PORT", "/x", str(body), MLSERVER_HTTP_PORT=str(port)) == 0

    def test_a_closed_port_and_a_missing_file_are_failures(self, body: Path, tmp_path: Path) -> None:
        with server(200) as (port, _):
            pass
        assert sent(str(port), "/x", str(body)) != 0
        with server(200) as (port, asked):
            assert sent(str(port), "/x", str(tmp_path / "gone")) != 0
        assert asked == []

    def test_the_kubelet_finds_nothing_to_expand(self) -> None:
        assert "$(" not in proof.SCRIPT
