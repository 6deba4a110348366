"""The golden pair at work: requests in a release's layouts, and what servers are warmed up with."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from savedmodel_bytes import saved_model
from store_kit import write_files

from generator.model.artifact import Artifact, Golden, Signature, Tensor
from generator.store import crc32c, golden
from generator.store.bring import artifact_in_layouts
from generator.store.release import File, Release

if TYPE_CHECKING:
    from collections.abc import Mapping

IMAGE = Tensor("image", "float32", (None, 2, 2))
SIGNATURE = Signature("serving_default", (IMAGE,), (Tensor("probabilities", "float32", (None, 3)),))
PAIR = Golden(
    {"image": [[[0.0, 0.5], [1.0, 0.25]], [[1.0, 1.0], [1.0, 1.0]]]}, {"probabilities": [[1, 0, 0], [0, 1, 0]]}
)
MIXED = Signature(
    "serving_default",
    (Tensor("user", "int64", (None,)), Tensor("word", "string", (None, 1))),
    (Tensor("score", "float32", (None, 1)),),
)
WORDS = Golden({"user": [7, 8], "word": [["größer"], ["b"]]}, {"score": [[0.5], [0.1]]})


@pytest.mark.parametrize(
    ("pair", "signature", "options", "bodies"),
    [
        (
            PAIR,
            SIGNATURE,
            {},
            {
                "golden.v1": {"instances": [[[0.0, 0.5], [1.0, 0.25]]]},
                "golden.v2": {
                    "inputs": [{"name": "image", "shape": [1, 2, 2], "datatype": "FP32", "data": [0.0, 0.5, 1.0, 0.25]}]
                },
            },
        ),
        (
            WORDS,
            MIXED,
            {},
            {
                "golden.v1": {"instances": [{"user": 7, "word": ["größer"]}]},
                "golden.v2": {
                    "inputs": [
                        {"name": "user", "shape": [1], "datatype": "INT64", "data": [7]},
                        {"name": "word", "shape": [1, 1], "datatype": "BYTES", "data": ["größer"]},
                    ]
                },
            },
        ),
        (PAIR, SIGNATURE, {"flat": True}, {"golden.v1": {"instances": [[0.0, 0.5, 1.0, 0.25]]}}),
        (PAIR, None, {}, {"golden.v1": {"instances": [[[0.0, 0.5], [1.0, 0.25]]]}}),
        (PAIR, SIGNATURE, {"protocols": ("v1",)}, {"golden.v1": {"instances": [[[0.0, 0.5], [1.0, 0.25]]]}}),
        (None, SIGNATURE, {}, {}),
        (Golden({"image": []}, {}), SIGNATURE, {}, {}),
        (Golden({"image": 1.0}, {}), SIGNATURE, {}, {}),
        (Golden({"image": [[0.5] * 2**18]}, {}), SIGNATURE, {}, {}),  # more than a shell should send
    ],
)
def test_the_first_example_is_the_body_of_a_request(pair, signature, options, bodies: dict[str, Any]) -> None:
    made = golden.bodies(pair, signature, **{"protocols": ("v1", "v2"), **options})
    assert {name: json.loads(body) for name, body in made.items()} == bodies
    assert all(body.isascii() for body in made.values())


@pytest.mark.parametrize(("content", "checksum"), [(b"", 0), (b"123456789", 0xE3069283), (b"\0" * 32, 0x8A9136AA)])
def test_crc32c_is_that_of_the_rfc(content: bytes, checksum: int) -> None:
    assert crc32c.of(content) == checksum  # RFC 3720, appendix B.4, and the usual check value


def arranged(tmp_path: Path, wanted: Mapping[str, str], **options: Any) -> Artifact:
    root = tmp_path / "artifact"
    write_files(root / "savedmodel/savedmodel", {"saved_model.pb": saved_model(), "variables/index": "x"})
    trained = Artifact(
        root, "savedmodel", (), exports={"savedmodel": "savedmodel/savedmodel"}, signature=SIGNATURE, golden=PAIR
    )
    return artifact_in_layouts(trained, wanted, "digits", lambda _: None, **options)


def test_each_layout_has_the_request_of_its_server_and_what_warms_it_up(tmp_path: Path) -> None:
    made = arranged(tmp_path, dict.fromkeys(("tensorflow-serving", "triton"), "savedmodel"))
    assert sorted(made.generated) == [
        "tensorflow-serving/1/assets.extra/tf_serving_warmup_requests",
        "tensorflow-serving/golden.v1",
        "triton/digits/config.pbtxt",
        "triton/digits/golden.v2",
        "triton/digits/warmup/input0",
    ]
    assert made.generated["triton/digits/warmup/input0"] == struct.pack("<4f", 0.0, 0.5, 1.0, 0.25)
    config = made.generated["triton/digits/config.pbtxt"].decode()
    assert "dims: [ 2, 2 ]" in config.partition("model_warmup")[2]
    assert 'input_data_file: "input0"' in config


def test_where_no_folder_comes_along_triton_warms_up_with_zeros(tmp_path: Path) -> None:
    made = arranged(tmp_path, {"triton": "savedmodel"}, warm_files=False)
    assert sorted(made.generated) == ["triton/digits/config.pbtxt", "triton/digits/golden.v2"]
    assert "zero_data: true" in made.generated["triton/digits/config.pbtxt"].decode()


def test_a_warm_up_file_of_the_models_own_stays(tmp_path: Path) -> None:
    own = {"assets.extra/tf_serving_warmup_requests": "theirs"}
    write_files(tmp_path / "artifact/savedmodel/savedmodel", own)
    made = arranged(tmp_path, {"tensorflow-serving": "savedmodel"})
    assert sorted(made.generated) == ["tensorflow-serving/golden.v1"]


def test_the_lock_learns_where_they_lie() -> None:
    paths = ["a/triton/digits/golden.v2", "a/triton/digits/warmup/input0", "a/triton/digits/1/model.onnx", "a/plain/x"]
    release = Release(
        "digits", 1, "a" * 64, tuple(File(path, 1, "b" * 64) for path in paths), ("plain", "triton"), "onnx"
    )
    assert golden.files_of(release) == {}  # the user's own, since the release has no golden pair
    known = Release(**{**release.__dict__, "golden": PAIR})
    assert golden.files_of(known) == {"triton": ("digits/golden.v2", "digits/warmup/input0")}


READ = """
import json, sys
sys.path.insert(0, sys.argv[2])
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog
(record,) = tf.data.TFRecordDataset(sys.argv[1]).as_numpy_iterator()
request = PredictionLog.FromString(record).predict_log.request
def plain(array):
    return [plain(each) for each in array] if isinstance(array, list) else array.decode() if isinstance(array, bytes) else array
