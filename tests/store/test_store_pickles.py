"""Pickles are walked without being loaded: whole ones to their end, cut ones to where they were cut, hostile ones cheaply."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import pickletools
import runpy
import subprocess
import time
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from store_kit import write_files

from generator.store.bring import artifact_from_model
from generator.store.contents.damage import DamagedError
from generator.store.contents.pickles.read import read
from generator.store.contents.pickles.steps import STEPS

joblib, np = pytest.importorskip("joblib"), pytest.importorskip("numpy")
sklearn = pytest.importorskip("sklearn")
pytest.importorskip("sklearn.ensemble")

from sklearn.ensemble import RandomForestClassifier  # noqa: E402 (only where it is there)
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.store.contents.pickles.values import Seen

ROWS = np.random.default_rng(0).random((60, 3))
SIDES = (ROWS[:, 0] > 0.5).astype(int)
ESTIMATORS: dict[str, Any] = {
    "linear": LogisticRegression().fit(ROWS, SIDES),
    "forest": RandomForestClassifier(3, random_state=0).fit(ROWS, SIDES),
    "labels are objects": LogisticRegression().fit(ROWS, np.array(["a", "bb"], dtype=object)[SIDES]),
    "text": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["a bc", "dd ee"] * 9, [0, 1] * 9),
}
ARRAYS: dict[str, Any] = {
    "odd arrays": {
        "empty": np.zeros((0, 3)),
        "records": np.zeros(3, dtype=[("a", "f8"), ("b", "i4")]),
        "records of objects": np.zeros(2, dtype=[("a", "O"), ("b", "i4")]),
        "dates": np.array(["2020-01-01"], dtype="M8[D]"),
        "texts": np.array(["abc"]),
        "by columns": np.asfortranarray(ROWS),
        "scalar": np.float32(3),
        "nested": np.array([None, {"y": ROWS}], dtype=object),
    }
}


def dumped(value: object, compress: object = 0) -> bytes:
    content = io.BytesIO()
    joblib.dump(value, content, compress=compress)
    return content.getvalue()


WAYS: dict[str, Callable[[object], bytes]] = {
    **{f"protocol {number}": (lambda value, number=number: pickle.dumps(value, number)) for number in range(6)},
    "joblib": dumped,
    **{kind: (lambda value, kind=kind: dumped(value, (kind, 3))) for kind in ("zlib", "gzip", "bz2", "xz", "lzma")},
}


def walked(content: bytes) -> Seen:
    return read(io.BufferedReader(io.BytesIO(content)), len(content))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [*ESTIMATORS, *ARRAYS])
def test_a_pickle_is_walked_to_its_end_and_names_its_writer(name: str, way: str) -> None:
    seen = walked(WAYS[way]({**ESTIMATORS, **ARRAYS}[name]))
    assert seen.whole
    assert seen.sklearn == ("" if name in ARRAYS else sklearn.__version__)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["linear", "odd arrays"])
def test_a_pickle_that_was_cut_anywhere_is_refused(name: str, way: str) -> None:
    content = WAYS[way]({**ESTIMATORS, **ARRAYS}[name])
    for cut in range(0, len(content), max(1, len(content) // 100)):
        with pytest.raises(DamagedError):
            walked(content[:cut])


def test_what_a_server_may_lack_is_said(tmp_path: Path) -> None:
    write_files(tmp_path, {"net.pkl": b"cmy_features.text\nClean\n."})
    heard: list[str] = []
    artifact_from_model(tmp_path / "net.pkl", "sklearn", ("plain",), "digits", heard.append)
    assert heard == [f"{tmp_path}/net.pkl names the packages my_features, which a server has to have as well"]


class Running:
    """What a pickle of it calls, when it's loaded."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return self.function, ("touch seen",)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("function", [os.system, subprocess.check_output, eval, exec, runpy.run_path])
def test_a_pickle_that_runs_commands_where_it_is_loaded_is_refused(function: Callable[..., object], way: str) -> None:
    with pytest.raises(DamagedError, match=rf"it names \w+\.{function.__name__}, which runs commands"):
        walked(WAYS[way]({"model": Running(function)}))


def test_no_way_round_by_another_module_that_has_imported_it() -> None:
    with pytest.raises(DamagedError, match=r"it names joblib\.disk\.os\.system, which runs commands"):
        walked(b"\x80\x04\x8c\x0bjoblib.disk\x8c\x09os.system\x93.")


def test_a_function_of_the_same_module_that_runs_nothing_is_no_reason() -> None:
    assert walked(pickle.dumps([os.getcwd, getattr, subprocess.PIPE])).packages == {os.getcwd.__module__, "builtins"}


@settings(max_examples=300)
@given(st.binary(max_size=80), st.integers(0, 5))
@example(b"Np\n.", 0)
@example(b"Ng\n.", 0)
@example(b"Iten\n.", 0)
@example(b"(o.", 0)
@example(b"c\xff\n\xff\n.", 0)
def test_any_bytes_are_a_pickle_or_not(content: bytes, start: int) -> None:
    for bent in (content, b"\x80\x04" + content, pickle.dumps(ESTIMATORS["linear"])[: start * 60] + content):
        with contextlib.suppress(DamagedError):
            walked(bent)


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04\x8e" + (2**62).to_bytes(8, "little"),
        b"(" * 400_000,
        b"]" + b"(N" * 200_000,
        b"N" + b"2" * 400_000,
        b"S'" + b"x" * 30_000_000,
        b"L" + b"9" * 5_000_000 + b"L\n.",
        zlib.compress(b"\x80\x04\x8e" + (2**40).to_bytes(8, "little") + bytes(100_000_000)),
    ],
    ids=["long", "marks", "nested", "copies", "line", "number", "bomb"],
)
def test_a_hostile_pickle_costs_little(content: bytes) -> None:
    tracemalloc.start()
    started = time.process_time()
    with contextlib.suppress(DamagedError):
        walked(content)
    taken, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 30  # traced, it takes ten times as long as else
    assert peak < 300e6


def test_arrays_in_arrays_are_walked_to_a_depth_and_no_further() -> None:
    def word(text: str) -> bytes:
        return b"X" + len(text).to_bytes(4, "little") + text.encode()

    dtype = b"cnumpy\ndtype\n(" + word("O8") + b"tR"
    state = b"}(" + word("shape") + b")" + word("dtype") + dtype + b"u"
    array = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81" + state + b"b"
    assert walked(array * 3 + b"N." * 4).whole
    assert not walked(array * 5_000 + b"N." * 5_001).whole


def test_who_wrote_an_estimator_stands_in_its_record(tmp_path: Path) -> None:
    write_files(tmp_path, {"net.joblib": dumped(ESTIMATORS["linear"])})
    artifact = artifact_from_model(tmp_path / "net.joblib", "sklearn", ("plain",), "digits", print)
    assert artifact.trained_with == {"writtenBy": {"scikit-learn": sklearn.__version__}}


def test_every_instruction_of_a_pickle_is_known() -> None:
    assert {each.name for each in pickletools.opcodes} - {*STEPS} == {"STOP"}
