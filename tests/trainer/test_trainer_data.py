"""The data: what is trained on, what is held out, and what a file of the user's must look like."""

from __future__ import annotations

import io
import types
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import arrays

from generator.errors import InputError, OutsideError, SerinusError
from trainer import backend, data
from trainer.data import digits, mnist, npz, sound
from trainer.data.base import NOTHING, Reading
from trainer.data.dataset import named
from trainer.own import given

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trainer.data.dataset import Dataset

Arrays = dict[str, Any]

FINGERPRINT = "d34dbeebef0351df22e229a8e49c131518482286856cd1b8d3df3377fa578cdf"
"""Of the digits, on any machine. Another number means other data, and so another training key for everyone."""


@pytest.fixture(scope="module")
def the_digits() -> Dataset:
    return digits.load()


def write(path: Path, content: Arrays) -> Path:
    np.savez(path, **content)
    return path


class TestDigits:
    def test_images_and_labels_are_as_the_network_wants_them(self, the_digits: Dataset) -> None:
        for images, labels in (
            (the_digits.train.inputs["image"], the_digits.train.targets),
            (the_digits.test.inputs["image"], the_digits.test.targets),
        ):
            assert images.shape == (len(labels), 28, 28)
            assert (images.dtype, labels.dtype) == (np.float32, np.int64)
            assert (images.min(), images.max()) == (0, 1)
        assert len(the_digits.train.targets) + len(the_digits.test.targets) == 1797

    def test_no_held_out_image_stands_in_the_training_data(self, the_digits: Dataset) -> None:
        training = {image.tobytes() for image in the_digits.train.inputs["image"]}
        assert not [image for image in the_digits.test.inputs["image"] if image.tobytes() in training]
        assert the_digits.contaminated() == 0

    def test_a_fifth_of_each_class_is_held_out(self, the_digits: Dataset) -> None:
        held_out = np.bincount(the_digits.test.targets)
        whole = held_out + np.bincount(the_digits.train.targets)
        assert held_out.tolist() == (whole // 5).tolist()

    def test_the_data_are_the_same_everywhere(self, the_digits: Dataset) -> None:
        assert the_digits.fingerprint == FINGERPRINT

    def test_each_new_pixel_is_the_nearest_old_one(self) -> None:
        old = np.zeros((1, 8, 8))
        old[0, 0, 0], old[0, 7, 7], old[0, 3, 4] = 16, 8, 1
        new = digits.enlarge(old)[0]
        assert new.shape == (28, 28)
        assert (new[0, 0], new[3, 3], new[4, 4]) == (255, 255, 0)
        assert (new[27, 27], new[12, 15]) == (128, 16)
        assert new.astype(bool).sum() == 4 * 4 + 3 * 3 + 3 * 4


class TestFile:
    def test_whole_numbers_and_floats_of_the_same_images_give_the_same_data(self, tmp_path: Path) -> None:
        whole = arrays()
        floats = {name: array / np.float32(255) if name[0] == "x" else array for name, array in whole.items()}
        first, second = (npz.load(write(tmp_path / f"{i}.npz", each)) for i, each in enumerate((whole, floats)))
        assert first.classes == ("0", "1", "2")
        assert first.train.inputs["image"].dtype == np.float32
        assert first.train.inputs["image"][0, 0, 0] == np.float32(whole["x_train"][0, 0, 0]) / np.float32(255)
        assert first.fingerprint == second.fingerprint

    @pytest.mark.parametrize("name", npz.ARRAYS)
    def test_each_value_of_each_array_is_in_the_fingerprint(self, tmp_path: Path, name: str) -> None:
        content = arrays()
        before = npz.load(write(tmp_path / "a.npz", content)).fingerprint
        content[name] = content[name].copy()
        flat = content[name].reshape(-1)
        flat[0], flat[1] = flat[1], flat[0]
        assert npz.load(write(tmp_path / "b.npz", content)).fingerprint != before

    def test_held_out_images_that_are_trained_on_are_counted(self, tmp_path: Path) -> None:
        content = arrays()
        content["x_test"][:4] = content["x_train"][5:9]
        assert npz.load(write(tmp_path / "a.npz", content)).contaminated() == 4

    def test_images_may_be_in_colour(self, tmp_path: Path) -> None:
        content = arrays()
        for part in ("x_train", "x_test"):
            content[part] = np.stack([content[part]] * 3, axis=3)
        found = npz.load(write(tmp_path / "a.npz", content))
        assert found.train.inputs["image"].shape == (30, 4, 4, 3)
        with pytest.raises(InputError, match=r"shape \(30, 4, 4, 2\)"):
            npz.load(write(tmp_path / "b.npz", {**content, "x_train": content["x_train"][:, :, :, :2]}))

    @pytest.mark.parametrize(
        ("targets", "reading", "classes"),
        [
            (np.arange(30) % 3, NOTHING, ("0", "1", "2")),
            (np.arange(30) % 3, Reading(classes=False), ()),
            (np.arange(30) / 3, NOTHING, ()),
        ],
    )
    def test_rows_of_numbers_are_features_and_targets_may_be_numbers(
        self, tmp_path: Path, targets: Any, reading: Reading, classes: tuple[str, ...]
    ) -> None:
        x = np.random.default_rng(0).normal(5, 9, (30, 6))
        content = {"x_train": x, "y_train": targets, "x_test": x[:9], "y_test": targets[:9]}
        found = npz.load(write(tmp_path / "a.npz", content), reading)
        assert found.train.inputs["features"].dtype == np.float32
        assert found.test.inputs["features"].tolist() == x[:9].astype(np.float32).tolist()
        assert found.classes == classes
        assert found.train.targets.tolist() == targets.astype(np.int64 if classes else np.float32).tolist()

    @pytest.mark.parametrize("part", ["x", "y"])
    def test_numbers_beyond_float32_are_refused_and_numpy_says_nothing(self, tmp_path: Path, part: str) -> None:
        numbers = {"x": np.arange(60.0).reshape(30, 2), "y": np.arange(30.0)}
        numbers[part] = numbers[part] * 1e300
        content = {f"{name}_{of}": array for name, array in numbers.items() for of in ("train", "test")}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = npz.load(write(tmp_path / "a.npz", content), Reading(classes=False))
        with pytest.raises(InputError, match=r"infinite|no finite number"):
            sound.demand(found)

    @pytest.mark.parametrize("reading", [NOTHING, Reading(classes=True), Reading(classes=False)])
    def test_no_examples_at_all_are_said_so(self, reading: Reading) -> None:
        nothing = (np.zeros((0, 4)), np.zeros(0, dtype=np.int64))
        with pytest.raises(InputError, match="there are no examples"):
            given.dataset(nothing, "net:data", reading)

    def test_several_inputs_are_arrays_of_their_own_names(self, tmp_path: Path) -> None:
        labels = np.arange(30) % 2
        content = {"y_train": labels, "y_test": labels}
        for part in ("train", "test"):
            content[f"x_{part}_age"] = np.arange(30.0)
            content[f"x_{part}_word"] = np.array(["a", "b", "c"] * 10)
        found = npz.load(write(tmp_path / "a.npz", content))
        assert {name: array.dtype.kind for name, array in found.train.inputs.items()} == {"age": "f", "word": "O"}
        for change, says in (
            ({"x_train": np.zeros((30, 2))}, "an only input, and others"),
            ({"x_test_more": np.zeros(30)}, "age of one value, word of one value, more of one value"),
        ):
            with pytest.raises(InputError, match=says):
                npz.load(write(tmp_path / "b.npz", {**content, **change}))

    def test_more_arrays_than_needed_are_no_matter(self, tmp_path: Path) -> None:
        assert npz.load(write(tmp_path / "a.npz", {**arrays(), "names": np.array(["a"])})).classes == named(3)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda a: a.pop("y_test"), ["y_test missing", "holds x_train, y_train, x_test"]),
            (lambda a: a.clear(), ["x_train and y_train and x_test and y_test missing", "holds nothing"]),
            (lambda a: a.update(x_train=a["x_train"].reshape(30, 16)), ["x_test", "features of 16", "image of 4 by 4"]),
            (lambda a: a.update(x_train=a["x_train"][:0], y_train=a["y_train"][:0]), ["x_train", "(0, 4, 4)"]),
            (lambda a: a.update(x_test=a["x_test"][:, :3]), ["x_test", "3 by 4", "4 by 4"]),
            (lambda a: a.update(x_train=a["x_train"].astype(int) + 1000), ["x_train", "1000", "0 to 255"]),
            (lambda a: a.update(x_train=a["x_train"].astype(int) - 300), ["x_train", "from -300", "0 to 255"]),
            (lambda a: a.update(x_test=a["x_test"].astype(float)), ["x_test", "floats go from 0 to 1"]),
            (lambda a: a.update(x_test=a["x_test"] * np.nan), ["x_test", "nan", "floats go from 0 to 1"]),
            (lambda a: a.update(x_test=a["x_test"].astype(str)), ["x_test", "type <U3"]),
            (lambda a: a.update(x_test=a["x_test"].astype(complex)), ["x_test", "type complex128"]),
            (lambda a: a.update(y_train=a["y_train"][:-1]), ["y_train", "29 labels for 30 images"]),
            (lambda a: a.update(y_test=a["y_test"].astype(float)), ["y_test", "float64", "whole numbers"]),
            (lambda a: a.update(y_test=np.eye(30, dtype=int)), ["y_test", "(30, 30)"]),
            (lambda a: a.update(y_train=a["y_train"].astype(int) - 1), ["y_train", "-1", "count from 0"]),
            (lambda a: a.update(y_train=a["y_train"] * 2), ["y_train", "up to 4", "none is 1"]),
            (lambda a: a.update(y_train=a["y_train"].astype(np.int64) + 2**60), ["y_train", "none is 0"]),
            (lambda a: a.update(y_train=a["y_train"] * 0, y_test=a["y_test"] * 0), ["y_train", "one class only"]),
            (lambda a: a.update(y_test=a["y_test"] + 1), ["y_test", "a label 3", "0 to 2"]),
            (lambda a: a.update(x_test=np.array([{}], dtype=object)), ["no readable .npz", "Object arrays"]),
        ],
    )
    def test_another_layout_is_refused_with_the_file_and_what_is_wrong(
        self, tmp_path: Path, change: Callable[[Arrays], None], says: list[str]
    ) -> None:
        content = arrays()
        change(content)
        with pytest.raises(InputError) as caught:
            npz.load(write(tmp_path / "mine.npz", content))
        assert str(tmp_path / "mine.npz") in str(caught.value)
        assert "x_train, y_train, x_test, y_test" in str(caught.value)
        for part in says:
            assert part in str(caught.value)

    def test_a_file_that_is_broken_at_any_place_is_an_error_of_the_input(self, tmp_path: Path) -> None:
        whole = write(tmp_path / "whole.npz", arrays()).read_bytes()
        broken = tmp_path / "broken.npz"
        outcomes = set()
        for position in range(0, len(whole), 7):
            for content in (whole[:position], whole[:position] + b"\xff\x00" + whole[position + 2 :]):
                broken.write_bytes(content)
                try:
                    npz.load(broken)
                except SerinusError as error:
                    outcomes.add(error.exit_code)
        assert outcomes == {2}

    @pytest.mark.parametrize(
        ("make", "error", "says"),
        [
            (lambda _: None, InputError, "no such file"),
            (lambda path: path.mkdir(), InputError, "a folder"),
            (lambda path: path.write_text("hello"), InputError, "no .npz archive"),
            (lambda path: path.write_bytes(one_array()), InputError, "no .npz archive"),
            (lambda path: path.symlink_to(path), OutsideError, "can't be read"),
        ],
    )
    def test_what_is_no_such_file(
        self, tmp_path: Path, make: Callable[[Path], None], error: type[SerinusError], says: str
    ) -> None:
        path = tmp_path / "mine.npz"
        make(path)
        with pytest.raises(error, match=says) as caught:
            npz.load(path)
        assert str(caught.value).startswith(str(path))


