"""TensorFlow's start: what native code says at it is swallowed, and nothing else."""

from __future__ import annotations

import os
import sys
import types
import warnings

import pytest

from generator.errors import InputError
from trainer import backend


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a fresh process, whatever other tests imported."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv(backend.LOG_LEVEL, "3")
    monkeypatch.delenv(backend.LOG_LEVEL)


def noisy() -> None:
    os.write(2, b"2026: E external/cuda.cc: no GPU\n")
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    sys.modules["keras"] = types.ModuleType("keras")


@pytest.mark.usefixtures("asleep")
def test_what_is_said_at_the_import_is_swallowed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(backend, "_wake", noisy)
    assert backend.keras() is sys.modules["keras"]
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert os.environ[backend.LOG_LEVEL] == "3"
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


@pytest.mark.usefixtures("asleep")
@pytest.mark.filterwarnings("ignore:old:DeprecationWarning")
def test_whoever_sets_the_log_level_hears_it(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    monkeypatch.setenv(backend.LOG_LEVEL, "0")
    monkeypatch.setattr(backend, "_wake", noisy)
    backend.keras()
    assert "no GPU" in capfd.readouterr().err
    assert os.environ[backend.LOG_LEVEL] == "0"


@pytest.mark.usefixtures("asleep")
def test_an_absent_tensorflow_is_said_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    def absent() -> None:
        raise ModuleNotFoundError("No module named 'tensorflow'")

    monkeypatch.setattr(backend, "_wake", absent)
    with pytest.raises(InputError, match="training needs the extra 'train'"):
        backend.tensorflow()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
