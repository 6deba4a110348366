"""How a network is fitted, as far as no TensorFlow is needed: settings, orders, history, checkpoints on disk."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import InputError
from generator.service import EarlyStopping, Train
from trainer import settings as settings_module
from trainer import tasks
from trainer.fitting import checkpoints
from trainer.fitting.checkpoints import Checkpoints, Saved
from trainer.fitting.feed import Feed, parts
from trainer.fitting.history import POINTS, Epoch, History
from trainer.settings import SMALL, Settings, settings

if TYPE_CHECKING:
    from pathlib import Path

TASK = tasks.find("image-classification")


def asked(examples: int, **said: Any) -> Settings:
    return settings(Train(task=TASK.id, **said), TASK, examples)


class TestSettings:
    def test_small_data_have_small_batches_at_an_even_rate(self) -> None:
        found = asked(SMALL - 1)
        assert (found.batch_size, found.learning_rate, found.warmup, found.decay) == (32, 0.001, 0, 0)

    def test_large_data_have_large_batches_at_a_rate_that_rises_and_falls(self) -> None:
        found = asked(SMALL)
        assert (found.batch_size, found.warmup, found.decay) == (256, 0.1, 0.5)
        assert found.learning_rate == pytest.approx(0.001 * 8**0.5 * 1.5)

    @pytest.mark.parametrize("examples", [100, 100_000])
    def test_what_the_file_says_holds(self, examples: int) -> None:
        said: dict[str, Any] = {
            "batch_size": 77, "learning_rate": 0.5, "warmup": 0.2, "decay": 0.3, "precision": "mixed_bfloat16",
            "validation": 0.25, "early_stopping": EarlyStopping(patience=3), "epochs": 4, "seed": 9,
        }  # fmt: skip
        assert dataclasses.asdict(asked(examples, **said)) == {
            **said, "early_stopping": {"patience": 3, "min_delta": 0.0}, "hidden": TASK.hidden, "parameters": {},
        }  # fmt: skip

    def test_zero_is_said_too(self) -> None:
        found = asked(SMALL, warmup=0.0, decay=0.0)
        assert (found.warmup, found.decay) == (0, 0)

    def test_the_rate_follows_the_batch_size(self) -> None:
        assert asked(100, batch_size=128).learning_rate == pytest.approx(0.002)

    def test_early_stopping_sets_a_tenth_aside(self) -> None:
        assert asked(100).validation == 0
        assert asked(100, early_stopping=EarlyStopping(patience=1)).validation == settings_module.VALIDATION

    def test_early_stopping_without_anything_to_look_at_is_no_rule_of_a_file(self) -> None:
        train = Train(task=TASK.id, early_stopping=EarlyStopping(patience=1), validation=0.0)
        ((path, message, fix),) = train.broken_rules()
        assert path == ("validation",)
        assert "earlyStopping" in message
        assert fix

    def test_a_record_has_the_files_words(self) -> None:
        record = asked(100, early_stopping=EarlyStopping(patience=2)).record()
        assert record["earlyStopping"] == {"patience": 2, "minDelta": 0.0}
        assert record["batchSize"] == 32
        json.dumps(record)


class TestParts:
    def test_without_a_share_all_are_trained_on(self) -> None:
        rows, aside = parts(10, 0.0, 7)
        assert rows.tolist() == list(range(10))
        assert not len(aside)

    @given(st.integers(2, 500), st.floats(0.01, 0.9), st.integers(0, 2**31 - 1))
    def test_each_example_is_on_one_side_and_the_seed_says_which(self, count: int, share: float, seed: int) -> None:
        if not 0 < round(count * share) < count:
            with pytest.raises(InputError, match=r"sets .* aside"):
                parts(count, share, seed)
            return
        rows, aside = parts(count, share, seed)
        assert sorted([*rows, *aside]) == list(range(count))
        assert len(aside) == round(count * share)
        again = parts(count, share, seed)
        assert (rows.tolist(), aside.tolist()) == (again[0].tolist(), again[1].tolist())

    def test_an_order_is_of_its_seed_and_epoch_alone(self) -> None:
        def order(seed: int, epoch: int) -> list[int]:
            fed = Feed(features=None, targets=None, rows=np.arange(5, 50), validation=np.array([]), seed=seed)
            fed.order(3)  # asking for another one changes nothing
            return fed.order(epoch).tolist()

        assert order(1, 0) == order(1, 0)
        assert sorted(order(1, 0)) == list(range(5, 50))
        assert len({tuple(order(seed, epoch)) for seed in (1, 2) for epoch in (0, 1)}) == 4


def history(*losses: float, stopping: EarlyStopping | None = None) -> History:
    return History(tuple(Epoch(1.0, loss) for loss in losses), stopping)


class TestHistory:
    @pytest.mark.parametrize(
        "losses, stopping, best, stopped",
        [
            ((3, 2, 1), None, 2, False),
            ((1, 2, 3), None, 2, False),
            ((1, 2), EarlyStopping(patience=2), 0, False),
            ((1, 2, 3), EarlyStopping(patience=2), 0, True),
            ((3, 2, 1, 1, 1), EarlyStopping(patience=2), 2, True),
            ((3, 2.9, 2.8), EarlyStopping(patience=2, min_delta=0.5), 0, True),
            ((3, 2.8, 2.4), EarlyStopping(patience=2, min_delta=0.5), 2, False),
            ((3, 4, 2, 5), EarlyStopping(patience=2), 2, False),
        ],
    )
    def test_the_best_epoch_and_the_end(self, losses: Any, stopping: Any, best: int, stopped: bool) -> None:
        found = history(*losses, stopping=stopping)
        assert (found.best, found.stopped) == (best, stopped)

    @given(st.lists(st.floats(0, 9), min_size=1, max_size=300), st.booleans())
    def test_a_record_is_bounded_and_keeps_the_first_the_best_and_the_last(
        self, losses: list[float], stops: bool
    ) -> None:
        found = history(*losses, stopping=EarlyStopping(patience=999) if stops else None)
        shown = found.record()["epoch"]
        assert len(shown) <= POINTS
        assert {1, found.best + 1, len(losses)} <= set(shown)
        assert shown == sorted(set(shown))
        assert len(shown) == len(found.record()["loss"]) == len(found.record()["validationLoss"])
        assert len(found.lines(4)) <= 4

    def test_what_wasnt_asked_for_isnt_there(self) -> None:
        assert History((Epoch(0.123456789),), None).record() == {"epoch": [1], "loss": [0.123457]}


KEY = "k" * 64
SAVED = Saved(
    (Epoch(0.1, None), Epoch(1 / 3, 0.2)),
    {"body/0": np.array([[1.5, -0.0]], np.float32), "adam/iterations": np.array(7)},
    {"0": np.array([1], np.uint32)},
)


def told(folder: Path, key: str = KEY) -> tuple[Checkpoints, list[str]]:
    said: list[str] = []
    return Checkpoints(folder, key, said.append), said


class TestCheckpoints:
    def test_what_was_saved_is_found_again_to_the_bit(self, tmp_path: Path) -> None:
        kept, said = told(tmp_path / "x")
        assert kept.load() is None
        kept.save(SAVED)
        found = told(tmp_path / "x")[0].load()
        assert found
        assert found.epochs == SAVED.epochs
        for mine, theirs in ((found.state, SAVED.state), (found.best, SAVED.best)):
            assert mine.keys() == theirs.keys()
            assert all(mine[name].tobytes() == theirs[name].tobytes() for name in mine)
            assert all(mine[name].dtype == theirs[name].dtype for name in mine)
        assert not said

    def test_another_keys_is_not_looked_at(self, tmp_path: Path) -> None:
        told(tmp_path)[0].save(SAVED)
        kept, said = told(tmp_path, "j" * 64)
        assert kept.load() is None
        assert not said

    def test_another_keys_under_this_ones_name_is_not_used(self, tmp_path: Path) -> None:
        told(tmp_path)[0].save(SAVED)
        (path,) = tmp_path.iterdir()
        path.rename(tmp_path / f"{'j' * 32}.checkpoint")
        kept, said = told(tmp_path, "j" * 64)
        assert kept.load() is None
        assert len(said) == 1

    @given(st.data())
    def test_a_damaged_one_is_said_and_not_used(self, tmp_path_factory: Any, data: st.DataObject) -> None:
        folder = tmp_path_factory.mktemp("damaged")
        kept, said = told(folder)
        kept.save(SAVED)
        (path,) = folder.iterdir()
        content = bytearray(path.read_bytes())
        place = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[place] ^= 1 << data.draw(st.integers(0, 7))
        else:
            del content[place:]
        path.write_bytes(content)
        assert kept.load() is None
        (line,) = said
        assert "is damaged and isn't used; training starts anew" in line
        assert str(path) in line

    def test_a_disk_that_takes_none_is_said_and_training_goes_on(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        kept, said = told(tmp_path / "file")
        kept.save(SAVED)
        (line,) = said
        assert line.startswith("Warning: no checkpoint: ")
        kept.remove()

    def test_it_goes_with_the_training_and_leaves_no_empty_folder(self, tmp_path: Path) -> None:
        kept, _ = told(tmp_path / "x")
        kept.save(SAVED)
        kept.remove()
        assert not (tmp_path / "x").exists()
        kept.remove()

    def test_those_of_unfinished_trainings_are_few(self, tmp_path: Path) -> None:
        for number in range(9):
            told(tmp_path, f"{number}" * 64)[0].save(SAVED)
            for age, path in enumerate(sorted(tmp_path.iterdir(), reverse=True)):
                os.utime(path, (1e9 - age, 1e9 - age))
        assert len(list(tmp_path.iterdir())) == checkpoints.KEPT
        assert told(tmp_path, "8" * 64)[0].load()

    def test_they_are_written_now_and_then(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        kept, _ = told(tmp_path)
        assert not kept.due
        monkeypatch.setattr(checkpoints, "SECONDS", 0)
        assert kept.due
