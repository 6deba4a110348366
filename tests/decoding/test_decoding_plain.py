"""The fast lane of service files and lock files says the same as the exact one, or nothing."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest

from difficult_texts import SCALARS
from generator.decoding import plain
from generator.decoding.exact import Decoder
from generator.decoding.nodes import parse
from generator.decoding.plain import DoubtError
from generator.errors import InputError
from generator.loading import defaults
from generator.loading import load as service_file
from generator.plan import lock
from kit import ROLLING, ROOT, SERVICE, locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.loading.defaults import Defaults
    from generator.service import Service

ODD = [
    *(text.replace("|", " ") for text in SCALARS),
    *('"1"', '"1.5"', '"yes"', '"1:30"', '"0x1F"', '"null"', '""', "+5", "-5", "1.0", "2.50", "0x10", "007", "1e2"),
    *("True", "FALSE", "{}", "[]", "[1]", "{a: b}", "999999999999999999999", "'it''s'", "prod", "a.b/c", "1" * 5000),
]
WORD = re.compile(r'(?<=[:,-] )(?:"[^"]*"|[^\s,\]}{\[]+)')


def quick(text: str, environment: str | None, under: Defaults | None = None) -> Service | None:
    try:
        return service_file._quick(text, "serinus.yaml", environment, under)
    except DoubtError:
        return None


def exact(text: str, environment: str | None, under: Defaults | None = None) -> Service | str:
    try:
        return service_file.build(parse(text, "serinus.yaml"), "serinus.yaml", environment=environment, under=under)
    except InputError as error:
        return str(error)


def bent(text: str) -> Iterator[str]:
    """The text with one word replaced, or one line taken out or doubled, at every place."""
    for number, found in enumerate(WORD.finditer(text)):
        for odd in (*ODD[number % 7 :: 7], *(word for word in ODD if not number % 5)):
            yield f"{text[: found.start()]} {odd}{text[found.end() :]}"
    before, mark, _ = text.partition("environments:")
    yield from (f"{before}{mark} {odd}\n" for odd in ODD)
    lines = text.splitlines(keepends=True)
    for number in range(len(lines)):
        yield "".join(lines[:number] + lines[number + 1 :])
        yield "".join(lines[: number + 1] + lines[number:])
    for odd in ("---\n", "\ufeff", "\r\n", "a: 1\n---\n", "%YAML 1.1\n---\n", "# only\n", "? a\n"):
        yield odd + text
        yield text + odd


TAKES_AWAY = SERVICE.replace(
    "{namespace: prod}", "{namespace: ~, labels: {a: null, b: c}, model: {train: {seed: ~}}, pod: {a: {b: ~, c: [1]}}}"
)
DEFAULTS = """\
[service]
namespace = "shared"
labels = {a = "b", c = "42"}
platform = {kind = "kserve", version = "0.20"}
model = {train = {task = "image-classification", data = "mnist", epochs = 3}, gate = {accuracy = ">= 0.9"}}
replicas = {min = 1, max = 3}
resources.limits = {cpu = 4, memory = "8Gi"}
gateway.host = "models.example.com"
pod = {tolerations = [{key = "gpu", operator = "Exists", tolerationSeconds = 30}], hostNetwork = false}
"""


@pytest.mark.parametrize("text", [SERVICE, ROLLING, TAKES_AWAY], ids=["canary", "rolling", "takes away"])
@pytest.mark.parametrize("environment", [None, "prod"])
@pytest.mark.parametrize("toml", ["", DEFAULTS], ids=["alone", "over defaults"])
def test_both_lanes_read_the_same(text: str, environment: str | None, toml: str, tmp_path: Path) -> None:
    (tmp_path / "serinus.toml").write_text(toml)
    under = defaults.of(tmp_path) if toml else None
    sure = 0
    for changed in bent(text):
        service = quick(changed, environment, under)
        if service is not None:
            sure += 1
            assert service == exact(changed, environment, under), changed
    assert sure > 50


FRACTIONS = {"own-code"}
"""Examples with a number of the user's own that has a fraction, whose text is the exact lane's to read."""


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(ROOT.glob("examples/*/serinus.yaml")) if file.parent.name not in FRACTIONS],
    ids=lambda file: file.parent.name,
)
def test_the_examples_take_the_fast_lane(file) -> None:
    text = file.read_text()
    assert quick(text, None) == exact(text, None)


def test_places_are_those_of_the_exact_lane() -> None:
    environment = "prod" if "\n  prod:" in SERVICE else None
    fast = quick(SERVICE, environment)
    assert fast is not None
    slow = service_file.build(parse(SERVICE, "serinus.yaml"), "serinus.yaml", environment=environment)
    for path in (("name",), ("strategy", "canary", "step"), ("variants", 1, "release"), ("gone",)):
        assert fast.place(*path) == slow.place(*path)


def test_a_lock_file_takes_the_fast_lane() -> None:
    text = locked().to_yaml()
    found = plain.decode(plain.read(text), lock.Lock)
    assert found == Decoder().decode_object(parse(text, "serinus.lock"), lock.Lock, ())
    assert dataclasses.asdict(found)["services"]
