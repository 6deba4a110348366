"""A program of its own that speaks words with eSpeak NG's library; it needs nothing but Python.

The library keeps state from word to word and has a generator of chance, so equal calls give other samples. In a process
of their own, with a seed, the same words in the same order are the same samples; and where the library breaks, it is
not our process.

    speaking.py LIBRARY < JSON > SAMPLES

JSON is a list of ``[voice, pitch, speed, word]``: a voice by eSpeak NG's name, a pitch from 0 to 99, words a minute.
For each word there are 4 bytes, how many samples follow, and the samples, 16 bits each, all little-endian; before the
first the samples a second, 4 bytes. The working folder holds ``espeak-ng-data``.

Source of the calls and numbers: espeak-ng 1.52.0, ``src/include/espeak-ng/speak_lib.h`` and ``espeak_ng.h``.
"""

from __future__ import annotations

import array
import ctypes
import json
import struct
import sys
from typing import Any

SYNCHRONOUS = 2
"""``AUDIO_OUTPUT_SYNCHRONOUS``: samples go to the callback before the call is over."""

DONT_EXIT = 0x8000
"""``espeakINITIALIZE_DONT_EXIT``: an error is returned."""

RATE, PITCH = 1, 3
"""``espeakRATE`` and ``espeakPITCH``."""

CHARACTERS, UTF8 = 1, 1
"""``POS_CHARACTER`` and ``espeakCHARS_UTF8``."""

SEED = 1

Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main(library_path: str) -> None:
    """Speak what standard input says."""
    library = _library(library_path)
    heard = array.array("h")

    def hear(samples: Any, count: int, _: object) -> int:
        if samples and count > 0:
            heard.frombytes(ctypes.string_at(samples, count * heard.itemsize))
        return 0

    callback = Callback(hear)  # kept as long as the library may call it
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, b".", DONT_EXIT)
    if rate <= 0:
        sys.exit("eSpeak NG doesn't start: its data aren't beside its library")
    library.espeak_SetSynthCallback(callback)
    library.espeak_ng_SetRandSeed(SEED)
    out = sys.stdout.buffer
    out.write(struct.pack("<i", rate))
    for voice, pitch, speed, word in json.load(sys.stdin):
        del heard[:]
        _say(library, voice, pitch, speed, word)
        if sys.byteorder == "big":
            heard.byteswap()
        out.write(struct.pack("<i", len(heard)))
        out.write(heard.tobytes())
    out.flush()


def _library(path: str) -> ctypes.CDLL:
    library = ctypes.CDLL(path)
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    library.espeak_SetSynthCallback.argtypes = [Callback]
    library.espeak_SetSynthCallback.restype = None
    library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
    library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    library.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
    library.espeak_Synth.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int),
        *(ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
    ]
    return library


def _say(library: ctypes.CDLL, voice: str, pitch: int, speed: int, word: str) -> None:
    text = word.encode()
    failed = (
        library.espeak_SetVoiceByName(voice.encode())
        or library.espeak_SetParameter(PITCH, pitch, 0)
        or library.espeak_SetParameter(RATE, speed, 0)
        or library.espeak_Synth(text, len(text) + 1, 0, CHARACTERS, 0, UTF8, None, None)
        or library.espeak_Synchronize()
    )
    if failed:
        sys.exit(f"eSpeak NG can't say '{word}' as {voice}: error {failed}")


if __name__ == "__main__":
    main(sys.argv[1])
