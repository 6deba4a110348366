"""Fitting for real: TensorFlow runs here. Killed trainings go on to the same end, to the bit."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import arrays, service_file

from generator.errors import AnswerIsNoError, InputError, OutsideError
from generator.loading import load as loader
from generator.service import EarlyStopping
from trainer import backend
from trainer.fitting import checkpoints
from trainer.fitting.adam import Adam
from trainer.fitting.checkpoints import Checkpoints
from trainer.fitting.fit import Watch, fit, seeded
from trainer.service import train_service
from trainer.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.fitting.history import History

pytestmark = pytest.mark.tensorflow

CHOSEN = Settings(epochs=6, seed=3, batch_size=8, learning_rate=0.01)


def examples(count: int = 45) -> tuple[Any, Any]:
    chance = np.random.default_rng(0)
    return chance.normal(size=(count, 6)).astype(np.float32), np.arange(count) % 3


def network() -> Any:
    """With all that has state: dropout, batch normalization, a regularizer."""
    layers = backend.keras().layers
    return backend.keras().Sequential(
        [
            layers.Input((6,)),
            layers.Dense(8, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(3),
        ]
    )


def loss() -> Any:
    return backend.keras().losses.SparseCategoricalCrossentropy(from_logits=True)


def fitted(chosen: Settings = CHOSEN, **watched: Any) -> tuple[History, list[Any]]:
    seeded(chosen.seed)
    body = network()
    history = fit(body, loss(), examples(), chosen, watch=Watch(**{"say": lambda _: None, **watched}))
    return history, body.get_weights()


def same(mine: list[Any], theirs: list[Any]) -> bool:
    return [one.tobytes() for one in mine] == [one.tobytes() for one in theirs]


class TestLoop:
    def test_adam_is_keras_adam(self) -> None:
        tf, keras = backend.tensorflow(), backend.keras()
        chance = np.random.default_rng(1)
        mine, theirs = tf.Variable([[1.0, -2.0]]), keras.Variable([[1.0, -2.0]])
        adam, other = Adam([mine], scaled=False), keras.optimizers.Adam(0.05)
        for _ in range(50):
            gradient = chance.normal(size=(1, 2)).astype(np.float32)
            adam.apply([tf.constant(gradient)], 0.05)
            other.apply([tf.constant(gradient)], [theirs])
        assert mine.numpy() == pytest.approx(theirs.numpy(), rel=1e-5)
        assert adam.iterations.numpy() == 50

    def test_it_is_keras_fit_but_for_the_order(self) -> None:
        # One batch an epoch and nothing of chance: the order is the same, so the weights are.
        keras = backend.keras()
        features, targets = examples(8)
        seeded(1)
        mine = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(3, kernel_regularizer="l2")])
        theirs = keras.models.clone_model(mine)
        theirs.set_weights(mine.get_weights())
        theirs.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss())
        told = theirs.fit(features, targets, batch_size=8, epochs=6, verbose=0)
        history = fit(mine, loss(), (features, targets), CHOSEN, watch=Watch(say=pytest.fail))
        for one, other in zip(mine.get_weights(), theirs.get_weights(), strict=True):
            assert one == pytest.approx(other, abs=1e-5)
        assert history.epochs[-1].loss < told.history["loss"][-1]  # Keras adds the regularizer's part

    def test_the_same_seed_gives_the_same_bits_and_another_gives_others(self) -> None:
        history, weights = fitted()
        again, weights_again = fitted()
        assert same(weights, weights_again)
        assert history == again
        assert not same(weights, fitted(dataclasses.replace(CHOSEN, seed=4))[1])

    def test_how_many_steps_a_call_takes_changes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _, weights = fitted()
        monkeypatch.setattr("trainer.fitting.steps.FIRST_CALL", 1)
        monkeypatch.setattr("trainer.fitting.steps.GROWTH", 1)
        assert same(weights, fitted()[1])

    @pytest.mark.parametrize("change", [{"warmup": 0.5}, {"decay": 0.5}, {"validation": 0.2}])
    def test_each_setting_has_an_effect(self, change: dict[str, Any]) -> None:
        assert not same(fitted()[1], fitted(dataclasses.replace(CHOSEN, **change))[1])

    def test_the_rate_rises_and_falls(self) -> None:
        rates: list[float] = []
        chosen = dataclasses.replace(CHOSEN, warmup=0.5, decay=0.25, epochs=8)
        fitted(chosen, log=lambda _index, _epoch, rate: rates.append(rate))
        peak = 0.01
        assert rates == pytest.approx([peak * part for part in (0.25, 0.5, 0.75, 1, 1, 1, 14 / 24, 2 / 24)], rel=1e-5)

    def test_weights_that_run_off_end_the_training_at_once(self) -> None:
        with pytest.raises(AnswerIsNoError, match=r"diverged: after 1 epochs .* Lower model\.train\.learningRate"):
            fitted(dataclasses.replace(CHOSEN, learning_rate=1e30))

    def test_nothing_to_set_aside_is_said(self) -> None:
        with pytest.raises(InputError, match=r"sets 0\.001 of 45 training examples aside, which is none"):
            fitted(dataclasses.replace(CHOSEN, validation=0.001))


class TestEarlyStopping:
    STOPS = dataclasses.replace(
        CHOSEN, epochs=60, learning_rate=0.1, validation=0.4, early_stopping=EarlyStopping(patience=2)
    )

    def test_it_ends_with_the_best_weights(self) -> None:
        history, weights = fitted(self.STOPS)
        assert history.stopped
        assert len(history) < 60
        best = dataclasses.replace(self.STOPS, epochs=history.best + 1)
        assert same(weights, fitted(best)[1])

    def test_the_validation_loss_is_of_the_examples_set_aside(self) -> None:
        chosen = dataclasses.replace(CHOSEN, validation=0.3)
        seeded(chosen.seed)
        body = network()
        history = fit(body, loss(), examples(), chosen, watch=Watch(say=pytest.fail))
        features, targets = examples()
        from trainer.fitting.feed import parts

        _, aside = parts(len(targets), chosen.validation, chosen.seed)
        expected = float(loss()(targets[aside], body(features[aside], training=False)))
        assert history.epochs[-1].validation == pytest.approx(expected, rel=1e-5)


class TestGoingOn:
    @pytest.mark.parametrize("epochs", [1, 3])
    def test_a_training_that_was_interrupted_goes_on_to_the_same_bits(
        self, tmp_path: Path, epochs: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("trainer.fitting.steps.FIRST_CALL", 2)
        monkeypatch.setattr("trainer.fitting.steps.GROWTH", 1)
        chosen = dataclasses.replace(
            CHOSEN, epochs=12, warmup=0.1, decay=0.5, validation=0.2, early_stopping=EarlyStopping(patience=5)
        )
        history, weights = fitted(chosen)
        said: list[str] = []

        def interrupt(done: int, _: int) -> None:
            if done >= epochs * 5 + 2 and not said:
                said.append("interrupted")
                raise KeyboardInterrupt

        kept = Checkpoints(tmp_path, "k" * 64, said.append)
        with pytest.raises(KeyboardInterrupt):
            fitted(chosen, kept=kept, progress=interrupt)
        again, weights_again = fitted(chosen, kept=kept, progress=interrupt, say=said.append)
        assert said == ["interrupted", f"Going on in epoch {epochs + 1}, where an earlier run of the same was ended."]
        assert again == history
        assert same(weights_again, weights)

    def test_one_of_another_network_is_said_and_not_used(self, tmp_path: Path) -> None:
        said: list[str] = []
        kept = Checkpoints(tmp_path, "k" * 64, said.append)
        kept.save(checkpoints.Saved((), {"body/0": np.zeros(2)}, {}))
        _, weights = fitted(kept=kept, say=said.append)
        assert said == ["Warning: the checkpoint is of another network and isn't used; training starts anew."]
        assert same(weights, fitted()[1])

    def test_killed_at_any_moment_it_comes_to_the_same_end(self, tmp_path: Path) -> None:
        """``kill -9`` while it trains, again and again; then metrics, history and weights of an unbroken run."""
        folders = [tmp_path / name for name in ("broken", "unbroken")]
        for folder in folders:
            path = service_file(folder)
            np.savez(folder / "mine.npz", **arrays(images=3000))
            path.write_text(path.read_text().replace("data: digits, epochs: 2", "data: mine.npz, epochs: 60"))
            path.write_text(path.read_text().replace(">= 0.5", ">= 0"))
        code = (
            "from trainer.fitting import checkpoints, steps\n"
            "from generator.cli.main import run\n"
            "checkpoints.SECONDS = 0.05\n"
            "steps.CALL_SECONDS = 0.02\n"
            "run(['train', 'serinus.yaml'])"
        )
        chance, kills = random.Random(1), 0
        for _ in range(4):
            process = subprocess.Popen(
                [sys.executable, "-c", code], cwd=folders[0], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            before = {path: path.stat().st_mtime_ns for path in kept(folders[0])}
            deadline = time.monotonic() + 120
            while process.poll() is None and time.monotonic() < deadline:
                if any(before.get(path) != path.stat().st_mtime_ns for path in kept(folders[0])):
                    time.sleep(chance.uniform(0, 0.5))
                    process.kill()
                    break
                time.sleep(0.01)
            kills += process.wait() == -signal.SIGKILL
            process.communicate()
        assert kills >= 2
        done = [
            subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
            for folder in folders
        ]
        assert [each.returncode for each in done] == [0, 0], done
        assert "Going on in epoch " in done[0].stderr
        broken, unbroken = (
            json.loads((folder / "build/digits/artifact/artifact.json").read_text()) for folder in folders
        )
        for name in ("metrics", "golden", "training_key"):
            assert broken[name] == unbroken[name]
        assert broken["trained_with"]["history"] == unbroken["trained_with"]["history"]
        values = [_values(folder / "build/digits/artifact/savedmodel/savedmodel") for folder in folders]
        assert same(*values)
        assert not [path for folder in folders for path in kept(folder)]

    @pytest.mark.usefixtures("heeds_ctrl_c")
    def test_ctrl_c_leaves_a_checkpoint_and_exit_code_130(self, tmp_path: Path) -> None:
        path = service_file(tmp_path)
        path.write_text(path.read_text().replace("epochs: 2", "epochs: 5000"))
        process = subprocess.Popen(
            [sys.executable, "-m", "generator", "train", "serinus.yaml"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stderr
        while not process.stderr.readline().startswith("Computing on"):
            assert process.poll() is None
        time.sleep(3)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert out == ""
        assert err.splitlines()[-1] == "serinus: interrupted."
        assert len(kept(tmp_path)) == 1
        assert sorted(item.name for item in (tmp_path / "build" / "digits").iterdir()) == [
            ".artifact.lock",
            "checkpoints",
        ]


def kept(folder: Path) -> list[Path]:
    return list((folder / "build" / "digits" / "checkpoints").glob("*.checkpoint"))


def _values(model: Path) -> list[Any]:
    reader = backend.tensorflow().train.load_checkpoint(str(model / "variables" / "variables"))
    names = sorted(reader.get_variable_to_shape_map())
    return [np.asarray(reader.get_tensor(name)) for name in names if "OBJECT_GRAPH" not in name]


class TestService:
    def train(self, path: Path, *sets: str, **options: Any) -> Any:
        return train_service(loader.load(path, sets=sets), **{"say": lambda _: None, **options})

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = service_file(tmp_path)
        np.savez(tmp_path / "mine.npz", **arrays(images=60))
        path.write_text(path.read_text().replace("data: digits", "data: mine.npz").replace(">= 0.5", ">= 0"))
        return path

    def test_the_history_is_in_the_record(self, path: Path) -> None:
        artifact = self.train(path, "model.train.epochs=3", "model.train.earlyStopping.patience=9").artifact
        history = artifact.trained_with["history"]
        assert history["epoch"] == [1, 2, 3]
        assert len(history["loss"]) == len(history["validationLoss"]) == history["epochsRun"] == 3
        assert artifact.trained_with["validation"] == 0.1

    @pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
    def test_a_small_precision_is_for_training_alone(self, path: Path, precision: str) -> None:
        plain = self.train(path, "model.train.epochs=4").artifact
        small = self.train(path, "model.train.epochs=4", f"model.train.precision={precision}").artifact
        assert small.trained_with["precision"] == precision
        assert small.training_key != plain.training_key
        assert small.metrics["loss"] != plain.metrics["loss"]
        assert small.metrics["loss"] == pytest.approx(plain.metrics["loss"], rel=0.1)
        assert small.signature == plain.signature
        assert backend.keras().config.dtype_policy().name == "float32"
        proto = (small.root / "savedmodel/savedmodel/saved_model.pb").read_bytes()
        saved = __import__("tensorflow.core.protobuf.saved_model_pb2", fromlist=["SavedModel"]).SavedModel.FromString(
            proto
        )
        types = {
            attribute.type
            for function in saved.meta_graphs[0].graph_def.library.function
            for node in function.node_def
            for attribute in node.attr.values()
        }
        tf = backend.tensorflow()
        assert not types & {tf.float16.as_datatype_enum, tf.bfloat16.as_datatype_enum}

    def test_tensorboards_own_reader_finds_the_losses(self, path: Path, tmp_path: Path) -> None:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        sets = ("model.train.epochs=3", "model.train.validation=0.2")
        artifact = self.train(path, *sets, tensorboard=tmp_path / "logs").artifact
        history = artifact.trained_with["history"]
        for part, name in (("train", "loss"), ("validation", "validationLoss")):
            found = EventAccumulator(str(tmp_path / "logs" / artifact.training_key[:12] / part))
            found.Reload()
            values = [
                float(backend.tensorflow().make_ndarray(event.tensor_proto)) for event in found.Tensors("epoch_loss")
            ]
            assert values == pytest.approx(history[name], rel=1e-5)
            assert [event.step for event in found.Tensors("epoch_loss")] == [0, 1, 2]

    def test_logs_that_cant_be_written_are_an_error_outside(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(OutsideError, match="can't write TensorBoard's logs to "):
            self.train(path, tensorboard=tmp_path / "file")
