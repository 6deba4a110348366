"""``speech-commands``: which of a few words is said in a second of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer import backend
from trainer.measures import classification
from trainer.network import Network
from trainer.tasks.base import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.settings import Settings

RATE = 16_000
"""Samples a second that the spectrum counts on."""

WINDOW, STEP, POINTS = 400, 160, 512
"""Samples that a spectrum is made of, 25 ms; between one and the next, 10 ms; points of its Fourier transform."""

BANDS, LOWEST, HIGHEST = 40, 20.0, 7600.0
"""Bands of pitch, and the frequencies in Hz where they begin and end."""

FAINT = 1e-6
"""What is added to the energy of a band before its logarithm: that of digital silence."""

FILTERS = (16, 32, 64)
"""Of each convolution; after it the picture has half the height and width."""

DROPOUT = 0.2


def check(dataset: Dataset) -> None:
    """Sounds of equal length, and words.

    Raises:
        InputError: They aren't.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    (audio, *more) = dataset.train.inputs.values()
    if more or audio.ndim != 2 or audio.dtype.kind != "f" or not dataset.classes:  # noqa: PLR2004 (examples, samples)
        raise dataset.refusal(
            "these are no recordings of words.",
            "speech-commands wants a folder of recordings, <word>/<file>.wav; docs/training.md shows it.",
        )
    for part, examples in (("training", dataset.train), ("held-out", dataset.test)):
        broken = np.flatnonzero(np.isnan(next(iter(examples.inputs.values()))).any(axis=1))
        if broken.size:
            raise dataset.refusal(f"{part} recording {broken[0] + 1} holds NaN.", "Mend it, or leave it out.")
    if audio.shape[1] < WINDOW:
        raise dataset.refusal(f"{audio.shape[1]} samples each; fewer than {WINDOW} hold no word.")


def network(dataset: Dataset, settings: Settings) -> Network:  # noqa: ARG001 (what every task is asked)
    """From sound to a picture of its pitches over time, through three convolutions, to dense logits (one a class).

    A server takes ``audio`` [batch, samples], float32 from -1 to 1, and gives ``probabilities`` [batch, classes],
    float32, and ``class`` [batch], int64. The spectrum is made inside the graph, of convolutions, which every format
    has. How loud it is, doesn't count.
    """
    ((name, audio),) = dataset.train.inputs.items()
    prepare = _spectrum(name, audio.shape[1])
    keras = backend.keras()
    layers = keras.layers
    body = keras.Sequential([layers.Input(prepare.output.shape[1:]), layers.Reshape((*prepare.output.shape[1:], 1))])
    for filters in FILTERS:
        body.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        body.add(layers.MaxPooling2D(2, padding="same"))
    for layer in (layers.GlobalMaxPooling2D(), layers.Dropout(DROPOUT), layers.Dense(len(dataset.classes))):
        body.add(layer)
    return Network(prepare=prepare, body=body, answer=classification.answer)


def _spectrum(name: str, samples: int) -> Any:
    """From sound [batch, samples] to the log energy in each band over time, of mean 0 and deviation 1."""
    keras = backend.keras()
    layers, ops = keras.layers, keras.ops
    audio = keras.Input((samples,), dtype="float32", name=name)
    energy = layers.STFTSpectrogram(
        mode="psd", frame_length=WINDOW, frame_step=STEP, fft_length=POINTS, dtype="float32", name="spectrum"
    )(ops.expand_dims(audio, -1))
    bands = layers.Dense(BANDS, use_bias=False, trainable=False, dtype="float32", name="bands")
    loud = ops.log(bands(energy) + FAINT)
    bands.set_weights([_triangles()])
    mean = ops.mean(loud, axis=(1, 2), keepdims=True)
    variance = ops.mean(ops.square(loud - mean), axis=(1, 2), keepdims=True)
    return keras.Model({name: audio}, (loud - mean) / ops.sqrt(variance + FAINT))


def _triangles() -> NDArray[Any]:
    """How much of each frequency goes into each band [points, bands]: triangles of equal width in mel.

    Source of the scale: D. O'Shaughnessy, Speech Communication (1987), 2595 log10(1 + f / 700).
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    def mel(hertz: Any) -> Any:
        return 2595 * np.log10(1 + hertz / 700)

    points = mel(np.linspace(0, RATE / 2, POINTS // 2 + 1))[:, np.newaxis]
    edges = np.linspace(mel(LOWEST), mel(HIGHEST), BANDS + 2)
    rising, falling = (
        (points - edges[:-2]) / (edges[1:-1] - edges[:-2]),
        (edges[2:] - points) / (edges[2:] - edges[1:-1]),
    )
    found: NDArray[Any] = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return found


TASK = Task(
    id="speech-commands",
    summary="tells which of a few words is said in a second of sound",
    data="espeak-words",
    gate=(("accuracy", ">= 0.8"), ("macro.f1", ">= 0.8")),
    measure=classification.MEASURE,
    check=check,
    network=network,
    loss=classification.loss,
    epochs=14,
)
