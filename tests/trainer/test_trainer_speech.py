"""``speech-commands``: recordings in a folder, words that a program speaks, and sound as a client sends it."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import subprocess
import wave
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import asked, task_file, trained

from generator.errors import InputError, OutsideError
from generator.model.artifact import Tensor
from trainer import data
from trainer.data import espeak, recordings, wav
from trainer.data import sound as sound_of_all_data
from trainer.data.base import NOTHING
from trainer.data.dataset import Dataset, Examples
from trainer.tasks import speech_commands

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.artifact import Artifact


def sound(seconds: float = 1.0, *, rate: int = 16_000, channels: int = 1, width: int = 2, pitch: int = 440) -> bytes:
    """A .wav file that holds a tone."""
    wave_form = np.sin(np.arange(round(seconds * rate) * channels) * 2 * np.pi * pitch / rate / channels)
    whole = wave_form * 0.5 * 2 ** (8 * width - 1) + (128 if width == 1 else 0)
    kind = {1: "<u1", 2: "<i2", 4: "<i4"}[width]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(whole.astype(kind).tobytes())
    return out.getvalue()


def folder(root: Path, *, speakers: int = 10, words: tuple[str, ...] = ("no", "yes"), seconds: float = 1.0) -> Path:
    """A recording of each word by each speaker, in the layout of Google's set."""
    for index, word in enumerate(words):
        (root / word).mkdir(parents=True)
        for number in range(speakers):
            tone = sound(seconds, pitch=300 + 200 * index + 10 * number)
            (root / word / f"s{number:02}_nohash_0.wav").write_bytes(tone)
    return root


def read(root: Path) -> Dataset:
    return data.of_file(root).load()


def tones(of: Any) -> set[int]:
    """The pitches of examples that are tones, in Hz."""
    return {int(np.abs(np.fft.rfft(audio)).argmax()) for audio in of.inputs["audio"]}


class TestFolder:
    def test_a_folder_of_folders_of_recordings_is_known_by_its_names(self, tmp_path: Path) -> None:
        assert recordings.fits(folder(tmp_path / "mine"))
        assert not recordings.fits(tmp_path / "mine" / "yes")
        assert not recordings.fits(tmp_path / "nowhere")

    def test_words_are_classes_and_samples_go_from_minus_1_to_1(self, tmp_path: Path) -> None:
        of = read(folder(tmp_path / "mine", words=("up", "down")))
        assert of.classes == ("down", "up")
        audio = of.train.inputs["audio"]
        assert (audio.dtype, audio.shape) == (np.float32, (16, 16_000))
        assert np.abs(audio).max() == pytest.approx(0.5, abs=1e-3)
        assert of.notes == {"samplesPerSecond": 16_000, "speakers": 10}
        assert not of.remarks

    def test_no_speaker_is_on_both_sides_and_one_in_five_is_held_out(self, tmp_path: Path) -> None:
        of = read(folder(tmp_path / "mine", words=("no", "yes"), speakers=10))
        voices = [{tone % 200 for tone in tones(part)} for part in (of.train, of.test)]
        assert (len(voices[0]), len(voices[1]), voices[0] & voices[1]) == (8, 2, set())

    def test_who_spoke_is_told_by_the_name(self) -> None:
        assert recordings.speaker("0a7c2a8d_nohash_3.wav") == "0a7c2a8d"
        assert recordings.speaker("anna.wav") == "anna"

    def test_more_speakers_in_another_order_hold_out_the_same(self) -> None:
        names = [f"speaker{number}" for number in range(50)]
        assert recordings.held_out(names) == recordings.held_out(reversed(names))
        assert len(recordings.held_out(names)) == 10
        assert len(recordings.held_out(["only"])) == 1

    @pytest.mark.parametrize(
        ("lists", "counts", "says"),
        [
            ({"testing_list.txt": (0, 1)}, (16, 4), "held out is what testing_list.txt names"),
            ({"validation_list.txt": (3,)}, (18, 2), "held out is what validation_list.txt names"),
            (
                {"testing_list.txt": (0, 1), "validation_list.txt": (3,)},
                (14, 4),
                "validation_list.txt names is left out",
            ),
        ],
        ids=["testing", "validation", "both"],
    )
    def test_lists_are_honoured(self, tmp_path: Path, lists: Any, counts: tuple[int, int], says: str) -> None:
        root = folder(tmp_path / "mine")
        for name, speakers in lists.items():
            lines = [f"{word}/s{number:02}_nohash_0.wav" for word in ("no", "yes") for number in speakers]
            (root / name).write_text("\r\n".join(["bed/0a_nohash_0.wav", *lines]) + "\n")
        of = read(root)
        assert (len(of.train), len(of.test)) == counts
        assert says in of.split

    def test_background_noise_is_a_class_of_seconds(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "mine")
        (root / "_background_noise_").mkdir()
        (root / "_background_noise_" / "README.md").write_text("whose noise it is")
        (root / "_background_noise_" / "fan.wav").write_bytes(sound(10.5, pitch=5000))
        of = read(root)
        assert of.classes == ("no", "yes", "_silence_")
        assert ((of.train.targets == 2).sum(), (of.test.targets == 2).sum()) == (8, 2)
        assert of.notes["speakers"] == 10

    def test_what_is_shorter_than_a_second_is_followed_by_silence_and_said(self, tmp_path: Path) -> None:
        of = read(folder(tmp_path / "mine", seconds=0.5))
        assert (of.train.inputs["audio"][:, 8_000:] == 0).all()
        assert of.remarks == ("20 recordings are shorter than a second; silence is added at their end.",)

    def test_other_files_beside_the_words_are_no_matter(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "mine")
        for name in ("README.md", "LICENSE", ".DS_Store", "no/.DS_Store", "no/._s00.wav"):
            (root / name).write_text("x")
        (root / ".git").mkdir()
        assert read(root).classes == ("no", "yes")


