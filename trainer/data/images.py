"""A folder of images: a folder a class, or such folders in ``train`` and ``test``.

An image is a PNG, JPEG or BMP, grey or in colour; where one is in colour, all are read so. Transparency is left away.
Hidden files are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from trainer import backend
from trainer.data import split, table
from trainer.data.base import Reader
from trainer.data.dataset import OWN, Dataset, Examples, pixels_to_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.data.base import Reading

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
TRAIN, TEST = "train", "test"
LEFT_BEHIND = ("thumbs.db", "desktop.ini")
"""Files that Windows leaves in folders of images."""

COLOUR = 3
"""Channels."""

LOOKED_AT = 50
"""Files of a folder whose names tell what it is."""


def fits(path: Path) -> bool:
    """Whether images lie in a folder, beside one another, in its folders, or in those below ``train``."""
    for folder in (path, *_folders(path), *_folders(path / TRAIN), *_folders(path / TEST)):
        for _, file in zip(range(LOOKED_AT), _files(folder), strict=False):
            if file.suffix.lower() in SUFFIXES:
                return True
    return False


def load(path: Path, reading: Reading) -> Dataset:
    """Read a folder.

    Raises:
        InputError: It is laid out otherwise, or an image can't be read or has another size; TensorFlow isn't installed.
        OutsideError: A file can't be read.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if reading.classes is False:
        raise InputError(
            "a folder of images holds classes, no numbers.",
            fix="Numbers are predicted from columns or .npz.",
            place=Place(str(path)),
        )
    roots = [path]
    if _folders(path / TRAIN) or _folders(path / TEST):
        roots = [path / TRAIN, path / TEST]
        for root in roots:
            if not _folders(root):
                raise InputError(
                    f"there are no classes in {root.name}.",
                    fix="Images lie in train/CLASS/ and test/CLASS/, or in CLASS/ alone; a fifth is held out then.",
                    place=Place(str(path)),
                )
    classes = [folder.name for folder in _folders(roots[0])]
    listed = [_listed(root, classes) for root in roots]
    pixels = _read([file for files in listed for file, _ in files], reading.image_size)
    labels = np.array([label for files in listed for _, label in files], dtype=np.int64)
    whole = Examples(inputs={"image": pixels}, targets=labels)
    if len(roots) == 1:
        mask, how = split.held_out(whole.inputs, labels, classes=True), split.OF_CLASSES
    else:
        mask, how = np.arange(len(labels)) >= len(listed[0]), "the user's own: the folder test"
    return Dataset(
        name="images",
        train=whole.only(~mask),
        test=whole.only(mask),
        classes=tuple(classes),
        split=how,
        licence=OWN,
        origin=str(path),
    )


def _listed(root: Path, classes: Sequence[str]) -> list[tuple[Path, int]]:
    """Every image of a part with its class' number, in the order of the names."""
    _demand_readable(root)
    for file in _files(root):
        if file.suffix.lower() in SUFFIXES:
            raise InputError("an image in no class.", fix="Images lie in a folder a class.", place=Place(str(file)))
    found = []
    for folder in _folders(root):
        if folder.name not in classes:
            raise InputError(
                f"the class '{folder.name}' isn't among those to train on.",
                fix="Add images of it there, or take it out here.",
                place=Place(str(folder)),
            )
        if inner := _folders(folder):
            raise InputError(
                "a folder in a class' folder.", fix="Images lie in it directly.", place=Place(str(inner[0]))
            )
        _demand_readable(folder)
        files = list(_files(folder))
        for file in files:
            if file.suffix.lower() not in SUFFIXES:
                raise InputError(
                    f"this is no image that is read: {', '.join(SUFFIXES)} are.",
                    fix="Take it out.",
                    place=Place(str(file)),
                )
        if not files:
            raise InputError(
                "a class without an image.", fix="Add some, or take the folder out.", place=Place(str(folder))
            )
        found += [(file, classes.index(folder.name)) for file in files]
    return found


def _demand_readable(folder: Path) -> None:
    """Refuse what is neither a file nor a folder, such as a link that leads nowhere: it would be missed silently."""
    for each in sorted(_entries(folder)):
        if not (each.is_dir() or each.is_file()):
            raise InputError(
                "this is neither a file nor a folder; is it a link that leads nowhere?",
                fix="Mend it, or take it out.",
                place=Place(str(each)),
            )


def _read(files: Sequence[Path], size: tuple[int, ...]) -> NDArray[Any]:
    """Images as float32 from 0 to 1, [images, height, width] or [images, height, width, 3]."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    pixels: list[NDArray[Any]] = []
    held = 0
    for file in files:
        image = _image(file, size)
        if pixels and image.shape[:2] != pixels[0].shape[:2]:
            raise InputError(
                f"{_size(image)} pixels, and {files[0].name} has {_size(pixels[0])}.",
                fix="Name the size that all are brought to: model.train.imageSize: [height, width].",
                place=Place(str(file)),
            )
        held += image.shape[0] * image.shape[1] * COLOUR * 4
        if held > table.MOST_BYTES:
            raise InputError(
                f"{len(files):,} images of {_size(image)} pixels are over {table.MOST_BYTES // 2**30} GiB in memory.",
                fix="Make them smaller: model.train.imageSize.",
                place=Place(str(file.parent)),
            )
        pixels.append(image)
    if any(image.shape[2] == COLOUR for image in pixels):
        return pixels_to_unit(np.stack([np.broadcast_to(image, (*image.shape[:2], COLOUR)) for image in pixels]))
    return pixels_to_unit(np.stack([image[:, :, 0] for image in pixels]))


def _image(file: Path, size: tuple[int, ...]) -> NDArray[Any]:
    """One image, whole numbers from 0 to 255, [height, width, 1 or 3]."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    tf = backend.tensorflow()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(file))) from error
    try:
        image = tf.io.decode_image(content, channels=0, expand_animations=False)
    except tf.errors.InvalidArgumentError as error:
        raise InputError(
            "this is no image that can be read.", fix="Save it anew, or take it out.", place=Place(str(file))
        ) from error
    if image.ndim != 3:  # noqa: PLR2004 (height, width, channels)
        raise InputError("this is no still image.", fix="Take it out, or save one frame of it.", place=Place(str(file)))
    if size:
        scaled = tf.image.resize(tf.cast(image, tf.float32), size, antialias=True)
        image = tf.cast(tf.clip_by_value(tf.round(scaled), 0, 255), tf.uint8)
    pixels: NDArray[Any] = np.asarray(image)
    return pixels[:, :, :COLOUR] if pixels.shape[2] >= COLOUR else pixels[:, :, :1]


def _folders(path: Path) -> list[Path]:
    """The folders in a folder, by name; none where it is none."""
    return sorted(each for each in _entries(path) if each.is_dir())


def _files(path: Path) -> Iterator[Path]:
    """The files in a folder, by name."""
    return (each for each in sorted(_entries(path)) if each.is_file())


def _entries(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    try:
        return [
            each for each in path.iterdir() if not each.name.startswith(".") and each.name.lower() not in LEFT_BEHIND
        ]
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(path))) from error


def _size(image: NDArray[Any]) -> str:
    return f"{image.shape[0]} by {image.shape[1]}"


READER = Reader(
    id="images",
    summary="a folder of images (CLASS/NAME.png or .jpg)",
    fits=fits,
    load=load,
    settings=frozenset({"imageSize"}),
)
