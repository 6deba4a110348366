"""Every format that a trained model is exported to: what the files say, and that they answer as the model does."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import arrays, service_file

from generator.errors import AnswerIsNoError, InputError
from generator.loading import load as loader
from generator.model.artifact import Tensor
from generator.store.bring import artifact_in_layouts
from generator.store.collect import collect
from trainer import backend, formats
from trainer.data.dataset import Dataset, Examples
from trainer.formats.base import Trained
from trainer.network import Network
from trainer.service import train_service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trainer.run import Outcome

pytestmark = pytest.mark.tensorflow


def train(path: Path, *sets: str, **options: Any) -> Outcome:
    return train_service(loader.load(path, sets=sets), **{"say": lambda _: None, **options})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service file on a few tiny random images of three classes, exported in two formats."""
    folder = tmp_path_factory.mktemp("small")
    np.savez(folder / "mine.npz", **arrays())
    path = service_file(folder)
    text = path.read_text().replace("data: digits", "data: mine.npz").replace(">= 0.5", ">= 0")
    path.write_text(text.replace("model:\n", "model:\n  formats: [savedmodel, onnx]\n"))
    return path


def trained(answer: Callable[[Any], Mapping[str, Any]], *, inputs: Mapping[str, Any] | None = None) -> Trained:
    """An untrained network of one dense layer, with an answer of one's own."""
    keras = backend.keras()
    given = inputs or {"x": np.random.default_rng(0).normal(size=(8, 4)).astype("float32")}
    part = Examples(inputs=given, targets=np.zeros(8, "int64"))
    data = Dataset(name="t", train=part, test=part, classes=("a", "b", "c"), split="", licence="")
    body = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    network = Network(prepare=None, body=body, answer=answer)
    return Trained(model=network.whole(given), network=network, dataset=data)


class TestSeveralAtOnce:
    def test_each_lies_in_a_folder_of_its_own_and_the_record_has_its_parity(self, small: Path) -> None:
        artifact = train(small).artifact
        assert artifact.exports == {"savedmodel": "savedmodel/savedmodel", "onnx": "onnx/model.onnx"}
        held = artifact.trained_with["parity"]
        assert {name: each["evaluator"].split()[0] for name, each in held.items()} == {
            "savedmodel": "tensorflow",
            "onnx": "onnxruntime",
        }
        assert all(0 <= each["largestDifference"] <= 1e-5 and each["examples"] == 30 for each in held.values())
        assert "tf2onnx" in artifact.trained_with["versions"]

    def test_the_release_has_each_in_the_layout_of_its_servers(self, small: Path) -> None:
        wanted = {"tensorflow-serving": "savedmodel", "triton": "onnx", "mlserver": "onnx"}
        made = artifact_in_layouts(train(small).artifact, wanted, "digits", pytest.fail)
        places = {source.path for source in collect(made).files}
        assert {"triton/digits/1/model.onnx", "mlserver/model.onnx", "tensorflow-serving/1/saved_model.pb"} <= places
        assert made.formats == {"triton": "onnx", "mlserver": "onnx"}
        assert "triton" not in made.runtimes  # no release of Triton is too old for it

    def test_another_list_of_formats_is_another_training(self, small: Path) -> None:
        before = train(small).artifact.training_key
        assert train(small, "model.formats=onnx,savedmodel").artifact.training_key == before
        alone = train(small, "model.format=onnx", "model.formats=onnx")
        assert alone.fresh
        assert alone.artifact.training_key != before
        assert alone.artifact.signature
        assert alone.artifact.signature.inputs == (Tensor("image", "float32", (None, 4, 4)),)

    def test_a_wrong_conversion_replaces_nothing(self, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root = train(small).artifact.root
        before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        right = formats.find("onnx")

        def wrong(given: Trained, path: Path) -> None:
            kernel = given.model.weights[0]
            kept = kernel.numpy()
            kernel.assign(kept * 1.01)
            right.write(given, path)
            kernel.assign(kept)

        broken = dataclasses.replace(right, write=wrong)
        monkeypatch.setattr(formats, "find", {"onnx": broken, "savedmodel": formats.find("savedmodel")}.__getitem__)
        with pytest.raises(AnswerIsNoError, match=r"exported as onnx answers otherwise .* nothing was exported"):
            train(small, retrain=True)
        assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
        assert sorted(path.name for path in root.parent.iterdir()) == [".artifact.lock", "artifact"]


class TestOnnx:
    def test_the_file_is_whole_of_an_opset_that_old_servers_load_and_its_batch_is_free(self, tmp_path: Path) -> None:
        import onnx

        made = trained(lambda raw: {"probabilities": backend.keras().ops.softmax(raw)})
        exporter = formats.find("onnx")
        exporter.write(made, tmp_path / "model.onnx")
        onnx.checker.check_model(str(tmp_path / "model.onnx"), full_check=True)
        proto = onnx.load(tmp_path / "model.onnx")
        assert {each.domain: each.version for each in proto.opset_import}[""] == 17
        assert proto.ir_version <= 9
        for value in (*proto.graph.input, *proto.graph.output):
            assert value.type.tensor_type.shape.dim[0].dim_param == "batch"
        for batch in (1, 3):
            found = exporter.read(tmp_path / "model.onnx").answer({"x": np.ones((batch, 4), "float32")})
            assert found["probabilities"].shape == (batch, 3)

    def test_keras_own_argmax_tells_minus_nought_from_nought(self, tmp_path: Path) -> None:
        ops = backend.keras().ops
        made = trained(lambda raw: {"first": ops.argmax(ops.relu(raw) * -0.0, axis=-1), "best": ops.argmax(raw, -1)})
        exporter = formats.find("onnx")
        assert exporter.refusal(made) == ""
        exporter.write(made, tmp_path / "model.onnx")
        inputs = made.dataset.test.inputs
        found = exporter.read(tmp_path / "model.onnx").answer(inputs)
        told = made.model.predict(inputs, verbose=0)
        assert found["best"].tolist() == told["best"].tolist()
        assert found["first"].tolist() == told["first"].tolist()

    def test_an_output_may_be_an_input_or_another_output(self, tmp_path: Path) -> None:
        made = trained(lambda raw: {"a": raw, "b": raw})
        exporter = formats.find("onnx")
        assert exporter.refusal(made) == ""
        exporter.write(made, tmp_path / "model.onnx")
        found = exporter.read(tmp_path / "model.onnx").answer(made.dataset.test.inputs)
        assert (found["a"] == found["b"]).all()

    def test_what_it_has_no_operation_for_is_refused_before_training(self) -> None:
        ops = backend.keras().ops
        made = trained(lambda raw: {"bits": ops.bitwise_invert(ops.cast(raw, "int32"))})
        assert formats.find("onnx").refusal(made) == (
            "ONNX (opset 17) has nothing for Invert of TensorFlow, which it computes with"
        )

    def test_a_refusal_names_task_format_and_reason(self, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        refusing = dataclasses.replace(formats.find("onnx"), refusal=lambda _: "it can't say this")
        monkeypatch.setattr(formats, "find", {"onnx": refusing, "savedmodel": formats.find("savedmodel")}.__getitem__)
        with pytest.raises(InputError, match="image-classification can't be exported as onnx: it can't say this"):
            train(small, retrain=True)
