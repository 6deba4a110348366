"""Every format that a trained model is exported to: what the files say, and that they answer as the model does."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import networks
import numpy as np
import pytest
from networks import of_answer, of_task, prices
from trainer_kit import arrays, service_file

from generator.errors import AnswerIsNoError, InputError
from generator.loading import load as loader
from generator.model.artifact import Tensor
from generator.store.bring import artifact_in_layouts
from generator.store.collect import collect
from trainer import backend, formats, parity
from trainer.service import train_service

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.formats.base import Trained
    from trainer.run import Outcome

pytestmark = pytest.mark.tensorflow

NO_PATH = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"TF_CPP_MIN_LOG_LEVEL": "3"}


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

        made = of_answer(lambda raw: {"probabilities": backend.keras().ops.softmax(raw)})
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
        made = of_answer(lambda raw: {"first": ops.argmax(ops.relu(raw) * -0.0, axis=-1), "best": ops.argmax(raw, -1)})
        exporter = formats.find("onnx")
        assert exporter.refusal(made) == ""
        exporter.write(made, tmp_path / "model.onnx")
        inputs = made.dataset.test.inputs
        found = exporter.read(tmp_path / "model.onnx").answer(inputs)
        told = made.model.predict(inputs, verbose=0)
        assert found["best"].tolist() == told["best"].tolist()
        assert found["first"].tolist() == told["first"].tolist()

    def test_an_output_may_be_an_input_or_another_output(self, tmp_path: Path) -> None:
        made = of_answer(lambda raw: {"a": raw, "b": raw})
        exporter = formats.find("onnx")
        assert exporter.refusal(made) == ""
        exporter.write(made, tmp_path / "model.onnx")
        found = exporter.read(tmp_path / "model.onnx").answer(made.dataset.test.inputs)
        assert (found["a"] == found["b"]).all()

    def test_what_it_has_no_operation_for_is_refused_before_training(self) -> None:
        ops = backend.keras().ops
        made = of_answer(lambda raw: {"bits": ops.bitwise_invert(ops.cast(raw, "int32"))})
        assert formats.find("onnx").refusal(made) == (
            "ONNX (opset 17) has nothing for Invert of TensorFlow, which it computes with"
        )

    def test_a_refusal_names_task_format_and_reason(self, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        refusing = dataclasses.replace(formats.find("onnx"), refusal=lambda _: "it can't say this")
        monkeypatch.setattr(formats, "find", {"onnx": refusing, "savedmodel": formats.find("savedmodel")}.__getitem__)
        with pytest.raises(InputError, match="image-classification can't be exported as onnx: it can't say this"):
            train(small, retrain=True)


class TestKeras:
    def test_it_loads_in_a_fresh_process_that_has_none_of_our_code(self, tmp_path: Path) -> None:
        made = of_task("tabular-regression", prices())
        exporter = formats.find("keras")
        assert exporter.refusal(made) == ""
        exporter.write(made, tmp_path / "model.keras")
        code = (
            "import sys, keras, tensorflow as tf\n"
            "model = keras.saving.load_model('model.keras', safe_mode=True)\n"
            "answer = model({'colour': tf.constant(['red', '?']), 'size': tf.constant([5e5, float('nan')]),"
            " 'rooms': tf.constant([3, 4], 'int64')})\n"
            "assert not {'trainer', 'generator'} & set(sys.modules)\n"
            "print(answer['prediction'].numpy().tolist())"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, env=NO_PATH
        )
        rows = {
            "colour": np.array(["red", "?"], object),
            "size": np.array([5e5, np.nan], "f"),
            "rooms": np.array([3, 4]),
        }
        told = exporter.read(tmp_path / "model.keras").answer(rows)["prediction"]
        assert json.loads(done.stdout) == pytest.approx(told.tolist(), rel=1e-5)

    def test_the_signature_is_the_models(self, tmp_path: Path) -> None:
        exporter = formats.find("keras")
        exporter.write(of_task("tabular-regression", prices()), tmp_path / "model.keras")
        signature = exporter.read(tmp_path / "model.keras").signature
        assert signature
        assert Tensor("colour", "string", (None,)) in signature.inputs
        assert signature.outputs == (Tensor("prediction", "float32", (None,)),)

    def test_code_of_ones_own_is_refused_before_training(self) -> None:
        keras = backend.keras()

        class Twice(keras.layers.Layer):  # type: ignore[misc,name-defined]
            def call(self, inputs: Any) -> Any:
                return inputs * 2

        for layer, says in ((Twice(), "Twice"), (keras.layers.Lambda(lambda x: x * 2), "a lambda")):
            made = of_answer(lambda raw: {"a": raw}, layer)
            assert formats.find("keras").refusal(made) == (
                f"its reader would need the code of {says}, which the file doesn't hold"
            )


class TestNames:
    @pytest.mark.parametrize("name", ["a-b", "class", "1st", "_a", "self", "rooms.more"])
    def test_an_input_that_tensorflow_cannot_name_is_refused_by_it_alone(self, name: str, tmp_path: Path) -> None:
        data = prices()
        for part in (data.train, data.test):
            part.inputs[name] = part.inputs.pop("size")  # type: ignore[index,attr-defined]
        made = of_task("tabular-regression", data, hidden=())
        assert f"an input is called '{name}'" in formats.find("savedmodel").refusal(made)
        for each in (formats.find(other) for other in ("onnx", "pmml", "keras")):
            assert each.refusal(made) == ""
            each.write(made, tmp_path / each.entry)
            assert parity.demand(made, each.read(tmp_path / each.entry), each.id)["largestDifference"] < 1e-5

    def test_columns_are_named_so_that_every_format_can(self, tmp_path: Path) -> None:
        rows = [f"{n / 7},{'xz'[n % 2]},{'uv'[n % 3 == 0]},{n % 5},{n * 2.5}" for n in range(60)]
        (tmp_path / "own.csv").write_text("\n".join(["a-b,class,self,1st,price", *rows]))
        path = service_file(tmp_path)
        text = path.read_text().replace(
            "task: image-classification, data: digits", "task: tabular-regression, data: own.csv, target: price"
        )
        text = text.replace('{accuracy: ">= 0.5"}', '{mse: ">= 0"}')
        path.write_text(text.replace("model:\n", "model:\n  formats: [savedmodel, onnx, pmml, keras]\n"))
        artifact = train(path).artifact
        assert artifact.signature
        assert {tensor.name for tensor in artifact.signature.inputs} == {"a_b", "class_", "self_", "c1st"}
        fields = formats.find("pmml").read(artifact.root / "pmml/model.pmml").signature
        assert fields
        assert [tensor.name for tensor in fields.inputs] == ["a-b", "class", "self", "1st"]


class TestTables:
    @pytest.mark.parametrize("hidden", [(), (8, 4)], ids=["linear", "dense"])
    @pytest.mark.parametrize("classes", [(), ("no", "yes", networks.ODD)], ids=["number", "classes"])
    def test_every_format_holds_columns_of_every_kind(
        self, hidden: tuple[int, ...], classes: tuple[str, ...], tmp_path: Path
    ) -> None:
        name = "tabular-classification" if classes else "tabular-regression"
        made = of_task(name, prices(classes=classes), hidden=hidden)
        for each in formats.exporters().values():
            assert each.refusal(made) == ""
            each.write(made, tmp_path / each.entry)
            held = parity.demand(made, each.read(tmp_path / each.entry), each.id)
            assert held["largestDifference"] < 1e-5
            assert held["examples"] == 40
