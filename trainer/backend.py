"""TensorFlow and Keras, imported in one place and kept quiet.

TensorFlow talks in four ways: Python loggers (its own, absl's), Keras' progress lines on standard output, warnings at
import, and C++ that writes to file descriptor 2 (CPU features, oneDNN, missing GPUs), some of it before any log level
is in force. None of it is for our user.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import logging
import os
import sys
import tempfile
import warnings
from typing import TYPE_CHECKING, Any

from generator.errors import missing_extra
from trainer.distributed.member import member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
"""TensorFlow's own variable for its C++ log, 0 (all) to 3 (fatal errors only). Where it is set, nothing is hidden."""

UNNEEDED = ("pandas", "sklearn")
"""What Keras imports where it can, and nobody here has a use for."""

STDOUT = 1
STDERR = 2
"""The file descriptor that C++ writes to, whatever ``sys.stderr`` is."""


def tensorflow() -> Any:
    """The module ``tensorflow``, silent.

    Raises:
        InputError: The extra ``train`` is not installed.
    """
    return _load("tensorflow")


def keras() -> Any:
    """The module ``keras`` with TensorFlow behind it, silent; errors as ``tensorflow``."""
    return _load("keras")


def _load(name: str) -> ModuleType:
    if name not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"  # a user's keras.json may say jax; SavedModel needs TensorFlow
        try:
            if LOG_LEVEL in os.environ:  # someone wants to see what TensorFlow says
                _wake()
            else:
                # Errors of C++ come back as exceptions, so even they needn't be logged.
                os.environ[LOG_LEVEL] = "3"
                with native_silence(), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    _wake()
        except ModuleNotFoundError as error:
            raise missing_extra("train", "training") from error
    return sys.modules[name]


def _wake() -> None:
    """Import both, let the devices say now what they have to say, and turn all talk off."""
    with _lean():
        tf, keras_, absl = (importlib.import_module(name) for name in ("tensorflow", "keras", "absl.logging"))
    if member() is None:  # who joins other workers has to do so before there is a device
        tf.config.list_logical_devices()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    absl.set_verbosity(absl.ERROR)
    keras_.utils.disable_interactive_logging()
    # A user's keras.json may also say float16; the networks and signatures here are of float32.
    keras_.config.set_floatx("float32")
    keras_.config.set_dtype_policy("float32")


@contextlib.contextmanager
def _lean() -> Iterator[None]:
    """Import without what nobody here needs: 2.0 s of processor time instead of 3.6 (TensorFlow 2.20, Keras 3.15).

    A quarter of the time is Keras looking whether pandas and scikit-learn are there, for wrappers and data frames that
    training doesn't take; a quarter is Python's collector, which walks all that was just imported again and again.
    """
    hidden = [name for name in UNNEEDED if name not in sys.modules]
    collecting = gc.isenabled()
    gc.disable()
    # Python's own word for "can't be imported"; Keras then does without.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        if collecting:
            gc.enable()
        gc.freeze()  # what is imported stays: no later collection walks it


@contextlib.contextmanager
def native_silence() -> Iterator[None]:
    """Swallow what is written to file descriptor 2, but let a crash of native code be seen."""
    try:
        kept = os.dup(STDERR)
    except OSError:  # no standard error at all (`2>&-`): nothing can be noisy
        yield
        return
    watching = not faulthandler.is_enabled()  # someone else's crash report is as good as ours
    if watching:
        faulthandler.enable(file=kept)
    with tempfile.TemporaryFile() as sink:
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(sink.fileno(), STDERR)
        try:
            yield
        finally:
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(kept, STDERR)
            if watching:
                faulthandler.disable()
            os.close(kept)


@contextlib.contextmanager
def output_aside() -> Iterator[None]:
    """Send to standard error what is written to file descriptor 1: by programs that are started, by native code."""
    try:
        kept = os.dup(STDOUT)
    except OSError:  # no standard output at all (`1>&-`): nothing can get into it
        yield
        return
    try:
        os.dup2(STDERR, STDOUT)
    except OSError:  # no standard error (`2>&-`)
        os.close(kept)
        yield
        return
    try:
        yield
    finally:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
        os.dup2(kept, STDOUT)
        os.close(kept)
