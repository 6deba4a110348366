"""Folders of images and of ``tf.data``: what is read, and what is refused with the file in question."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from test_trainer_tabular import service_file, train

from generator.errors import InputError, SerinusError
from generator.loading import load as loader
from trainer import backend, data
from trainer.data import sound, table
from trainer.data.base import NOTHING, Reading

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.data.dataset import Dataset


def picture(seed: int, height: int = 6, width: int = 5, channels: int = 1) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def save(path: Path, pixels: Any) -> Path:
    tf = backend.tensorflow()
    path.parent.mkdir(parents=True, exist_ok=True)
    lossy = path.suffix.lower() in (".jpg", ".jpeg")
    content = tf.io.encode_jpeg(pixels) if lossy else tf.io.encode_png(pixels)
    path.write_bytes(content.numpy())
    return path


def folder(root: Path, count: int = 10, *, channels: int = 1, kind: str = "png") -> Path:
    for index in range(count):
        for label, name in enumerate(("cat", "dog")):
            save(root / name / f"{index:02}.{kind}", picture(2 * index + label, channels=channels))
    return root


def read(path: Path, reading: Reading = NOTHING) -> Dataset:
    return data.of_file(path, reading).load()


class TestRecognition:
    """By the names of what lies there: nothing is decoded, and no TensorFlow is imported."""

    @pytest.mark.parametrize(
        ("files", "reader"),
        [
            (["cat/1.png"], "images"),
            (["cat/1.JPG", "notes.txt"], "images"),
            (["train/cat/1.jpeg", "test/cat/1.bmp"], "images"),
            (["1.png"], "images"),
            (["dataset_spec.pb"], "tf-data"),
            (["train/dataset_spec.pb", "test/dataset_spec.pb"], "tf-data"),
            (["cat/1.gif"], None),
            (["cat/.hidden.png"], None),
            ([], None),
        ],
    )
    def test_what_a_folder_is_decides_who_reads_it(self, tmp_path: Path, files: list[str], reader: str | None) -> None:
        (tmp_path / "mine").mkdir()
        for name in files:
            (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "mine" / name).touch()
        fitting = [each.id for each in data.readers().values() if each.fits(tmp_path / "mine")]
        assert fitting == ([reader] if reader else [])
        if reader is None:
            with pytest.raises(InputError, match=r"nothing here reads it\. What can be read: .*\.csv.*images"):
                data.of_file(tmp_path / "mine")

    @pytest.mark.parametrize("size", ["[28]", "[1, 2, 3]", "[0, 28]"])
    def test_a_size_has_two_numbers(self, tmp_path: Path, size: str) -> None:
        path = service_file(tmp_path, "image-classification", "mine", f", imageSize: {size}")
        with pytest.raises(InputError, match=r"model.train.imageSize"):
            loader.load(path)

    def test_numbers_are_not_predicted_from_a_folder_of_classes(self, tmp_path: Path) -> None:
        (tmp_path / "cat").mkdir()
        (tmp_path / "cat" / "1.png").touch()
        with pytest.raises(InputError, match=r"holds classes, no numbers"):
            read(tmp_path, Reading(classes=False))


@pytest.mark.tensorflow
class TestImages:
    def test_a_folder_a_class_grey(self, tmp_path: Path) -> None:
        found = read(folder(tmp_path / "mine"))
        assert found.classes == ("cat", "dog")
        assert found.train.inputs["image"].shape == (16, 6, 5)
        assert np.bincount(found.test.targets).tolist() == [2, 2]
        whole = {image.tobytes() for part in (found.train, found.test) for image in part.inputs["image"]}
        assert (picture(3)[:, :, 0] / np.float32(255)).astype(np.float32).tobytes() in whole
        sound.demand(found)

    @pytest.mark.parametrize(("channels", "shape"), [(1, (6, 5)), (2, (6, 5)), (3, (6, 5, 3)), (4, (6, 5, 3))])
    def test_colour_is_kept_and_transparency_left_away(
        self, tmp_path: Path, channels: int, shape: tuple[int, ...]
    ) -> None:
        found = read(folder(tmp_path / "mine", channels=channels))
        assert found.train.inputs["image"].shape[1:] == shape

    def test_one_image_in_colour_makes_all_so(self, tmp_path: Path) -> None:
        save(folder(tmp_path / "mine") / "cat" / "colour.png", picture(0, channels=3))
        images = read(tmp_path / "mine").train.inputs["image"]
        assert images.shape[1:] == (6, 5, 3)
        assert (images[0][:, :, 0] == images[0][:, :, 2]).all()

    def test_the_folders_train_and_test_are_the_users_own_parts(self, tmp_path: Path) -> None:
        folder(tmp_path / "mine" / "train", 7, kind="jpg")
        folder(tmp_path / "mine" / "test", 2, kind="jpg")
        found = read(tmp_path / "mine")
        assert (len(found.train), len(found.test)) == (14, 4)
        assert found.split == "the user's own: the folder test"

    def test_a_class_may_be_called_train(self, tmp_path: Path) -> None:
        for name in ("train", "plane"):
            for index in range(5):
                save(tmp_path / "mine" / name / f"{index}.png", picture(index + (name == "train") * 100))
        assert read(tmp_path / "mine").classes == ("plane", "train")

    def test_several_sizes_want_one_named(self, tmp_path: Path) -> None:
        save(folder(tmp_path / "mine") / "dog" / "wide.png", picture(0, 6, 9))
        with pytest.raises(InputError, match=r"wide.png: 6 by 9 pixels, and 00.png has 6 by 5.*imageSize"):
            read(tmp_path / "mine")
        found = read(tmp_path / "mine", Reading(image_size=(3, 4)))
        assert found.train.inputs["image"].shape[1:] == (3, 4)
        assert 0 <= found.train.inputs["image"].min() < found.train.inputs["image"].max() <= 1

    @pytest.mark.parametrize(
        ("make", "says"),
        [
            (lambda root: (root / "dog" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\nno"), ["torn.png", "no image"]),
            (lambda root: (root / "dog" / "notes.txt").touch(), ["notes.txt", ".png", "Take it out"]),
            (lambda root: (root / "dog" / "more").mkdir(), ["more", "a folder in a class' folder"]),
            (lambda root: (root / "dog" / "x.png").symlink_to("gone"), ["x.png", "a link that leads nowhere"]),
            (lambda root: os.mkfifo(root / "dog" / "x.png"), ["x.png", "neither a file nor a folder"]),
            (lambda root: (root / "bird").symlink_to("gone"), ["bird", "a link that leads nowhere"]),
            (lambda root: (root / "bird").mkdir(), ["bird", "a class without an image"]),
            (lambda root: save(root / "loose.png", picture(0)), ["loose.png", "in no class"]),
            (lambda root: (root / "test" / "cat").mkdir(parents=True), ["there are no classes in train"]),
        ],
    )
    def test_what_isnt_so_is_refused_with_its_file(self, tmp_path: Path, make: Any, says: list[str]) -> None:
        make(folder(tmp_path / "mine"))
        with pytest.raises(InputError) as caught:
            read(tmp_path / "mine")
        for part in says:
            assert part in str(caught.value)

    def test_a_class_that_only_the_held_out_part_has_is_refused(self, tmp_path: Path) -> None:
        folder(tmp_path / "mine" / "train")
        folder(tmp_path / "mine" / "test", 2)
        save(tmp_path / "mine" / "test" / "bird" / "1.png", picture(0))
        with pytest.raises(InputError, match=r"the class 'bird' isn't among those to train on"):
            read(tmp_path / "mine")

    def test_what_lies_hidden_is_passed_over(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "mine")
        before = read(root).fingerprint
        for name in (".DS_Store", "Thumbs.db"):
            (root / "cat" / name).touch()
        (root / ".cache").mkdir()
        assert read(root).fingerprint == before

    def test_more_than_memory_holds_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(table, "MOST_BYTES", 1000)
        with pytest.raises(InputError, match=r"20 images of 6 by 5 pixels .*imageSize"):
            read(folder(tmp_path / "mine"))

    def test_a_colour_model_goes_all_the_way(self, tmp_path: Path) -> None:
        for index in range(30):
            for name, channel in (("blue", 2), ("red", 0)):
                pixels = picture(index, 8, 8, 3) // 2
                pixels[:, :, channel] |= 128
                save(tmp_path / "mine" / name / f"{index}.png", pixels)
        artifact = train(service_file(tmp_path, "image-classification", "mine", ", epochs: 20")).artifact
        assert artifact.signature
        assert artifact.signature.inputs[0].shape == (None, 8, 8, 3)
        assert artifact.metrics["accuracy"] >= 0.95


@pytest.mark.tensorflow
class TestTfData:
    X, Y = np.arange(40.0, dtype=np.float32).reshape(20, 2), np.array([0, 1] * 10)

    def saved(self, path: Path, *, batch: int = 0, by_name: bool = False) -> Path:
        tf = backend.tensorflow()
        inputs = {"a": self.X, "b": np.array(["x", "y"] * 10)} if by_name else self.X
        elements = tf.data.Dataset.from_tensor_slices((inputs, self.Y))
        (elements.batch(batch) if batch else elements).save(str(path))
        return path

    @pytest.mark.parametrize("batch", [0, 7, 20])
    def test_a_saved_folder_is_read_batches_or_not(self, tmp_path: Path, batch: int) -> None:
        found = read(self.saved(tmp_path / "mine", batch=batch))
        assert found.classes == ("0", "1")
        rows = np.concatenate([found.train.inputs["features"], found.test.inputs["features"]])
        assert sorted(rows.tolist()) == self.X.tolist()

    def test_inputs_by_name_and_a_part_of_its_own(self, tmp_path: Path) -> None:
        self.saved(tmp_path / "mine" / "train", by_name=True)
        with pytest.raises(InputError, match=r"there is no test beside train"):
            read(tmp_path / "mine")
        self.saved(tmp_path / "mine" / "test", by_name=True, batch=3)
        found = read(tmp_path / "mine", Reading(classes=False))
        assert {name: array.dtype.kind for name, array in found.test.inputs.items()} == {"a": "f", "b": "O"}
        assert found.test.targets.tolist() == self.Y.tolist()

    def test_a_damaged_folder_is_an_error_and_no_traceback(self, tmp_path: Path) -> None:
        root = self.saved(tmp_path / "mine")
        files = [path for path in root.rglob("*") if path.is_file()]
        for file in files:
            kept = file.read_bytes()
            for content in (b"", kept[: len(kept) // 2], b"\xff" * len(kept)):
                file.write_bytes(content)
                with pytest.raises(SerinusError) as caught:
                    read(root)
                assert str(root) in str(caught.value)
                assert "Op:" not in str(caught.value)
            file.write_bytes(kept)

    @pytest.mark.parametrize("batch", [0, 7])
    def test_a_file_that_ends_too_early_is_no_smaller_data_set(self, tmp_path: Path, batch: int) -> None:
        root = self.saved(tmp_path / "mine", batch=batch)
        (file,) = root.rglob("*.snapshot")
        content, end = file.read_bytes(), 0
        for _ in ("input", "target"):  # a record is its length in 8 bytes, its checksum, itself and its checksum
            end += 8 + 4 + int.from_bytes(content[end : end + 8], "little") + 4
        file.write_bytes(content[:end])
        with pytest.raises(InputError, match=r"expected to contain .*tf\.data\.Dataset\.save"):
            read(root)
