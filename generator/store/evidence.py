"""What the owner of a model that is brought along says of it: metrics, for the gate, and a golden pair.

Both are JSON files, judged before anything is published, since a release keeps them for ever: a gate that is asked for
``NaN`` is never met, and a golden request that the model doesn't take would keep a readiness probe from succeeding.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

from generator.decoding.exact import nearest
from generator.errors import InputError, OutsideError, Place, not_utf8
from generator.model.artifact import Golden
from generator.store import requests
from generator.store.requests import ProblemError
from generator.text import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.model.artifact import Signature
    from generator.store.formats.base import Say

BIGGEST = 4 << 20
"""Bytes: what they say goes into ``release.json``, which whoever lists releases reads."""
DEEPEST = 32
PAIR = ("request", "response")
METRICS = 'Write metrics by name, such as {"accuracy": 0.97, "perClass": [{"recall": 0.9}]}.'
GOLDEN = (
    'Write {"request": {INPUT: [[…]]}, "response": {OUTPUT: [[…]]}}, or the bodies of a V1 or V2 request and answer.'
)


def read_metrics(path: Path) -> dict[str, Any]:
    """The metrics in a file: numbers, nested in objects and lists, null where a measurement has no value.

    Raises:
        InputError: It holds something else.
        OutsideError: It can't be read.
    """
    raw = _json(path, METRICS)
    try:
        count = _numbers(raw, ())
    except ProblemError as error:
        raise _refused(path, error, METRICS) from None
    if not count:
        raise InputError("it holds no number.", fix=METRICS, place=Place(str(path)))
    return raw


def read_golden(path: Path, signature: Signature | None, say: Say) -> Golden:
    """The golden pair in a file, held against the model's signature: names, types, shapes, rows.

    Args:
        path: A JSON file with ``request`` and ``response``, each by the names of the tensors or as a V1 or V2 body.
        signature: The model's; None where its files don't say it.
        say: Told what can't be held against anything.

    Raises:
        InputError: It isn't a pair that the model could have given.
        OutsideError: It can't be read.
    """
    raw = _json(path, GOLDEN)
    for key in {*raw, *PAIR}:
        if key not in PAIR:
            raise InputError(f"it has the unknown key '{key[:60]}'.", fix=nearest(key, PAIR), place=Place(str(path)))
        if key not in raw:
            raise InputError(f"it has no {key}.", fix=GOLDEN, place=Place(str(path)))
    try:
        request, response = requests.pair(raw["request"], raw["response"], signature)
    except ProblemError as error:
        raise _refused(path, error, GOLDEN) from None
    if signature is None:
        say(f"{path} can't be held against the model, whose files don't say its inputs and outputs")
    return Golden(request, response)


def _refused(path: Path, error: ProblemError, otherwise: str) -> InputError:
    place = Place(str(path), path="".join(requests.part(each) for each in error.path).removeprefix("."))
    return InputError(f"{error}.", fix=error.fix or otherwise, place=place)


def _numbers(value: object, path: tuple[str | int, ...]) -> int:
    """How many numbers there are.

    Raises:
        ProblemError: Something is neither a number nor null nor holds such.
    """
    if len(path) > DEEPEST:
        raise ProblemError(f"it is nested more than {DEEPEST} levels deep", path)
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return sum(_numbers(child, (*path, key)) for key, child in items)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        what = "text" if isinstance(value, str) else "true or false"
        raise ProblemError(f"a metric is a number, and this is {what}", path, "Take it out, or write a number.")
    if isinstance(value, int) and not -requests.BIGGEST_FLOAT <= value <= requests.BIGGEST_FLOAT:
        raise ProblemError("this number is bigger than a computer's", path, "Take it out.")
    return 1


class _TwiceError(ValueError):
    """A key that an object has twice."""


def _json(path: Path, otherwise: str) -> dict[str, Any]:
    """A JSON object, each key once and each number finite.

    Raises:
        InputError: It is none.
        OutsideError: It can't be read.
    """
    try:
        content = files.read_bytes(path)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(path))) from None
    except UnicodeDecodeError as error:
        raise not_utf8(error, str(path)) from None
    if len(content) > BIGGEST:
        message = f"it is bigger than {BIGGEST >> 20} MB, and all of it would go into release.json."
        raise InputError(
            message, fix="Give fewer numbers: a golden pair of two rows is enough.", place=Place(str(path))
        )
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        at = Place(str(path), error.lineno, error.colno)
        raise InputError(f"it is no JSON: {error.msg}.", fix=otherwise, place=at) from None
    except _TwiceError as error:
        raise InputError(f"{error}.", fix="Leave one of them out.", place=Place(str(path))) from None
    except ValueError as error:
        fix = "Write null where a measurement has no value, or leave it out."
        raise InputError(f"{error}.", fix=fix, place=Place(str(path))) from None
    except RecursionError:
        raise InputError("it is nested too deep.", fix=otherwise, place=Place(str(path))) from None
    if not isinstance(found, dict):
        raise InputError("it isn't a JSON object.", fix=otherwise, place=Place(str(path)))
    return found


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(f"it has the key '{next(name for name in names if names.count(name) > 1)[:60]}' twice")
    for name in found:
        if not name.isprintable():
            raise ValueError(f"the key {name[:60]!r} holds what can't be printed")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}, which is no JSON number and no release can keep")


def _finite(text: str) -> float:
    if math.isinf(found := float(text)):
        raise ValueError(f"it holds {text[:20]}, which is bigger than a computer's numbers")
    return found
