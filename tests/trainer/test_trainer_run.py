"""Training for real: TensorFlow runs here."""

from __future__ import annotations

import dataclasses
import json
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import arrays, run, service_file

from generator.errors import AnswerIsNoError, OutsideError
from generator.loading import load as loader
from generator.model.artifact import Artifact, Tensor, read_artifact
from generator.store.bring import artifact_in_layouts
from trainer import backend, tasks
from trainer.data import digits
from trainer.fitting.checkpoints import FOLDER
from trainer.service import train_service

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.run import Outcome

pytestmark = pytest.mark.tensorflow


def train(path: Path, *sets: str, **options: Any) -> Outcome:
    return train_service(loader.load(path, sets=sets), **{"say": lambda _: None, **options})


def model(artifact: Artifact) -> Path:
    return artifact.root / "savedmodel" / "savedmodel"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a service file, where one training of two epochs has been done."""
    folder = tmp_path_factory.mktemp("trained")
    train(service_file(folder))
    return folder


@pytest.fixture
def artifact(folder: Path) -> Artifact:
    found = read_artifact(folder / "build" / "digits" / "artifact")
    assert found
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service file on a few tiny random images of three classes."""
    folder = tmp_path_factory.mktemp("small")
    np.savez(folder / "mine.npz", **arrays())
    path = service_file(folder)
    path.write_text(path.read_text().replace("data: digits", "data: mine.npz").replace(">= 0.5", ">= 0"))
    return path


class TestWhatIsExported:
    def test_the_layout_is_tensorflow_servings_and_holds_nothing_else(self, artifact: Artifact) -> None:
        assert sorted(str(path.relative_to(artifact.root)) for path in artifact.root.rglob("*") if path.is_file()) == [
            "artifact.json",
            "savedmodel/savedmodel/fingerprint.pb",
            "savedmodel/savedmodel/saved_model.pb",
            "savedmodel/savedmodel/variables/variables.data-00000-of-00001",
            "savedmodel/savedmodel/variables/variables.index",
        ]
        assert not [path for path in artifact.root.rglob("*") if path.is_dir() and not any(path.iterdir())]

    def test_each_weight_is_stored_once(self, artifact: Artifact) -> None:
        weights = 784 * 128 + 128 + 128 * 10 + 10
        size = (model(artifact) / "variables" / "variables.data-00000-of-00001").stat().st_size
        assert weights * 4 <= size < weights * 4 + 2000

    def test_tensorflow_sees_a_named_typed_signature_with_a_free_batch(self, artifact: Artifact) -> None:
        protos = __import__("tensorflow.core.protobuf.saved_model_pb2", fromlist=["SavedModel"])
        graph = protos.SavedModel.FromString((model(artifact) / "saved_model.pb").read_bytes()).meta_graphs[0]
        served = graph.signature_def["serving_default"]
        assert served.method_name == "tensorflow/serving/predict"
        assert list(graph.meta_info_def.tags) == ["serve"]

        def seen(tensors: Any) -> dict[str, tuple[int, list[int]]]:
            return {name: (t.dtype, [dim.size for dim in t.tensor_shape.dim]) for name, t in tensors.items()}

        float32, int64 = 1, 9  # tensorflow/core/framework/types.proto
        assert seen(served.inputs) == {"image": (float32, [-1, 28, 28])}
        assert seen(served.outputs) == {"probabilities": (float32, [-1, 10]), "class": (int64, [-1])}

    def test_the_record_has_the_same_signature(self, artifact: Artifact) -> None:
        assert artifact.signature
        assert artifact.signature.name == "serving_default"
        assert artifact.signature.inputs == (Tensor("image", "float32", (None, 28, 28)),)
        assert set(artifact.signature.outputs) == {
            Tensor("probabilities", "float32", (None, 10)),
            Tensor("class", "int64", (None,)),
        }

    def test_the_server_may_be_as_old_as_the_tensorflow_that_wrote_it(self, artifact: Artifact) -> None:
        layout = "tensorflow-serving"
        arranged = artifact_in_layouts(artifact, {layout: "savedmodel"}, "digits", pytest.fail)
        assert arranged.runtimes == {layout: ".".join(backend.tensorflow().__version__.split(".")[:2])}

    @pytest.mark.parametrize("batch", [1, 5])
    def test_any_batch_gives_probabilities_and_the_likeliest_class(self, artifact: Artifact, batch: int) -> None:
        answer = ask(artifact, digits.load().test.inputs["image"][:batch])
        assert answer["probabilities"].sum(axis=1) == pytest.approx(np.ones(batch), abs=1e-5)
        assert answer["class"].tolist() == answer["probabilities"].argmax(axis=1).tolist()

    def test_the_metrics_are_those_of_the_exported_files(self, artifact: Artifact) -> None:
        data = digits.load()
        answer = ask(artifact, data.test.inputs["image"])
        assert (answer["class"] == data.test.targets).mean() == pytest.approx(artifact.metrics["accuracy"], abs=1e-9)
        of_truth = answer["probabilities"][np.arange(len(data.test.targets)), data.test.targets]
        assert -np.log(of_truth).mean() == pytest.approx(artifact.metrics["loss"], rel=1e-4)

    def test_the_golden_answer_is_given_again(self, artifact: Artifact) -> None:
        assert artifact.golden
        request = np.array(artifact.golden.request["image"])
        assert request.shape == (2, 28, 28)
        assert all(len(str(value)) <= len("0.012345") for value in request.ravel())
        answer = ask(artifact, request.astype(np.float32))
        assert np.array(artifact.golden.response["probabilities"]) == pytest.approx(answer["probabilities"], abs=1e-5)
        assert artifact.golden.response["class"] == answer["class"].tolist()

    def test_the_golden_request_is_of_held_out_images(self, artifact: Artifact) -> None:
        assert artifact.golden
        data = digits.load()
        for image in np.array(artifact.golden.request["image"]):
            assert (abs(data.test.inputs["image"] - image).max(axis=(1, 2)) < 1e-3).any()
            assert not (abs(data.train.inputs["image"] - image).max(axis=(1, 2)) < 1e-3).any()

    def test_the_record_says_with_what_and_names_no_place_of_this_machine(
        self, folder: Path, artifact: Artifact
    ) -> None:
        known = artifact.trained_with
        assert (known["task"], known["epochs"], known["seed"]) == ("image-classification", 2, 7)
        assert known["data"]["fingerprint"] == digits.load().fingerprint
        assert (known["data"]["trainingExamples"], known["data"]["heldOutExamples"]) == (1442, 355)
        assert {"python", "tensorflow", "keras", "numpy", "scikit-learn"} == set(known["versions"])
        text = (artifact.root / "artifact.json").read_text()
        assert str(folder) not in text
        json.loads(text, parse_constant=pytest.fail)  # NaN and Infinity are no JSON