class TestMnist:
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        (tmp_path / "datasets").mkdir()
        return tmp_path / "datasets" / "mnist.npz"

    def loader(self, monkeypatch: pytest.MonkeyPatch, load_data: Callable[[], Any]) -> None:
        """Put a loader in the place of Keras' own."""
        keras = types.SimpleNamespace(datasets=types.SimpleNamespace(mnist=types.SimpleNamespace(load_data=load_data)))
        monkeypatch.setattr(backend, "keras", lambda: keras)

    def test_keras_own_loader_gives_the_data(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = arrays(classes=10)
        self.loader(monkeypatch, lambda: pairs(made))
        loaded = mnist.load()
        assert (loaded.name, loaded.classes) == ("mnist", named(10))
        assert loaded.train.inputs["image"].max() <= 1
        assert loaded.test.targets.tolist() == made["y_test"].tolist()

    def test_what_keras_has_downloaded_is_read_without_keras(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(cache, arrays(classes=10))
        monkeypatch.setattr(mnist, "SHA256", mnist.sha256(cache))
        self.loader(monkeypatch, lambda: pytest.fail("Keras was asked"))
        assert mnist.load().fingerprint == npz.load(cache).fingerprint

    def test_a_part_of_a_download_is_not_taken_for_the_file(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(cache, arrays(classes=10))
        asked = []
        self.loader(monkeypatch, lambda: asked.append(1) or pairs(arrays(classes=10)))
        mnist.load()
        assert asked

    @pytest.mark.parametrize(
        "error",
        [
            Exception("URL fetch failure on https://x/mnist.npz: None -- Name or service not known"),
            ValueError("Incomplete or corrupted file detected. The file hash does not match."),
            TimeoutError("timed out"),
            PermissionError(13, "Permission denied", "/home/x/.keras"),
        ],
    )
    def test_what_cant_be_downloaded_is_said_in_one_line_with_a_way_out(
        self, error: Exception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail() -> None:
            raise error

        self.loader(monkeypatch, fail)
        with pytest.raises(OutsideError, match="MNIST can't be downloaded") as caught:
            mnist.load()
        assert "\n" not in str(caught.value)
        assert "--data PATH" in str(caught.value)

    def test_another_error_of_keras_stays_what_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> None:
            raise RuntimeError("a bug")

        self.loader(monkeypatch, fail)
        with pytest.raises(RuntimeError, match="a bug"):
            mnist.load()


class TestNames:
    @pytest.mark.parametrize("name", data.SOURCES)
    def test_a_source_is_found_by_its_name(self, name: str, tmp_path: Path) -> None:
        assert data.find(name, tmp_path) is data.SOURCES[name]
        assert data.SOURCES[name].name == name

    @pytest.mark.parametrize("name", ["mine.npz", "./mine.npz", "sub/mine.dat", "MINE.NPZ"])
    def test_a_path_starts_at_the_service_files_folder(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        with (tmp_path / name).open("wb") as file:
            np.savez(file, **arrays())
        assert data.find(name, tmp_path).load().name == "npz"

    def test_anything_else_is_unknown(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"no data 'digts'.*Did you mean 'digits'"):
            data.find("digts", tmp_path)


def one_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def pairs(content: Arrays) -> Any:
    return (content["x_train"], content["y_train"]), (content["x_test"], content["y_test"])
