"""What was trained, published in several formats and answered by real servers, each out of its layout in the store."""

from __future__ import annotations

import contextlib
import json
import os
import sysconfig
import time
import tomllib
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import run, service_file

import mlflow_server
import object_servers
from kit import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.tensorflow, pytest.mark.server]

MLSERVER = ("mlserver==1.7.1", "onnxruntime>=1.17,<2")
FORMATS = {"tensorflow-serving": "savedmodel", "mlserver": "onnx", "triton": "onnx", "plain": "pmml", "keras": "keras"}
SECONDS = 90


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service whose release 1 holds four formats; its file asks for two of them."""
    folder = tmp_path_factory.mktemp("released")
    path = service_file(folder)
    text = path.read_text().replace(
        "model:\n",
        "model:\n  format: savedmodel\n  formats: [savedmodel, onnx, pmml, keras]\n"
        "  runtimes: [tensorflow-serving, mlserver, triton]\n",
    )
    text = text.replace(
        "  - {name: stable, release: latest}\n",
        "  - {name: stable, release: latest}\n  - {name: onnx, release: latest, format: onnx}\n"
        "strategy: {ab: {split: {stable: 50, onnx: 50}}}\n"
        "gateway: {name: models, namespace: gateways, host: digits.example.com}\n",
    )
    path.write_text(text)
    done = run(folder, "release", "serinus.yaml")
    assert done.returncode == 0, done.stderr
    return folder


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "build/store/digits/1/release.json").read_text())
    return found


def layout(folder: Path, name: str) -> Path:
    (inside,) = (folder / "build/store/digits/1").glob(f"*/{name}")
    return inside


class TestSeveralFormatsInOneRelease:
    def test_each_lies_in_the_layout_of_its_servers(self, released: Path) -> None:
        told = record(released)
        assert told["format"] == "savedmodel"
        assert set(told["layouts"]) == set(FORMATS)
        assert told["formats"] == {name: each for name, each in FORMATS.items() if each != "savedmodel"}
        for name, file in (("plain", "model.pmml"), ("keras", "model.keras"), ("mlserver", "serinus_onnx.py")):
            assert (layout(released, name) / file).is_file()

    def test_the_parity_of_each_is_in_the_record(self, released: Path) -> None:
        held = record(released)["trainedWith"]["parity"]
        assert set(held) == set(FORMATS.values())
        assert all(each["largestDifference"] < 1e-5 and each["evaluator"] for each in held.values())

    def test_the_lock_knows_them_and_each_variant_is_rendered_with_its_own(self, released: Path) -> None:
        lock = (released / "serinus.lock").read_text()
        assert lock.count("triton: onnx") == 2
        rendered = run(released, "render", "serinus.yaml")
        assert rendered.returncode == 0, rendered.stderr
        assert "/tensorflow-serving" in rendered.stdout
        assert "/triton" in rendered.stdout

    def test_a_variant_that_asks_for_what_isnt_there_is_refused_when_it_is_rendered(self, released: Path) -> None:
        done = run(
            released,
            "render",
            "serinus.yaml",
            "--set",
            "variants[1].format=sklearn",
            "--set",
            "variants[1].runtime=kserve",
        )
        assert done.returncode == 2
        assert "holds pmml in the layout plain" in done.stderr


def ask(port: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def await_model(port: int, path: str) -> None:
    """Until a model is ready, which it is some time after its server listens."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
            return
        time.sleep(0.2)
    pytest.fail(f"{path} isn't ready")


@pytest.fixture
def kserve(released: Path) -> Iterator[int]:
    """KServe's ModelServer on the published SavedModel; its port."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    python = mlflow_server.environment("kserve", *extras["serve"]) / "python"
    port = object_servers._free_port()
    script = Path(__file__).parents[1] / "kserve_savedmodel.py"
    folder = layout(released, "tensorflow-serving") / "1"
    command = (str(python), str(script), str(folder), "digits", str(port), sysconfig.get_paths()["purelib"])
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    with object_servers._running(*command, environment=quiet) as process:
        object_servers._await(port, process)
        await_model(port, "/v1/models/digits")
        yield port


def test_the_savedmodel_answers_the_classic_request_behind_kserve(released: Path, kserve: int) -> None:
    golden = record(released)["golden"]
    instances = [{"image": image} for image in golden["request"]["image"]]
    answer = ask(kserve, "/v1/models/digits:predict", {"instances": instances})
    found = answer["predictions"]
    assert [each["class"] for each in found] == golden["response"]["class"]
    for each, told in zip(found, golden["response"]["probabilities"], strict=True):
        assert each["probabilities"] == pytest.approx(told, abs=1e-5)


@pytest.fixture
def mlserver(released: Path, tmp_path: Path) -> Iterator[int]:
    """MLServer on the published layout, with the runtime that lies in it; its port."""
    program = mlflow_server.environment("mlserver", *MLSERVER) / "mlserver"
    http, grpc, metrics = (object_servers._free_port() for _ in range(3))
    settings = {
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(http),
        "MLSERVER_GRPC_PORT": str(grpc),
        "MLSERVER_METRICS_PORT": str(metrics),
        "MLSERVER_PARALLEL_WORKERS": "0",
        "MLSERVER_MODEL_NAME": "digits",
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
    }
    with object_servers._running(
        str(program), "start", str(layout(released, "mlserver")), environment=settings
    ) as process:
        object_servers._await(http, process)
        await_model(http, "/v2/models/digits/ready")
        yield http


def test_the_onnx_model_answers_behind_a_v2_server(released: Path, mlserver: int) -> None:
    golden = record(released)["golden"]
    images = np.array(golden["request"]["image"])
    tensor = {"name": "image", "datatype": "FP32", "shape": list(images.shape), "data": images.ravel().tolist()}
    answer = ask(mlserver, "/v2/models/digits/infer", {"inputs": [tensor]})
    found = {each["name"]: np.array(each["data"]).reshape(each["shape"]) for each in answer["outputs"]}
    assert found["class"].tolist() == golden["response"]["class"]
    assert found["probabilities"] == pytest.approx(np.array(golden["response"]["probabilities"]), abs=1e-5)
    with urllib.request.urlopen(f"http://127.0.0.1:{mlserver}/v2/models/digits", timeout=SECONDS) as told:
        assert json.load(told)["inputs"][0]["shape"] == [-1, 28, 28]
