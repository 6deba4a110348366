"""The fast way to a place says the same as the syntax tree, or nothing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from difficult_texts import CORPUS, texts
from generator.reading import fast, places, scan, tree
from generator.reading.split import split

if TYPE_CHECKING:
    from collections.abc import Iterator


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from paths(child, (*path, key))


def differences(text: str, source: random.Random) -> Iterator[tuple[str, Any, bool]]:
    """Where scan and tree disagree, for every path of a text and some that lead nowhere."""
    data = fast.load(text)
    scanner = None if data is fast.UNSURE else scan.scanner(text)
    if scanner is None:
        return
    root = tree.parse(text)
    assert root is not None
    finder = places.Finder(root)
    wanted = list(paths(data))
    wanted += [
        (*path, source.choice(["gone", "a.b/c", 7, "name"])) for path in source.sample(wanted, min(6, len(wanted)))
    ]
    for path in wanted:
        for key in (False, True):
            found = scanner.find(path, key=key)
            if found is not None and found != finder.find(path, key=key):
                yield text, path, key


def test_real_manifests() -> None:
    files = sorted(CORPUS.glob("*/*.yaml"))[::4]
    if not files:
        pytest.skip("no corpus beside the project")
    source = random.Random(5)
    chunks = [chunk.text for file in files for chunk in split(file.read_text()) if chunk.text.strip()]
    assert [found for text in chunks for found in differences(text, source)] == []


def test_difficult_texts() -> None:
    source = random.Random(6)
    chunks = (chunk.text for text in texts(seed=41, count=1500) for chunk in split(text.replace("\r\n", "\n")))
    assert [found for text in chunks for found in differences(text, source)] == []


TEXT = """\
# a comment
apiVersion: v1
metadata:
  # another
  name: x   # why
  labels:
spec:
  list:
  - a: 1
    b:
      c: 2

  - b: "two: three"
  -   d: 4
  inline: {x: 1}
  deep:
    - - 1
  args: ["a", "b"]
  flags:
  - --b
  "quoted": 5
-dash: 1
"""


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, (1, 0, 0)),
        (("metadata",), False, (4, 2, 1)),
        (("metadata",), True, (2, 0, 1)),
        (("metadata", "name"), False, (4, 8, 2)),
        (("metadata", "labels"), False, (5, 2, 2)),
        (("metadata", "gone"), False, (2, 0, 1)),
        (("spec", "list", 0, "b", "c"), False, (10, 9, 5)),
        (("spec", "list", 1), False, (12, 4, 3)),
        (("spec", "list", 1, "b"), False, (12, 7, 4)),
        (("spec", "list", 2, "d"), True, (13, 6, 4)),
        (("spec", "inline"), False, (14, 10, 2)),
        (("spec", "flags", 0), False, (19, 4, 3)),
        # The tree has to be asked.
        (("spec", "inline", "x"), False, None),
        (("spec", "deep", 0), False, None),
        (("spec", "args", 1), False, None),
        (("spec", "quoted"), False, None),
        (("spec", "list", 9), False, None),
        (("-dash",), False, None),
    ],
)
def test_steps(path: tuple[str | int, ...], key: bool, place: scan.Place | None) -> None:
    scanner = scan.scanner(TEXT)
    assert scanner is not None
    assert scanner.find(path, key=key) == place


@pytest.mark.parametrize("text", ['a: "x\n  b: c"\n', "a: 'x\n  b: c'\n", "- 'it''s\n  b: c'\n"])
def test_texts_that_could_hide_a_false_key(text: str) -> None:
    assert scan.scanner(text) is None


def test_a_literal_hides_nothing() -> None:
    scanner = scan.scanner("a: |\n  b: c\nd: |-\n  a: x\n  e: f\ne: 1\n")
    assert scanner is not None
    assert [scanner.find((name,), key=True) for name in "abde"] == [(0, 0, 1), (0, 0, 0), (2, 0, 1), (5, 0, 1)]