def ask(artifact: Artifact, images: Any) -> dict[str, Any]:
    loaded = backend.tensorflow().saved_model.load(str(model(artifact)))
    answer = loaded.signatures["serving_default"](image=backend.tensorflow().constant(images))
    return {name: value.numpy() for name, value in answer.items()}


class TestAgain:
    def test_an_unchanged_key_trains_nothing_and_says_so(self, folder: Path, artifact: Artifact) -> None:
        before, said = stamps(artifact.root), []
        outcome = train(folder / "serinus.yaml", say=said.append)
        assert not outcome.fresh
        assert outcome.artifact == artifact
        assert stamps(artifact.root) == before
        assert len(said) == 1
        assert said[0].startswith("Nothing to train")

    def test_the_same_seed_gives_the_same_metrics(self, folder: Path, artifact: Artifact) -> None:
        outcome = train(folder / "serinus.yaml", retrain=True)
        assert outcome.fresh
        assert outcome.artifact.metrics == artifact.metrics
        assert outcome.artifact.training_key == artifact.training_key

    def test_another_seed_gives_another_model(self, folder: Path, tmp_path: Path, artifact: Artifact) -> None:
        path = service_file(tmp_path)
        assert path.read_text() == (folder / "serinus.yaml").read_text()
        assert train(path, "model.train.seed=8").artifact.metrics["loss"] != artifact.metrics["loss"]

    @pytest.mark.parametrize("lost", ["saved_model.pb", "artifact.json"])
    def test_what_is_broken_is_trained_anew(self, small: Path, lost: str) -> None:
        root = train(small).artifact.root
        (path,) = root.rglob(lost)
        path.write_text("{") if lost == "artifact.json" else path.unlink()
        assert train(small).fresh
        assert not train(small).fresh


class TestOwnData:
    def test_shape_and_classes_are_the_datas(self, small: Path) -> None:
        signature = train(small).artifact.signature
        assert signature
        assert signature.inputs == (Tensor("image", "float32", (None, 4, 4)),)
        assert Tensor("probabilities", "float32", (None, 3)) in signature.outputs

    def test_a_path_on_the_command_line_goes_before_the_files(self, small: Path, tmp_path: Path) -> None:
        np.savez(tmp_path / "other.npz", **arrays(classes=5))
        outcome = train(small, data=tmp_path / "other.npz")
        assert outcome.artifact.metrics["confusionMatrix"][4][4] >= 0
        assert train(small).fresh

    def test_held_out_images_that_are_trained_on_are_said(self, small: Path, tmp_path: Path) -> None:
        content, said = arrays(), []
        content["x_test"][:2] = content["x_train"][:2]
        np.savez(tmp_path / "both.npz", **content)
        outcome = train(small, data=tmp_path / "both.npz", say=said.append)
        assert [line for line in said if line.startswith("Warning: 2 held-out examples")]
        assert outcome.artifact.trained_with["data"]["heldOutAlsoInTraining"] == 2

    def test_progress_counts_every_step_once(self, small: Path) -> None:
        calls: list[tuple[int, int]] = []
        train(small, "model.train.batchSize=8", retrain=True, progress=lambda *call: calls.append(call))
        assert calls[-1] == (8, 8)  # 30 examples in batches of 8, twice
        assert calls == sorted(calls)