CUT = sound()[:-1000]


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (sound(rate=44_100), ["44,100 samples a second; 16,000 are wanted", "ffmpeg"]),
            (sound(channels=2), ["2 channels; one is wanted", "ffmpeg"]),
            (sound(width=1), ["8 bits a sample; 16 are wanted", "ffmpeg"]),
            (sound(width=4), ["32 bits a sample"]),
            (sound(1.01), ["16,160 samples", "16,000 at most", "Cut it"]),
            (sound(0), ["there is nothing in it"]),
            (CUT, ["cut off: 15,500 of 16,000 samples"]),
            (sound()[:60], ["cut off: 8 of 16,000 samples"]),
            (sound()[:40], ["can be read: fmt chunk and/or data chunk missing"]),
            (sound()[:12], ["can be read"]),
            (b"", ["can be read: it ends too early"]),
            (b"ID3\x03 an mp3 in disguise", ["can be read"]),
            (sound()[:20] + struct.pack("<H", 3) + sound()[22:], ["can be read: unknown format: 3"]),
            (sound()[:36] + b"none" + sound()[40:], ["can be read"]),
        ],
        ids=range(14),
    )
    def test_a_wrong_recording_is_named_with_its_cure(self, tmp_path: Path, content: bytes, says: list[str]) -> None:
        root = folder(tmp_path / "mine")
        (root / "yes" / "odd.wav").write_bytes(content)
        with pytest.raises(InputError) as caught:
            read(root)
        for part in (f"{root / 'yes' / 'odd.wav'}: ", *says):
            assert part in str(caught.value)

    @pytest.mark.parametrize("seed", range(3))
    def test_damaged_recordings_never_end_in_a_traceback(self, tmp_path: Path, seed: int) -> None:
        random = np.random.default_rng(seed)
        path = tmp_path / "damaged.wav"
        for _ in range(100):
            content = bytearray(sound(0.01))
            for position in random.integers(0, 60, random.integers(1, 6)):
                content[position] = random.integers(256)
            path.write_bytes(bytes(content[: random.integers(len(content) + 1)]))
            with contextlib.suppress(InputError):
                assert wav.samples(path).dtype == np.int16

    @pytest.mark.parametrize(
        ("name", "says"),
        [("yes/talk.mp3", "this is no .wav file"), ("yes/more", "this is a folder")],
    )
    def test_what_would_be_missed_in_silence_is_refused(self, tmp_path: Path, name: str, says: str) -> None:
        root = folder(tmp_path / "mine")
        (root / name).mkdir() if name == "yes/more" else (root / name).write_bytes(b"x")
        with pytest.raises(InputError, match=says) as caught:
            read(root)
        assert str(root / name) in str(caught.value)

    @pytest.mark.parametrize("word", ["yes", "_background_noise_"])
    def test_a_pipe_is_refused_and_not_waited_for(self, tmp_path: Path, word: str) -> None:
        root = folder(tmp_path / "mine")
        (root / word).mkdir(exist_ok=True)
        os.mkfifo(root / word / "odd.wav")
        with pytest.raises(InputError, match=r"odd\.wav: this is no file"):
            read(root)

    def test_a_word_without_a_recording(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "mine")
        (root / "up").mkdir()
        with pytest.raises(InputError, match=r"there is no \.wav file in it"):
            read(root)

    @pytest.mark.parametrize(
        ("content", "says"), [(b"on/a.wav\n", "names none of the recordings"), (b"\xff", "not UTF-8")]
    )
    def test_a_list_that_is_of_another_folder(self, tmp_path: Path, content: bytes, says: str) -> None:
        root = folder(tmp_path / "mine")
        (root / "testing_list.txt").write_bytes(content)
        with pytest.raises(InputError, match=says) as caught:
            read(root)
        assert "testing_list.txt" in str(caught.value)

    def test_noise_that_is_shorter_than_a_second(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "mine")
        (root / "_background_noise_").mkdir()
        (root / "_background_noise_" / "click.wav").write_bytes(sound(0.2))
        with pytest.raises(InputError, match=r"click\.wav: 3,200 samples"):
            read(root)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_a_recording_that_may_not_be_read(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "mine")
        (root / "yes" / "s00_nohash_0.wav").chmod(0)
        with pytest.raises(OutsideError, match="can't be read"):
            read(root)

    def test_a_word_whose_name_is_no_unicode(self, tmp_path: Path) -> None:
        root = folder(tmp_path / "mine")
        (root / "yes").rename(os.fsdecode(os.fsencode(root) + b"/caf\xe9"))
        with pytest.raises(InputError, match=r"mine: the class 'caf\\udce9' is no text in Unicode"):
            sound_of_all_data.demand(recordings.load(root, NOTHING))

    def test_a_sound_that_is_no_number(self) -> None:
        audio = np.zeros((12, 16_000), np.float32)
        audio[3, 5] = np.nan
        part = Examples(inputs={"x": audio}, targets=np.arange(12) % 2)
        of = Dataset(name="made", train=part, test=part, classes=("a", "b"), split="", licence="")
        with pytest.raises(InputError, match="training recording 4 holds NaN"):
            speech_commands.check(of)

    def test_other_data_are_no_recordings(self) -> None:
        for shape, classes in (((12, 28, 28), ("a", "b")), ((12, 16_000), ())):
            part = Examples(inputs={"x": np.zeros(shape, np.float32)}, targets=np.arange(12) % 2)
            of = Dataset(name="made", train=part, test=part, classes=classes, split="", licence="")
            with pytest.raises(InputError, match="these are no recordings of words"):
                speech_commands.check(of)