tensors = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
print(json.dumps({
    "model": request.model_spec.name,
    "signature": request.model_spec.signature_name,
    "inputs": {name: plain(array.tolist()) for name, array in tensors.items()},
    "types": {name: "string" if array.dtype == object else str(array.dtype) for name, array in tensors.items()},
}))
"""


@pytest.fixture(scope="session")
def serving_protos() -> Path:
    """TensorFlow Serving's own protos, without the second TensorFlow that their package asks for."""
    home = Path.home() / ".cache/serinus/tensorflow-serving-api/2.19.1"
    if not (home / "done").is_file():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", home]
        subprocess.run([*command, "tensorflow-serving-api==2.19.1"], check=True, timeout=300)
        (home / "done").touch()
    return home


@pytest.mark.tensorflow
@pytest.mark.parametrize(("pair", "signature"), [(PAIR, SIGNATURE), (WORDS, MIXED)])
def test_tensorflows_own_protos_read_the_warm_up_file(
    tmp_path: Path, serving_protos: Path, pair: Golden, signature: Signature
) -> None:
    record = golden.warm_up(pair, signature, "digits")
    assert record is not None
    (tmp_path / "warm_up").write_bytes(record)
    command = [sys.executable, "-c", READ, tmp_path / "warm_up", serving_protos]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout) == {
        "model": "digits",
        "signature": "serving_default",
        "inputs": pair.request,
        "types": {tensor.name: tensor.dtype for tensor in signature.inputs},
    }