class TestNo:
    def test_a_gate_that_isnt_met_says_why_and_leaves_the_model_to_look_at(self, small: Path) -> None:
        sets = ["model.gate.accuracy=>= 0.99", 'model.gate."perClass.99.recall"=> 0', "model.train.seed=9"]
        for _ in range(2):  # the second time nothing is trained, and the gate is asked again
            with pytest.raises(AnswerIsNoError) as caught:
                train(small, *sets)
            assert "asked is >= 0.99" in str(caught.value)
            assert "there is no metric 'perClass.99.recall', did you mean 'perClass." in str(caught.value)
        found = read_artifact(small.parent / "build" / "digits" / "artifact")
        assert found
        assert found.trained_with["seed"] == 9

    def test_a_training_that_diverges_replaces_nothing(self, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root = train(small).artifact.root
        before = stamps(root)
        task = dataclasses.replace(tasks.find("image-classification"), learning_rate=1e38)
        monkeypatch.setattr(tasks, "find", lambda _: task)
        with pytest.raises(AnswerIsNoError, match=r"diverged.*learningRate"):
            train(small, retrain=True)
        assert stamps(root) == before

    def test_a_full_disk_is_an_error_outside_and_replaces_nothing(self, small: Path) -> None:
        root = train(small).artifact.root
        before = stamps(root)
        code = (
            "import resource, sys\n"
            "from generator.cli.main import run\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))\n"
            "run(['train', 'serinus.yaml', '--retrain', '-q'])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=small.parent, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == OutsideError.exit_code
        assert "can't write the model" in done.stderr
        assert done.stderr.count("\n") == 1
        assert stamps(root) == before
        assert without_checkpoints(root.parent) == [".artifact.lock", "artifact"]


class TestCommand:
    def test_standard_output_is_the_folder_and_standard_error_holds_our_lines_only(self, tmp_path: Path) -> None:
        service_file(tmp_path)
        done = run(tmp_path, "train", "serinus.yaml")
        assert done.returncode == 0
        assert done.stdout == "build/digits/artifact\n"
        first, device, fitted, one, two, last, *table = done.stderr.splitlines()
        assert first == "Training image-classification on digits: 1,442 examples, epochs: 2."
        assert re.fullmatch(r"Computing on the CPU \(\d+ cores?\) in float32\.", device)
        assert re.fullmatch(r"Fitted in \d+\.\d\d s\.", fitted)
        assert re.fullmatch(r"Epoch 1: loss \d\.\d{4}\.", one)
        assert re.fullmatch(r"Epoch 2: loss \d\.\d{4}\.", two)
        assert last.startswith("Trained in ")
        assert last.endswith(" on 355 held-out examples.")
        assert [line.split()[0] for line in table] == ["class", *"0123456789", "macro"]

    def test_a_gate_that_isnt_met_is_exit_1_and_nothing_is_published(self, small: Path) -> None:
        done = run(small.parent, "train", "serinus.yaml", "--set", "model.gate.accuracy=>= 1", "-q")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("serinus: the gate isn't met, so nothing is published: accuracy is ")
        assert not (small.parent / "build" / "store").exists()

    @pytest.mark.parametrize("seconds", [0, 5])
    def test_killed_while_it_trains_the_earlier_artifact_is_whole(self, small: Path, seconds: float) -> None:
        before = train(small).artifact
        bytes_before = {path: path.read_bytes() for path in before.root.rglob("*") if path.is_file()}
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "generator",
                "train",
                "serinus.yaml",
                "--retrain",
                "--set",
                "model.train.epochs=9999",
                "--set",
                "model.train.batchSize=1",
            ],
            cwd=small.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not list(before.root.parent.glob(".artifact.*.new")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(seconds)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert {path: path.read_bytes() for path in before.root.rglob("*") if path.is_file()} == bytes_before
        assert not train(small).fresh
        assert without_checkpoints(before.root.parent) == [".artifact.lock", "artifact"]


def test_the_reference_network_clears_the_bar_on_the_digits(tmp_path: Path) -> None:
    outcome = train(service_file(tmp_path), "model.train.epochs=12", "model.gate.accuracy=>= 0.95")
    assert outcome.artifact.metrics["accuracy"] >= 0.95


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def without_checkpoints(folder: Path) -> list[str]:
    """A training that lasts long enough leaves some, for the next one to go on from: so does any on a slow machine."""
    return [name for name in names(folder) if name != FOLDER]


def stamps(root: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(root.rglob("*"))}