@pytest.fixture(scope="module")
def spoken() -> Dataset:
    return espeak.load()


@pytest.mark.tensorflow
class TestSyntheticSpeech:
    def test_it_is_said_to_be_synthetic(self, spoken: Dataset) -> None:
        assert spoken.notes["synthetic"] is True
        assert "synthetic" in spoken.remarks[0]
        assert "no person" in spoken.licence

    def test_the_same_is_said_again(self, spoken: Dataset) -> None:
        assert espeak.load().fingerprint == spoken.fingerprint

    def test_each_voice_says_each_word_and_no_voice_is_on_both_sides(self, spoken: Dataset) -> None:
        assert np.bincount(spoken.train.targets).tolist() == [24 * len(espeak.WAYS)] * len(espeak.WORDS)
        assert np.bincount(spoken.test.targets).tolist() == [6 * len(espeak.WAYS)] * len(espeak.WORDS)
        for audio in (spoken.train.inputs["audio"], spoken.test.inputs["audio"]):
            assert (np.abs(audio).max(axis=1) > 0.1).all()
            assert np.abs(audio).max() <= 1

    def test_a_library_that_breaks_is_told_in_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: Any, **__: Any) -> Any:
            return subprocess.CompletedProcess([], -11, b"", b"")

        monkeypatch.setattr(subprocess, "run", crash)
        with pytest.raises(OutsideError, match=r"eSpeak NG, which speaks .* doesn't run here: it ended with -11"):
            espeak.load()

    def test_a_voice_that_isnt_there_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(espeak, "WAYS", (("xx-none", 40, 150),))
        with pytest.raises(OutsideError, match="can't say 'down' as xx-none"):
            espeak.load()


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Of the file that ``init`` writes; its gate is met, or this raises."""
    return trained(task_file(tmp_path_factory.mktemp("speech"), "speech-commands"))


@pytest.mark.tensorflow
class TestTraining:
    def test_a_client_sends_samples(self, artifact: Artifact) -> None:
        assert artifact.signature
        assert artifact.signature.inputs == (Tensor("audio", "float32", (None, 16_000)),)
        assert Tensor("probabilities", "float32", (None, 10)) in artifact.signature.outputs
        assert artifact.trained_with["data"]["synthetic"] is True
        assert artifact.trained_with["data"]["classes"] == list(espeak.WORDS)

    def test_a_server_that_knows_no_keras_answers(self, artifact: Artifact, spoken: Dataset) -> None:
        assert artifact.golden
        words = spoken.test.inputs["audio"][:: len(spoken.test) // 20]
        golden, said, quiet, odd = asked(
            artifact,
            artifact.golden.request,
            {"audio": words.tolist()},
            {"audio": (words / 8).tolist()},
            {"audio": [[0.0] * 16_000, [1.0] * 16_000, [1.0, -1.0] * 8_000]},
        )
        assert golden["class"] == artifact.golden.response["class"]
        right = spoken.test.targets[:: len(spoken.test) // 20]
        assert (np.array(said["class"]) == right).mean() > 0.8
        assert (np.array(quiet["class"]) == np.array(said["class"])).mean() > 0.8  # how loud it is doesn't count
        assert np.array(odd["probabilities"]).sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)

    def test_onnx_holds_all_of_it(self, tmp_path: Path) -> None:
        path = task_file(tmp_path, "speech-commands", epochs=1)
        path.write_text(path.read_text().replace("model: {", "model: {formats: [onnx], "))
        parity = trained(path).trained_with["parity"]
        assert parity["onnx"]["largestDifference"] < 1e-4

    def test_own_recordings_train_and_the_same_seed_gives_the_same_metrics(self, tmp_path: Path) -> None:
        folder(tmp_path / "mine", words=("no", "yes", "up"))
        path = task_file(tmp_path, "speech-commands", data="./mine", epochs=2)
        first = trained(path)
        assert first.signature
        assert Tensor("probabilities", "float32", (None, 3)) in first.signature.outputs
        assert "synthetic" not in first.trained_with["data"]
        assert trained(path, retrain=True).metrics == first.metrics
