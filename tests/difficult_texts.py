"""Texts made to be difficult: YAML with every odd scalar, changed copies of real manifests, JSON, broken JSON."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).resolve().parents[1] / ".." / "shared" / "corpus"

SCALARS = """yes no y n on off ~ null 1 01 08 0o17 0x1F 0b11 1_000 1e3 1.0 1.5 .5 -.5 +.inf .nan 1:30 2020-01-01
2020-01-01T00:00:00Z = << - a !!binary|aGk= !|yes !!float|3 !foo|bar *x &x|1 [1,2] {a:|1} {a:|b,|?|c} [a:|b] -|x a:|b @x
`x %x "unclosed a|#c a#c {{|x|}} 1e400 1e-400 18446744073709551615 9223372036854775808 -9223372036854775808 0b-1 -0b11 +5
-0 1__0 _1 0_1 0x 1e e3 . .. 1. 1.e2 99999999999999999999 é 😀 !!null|x !!bool|yes ?|a :: a:b "a":b {"a":b} {a:b} [a,b,]
{,} !<tag:yaml.org,2002:str>|5 0x1p-2 0777 0o8 -0o17 1_0.5 1,000 12e03 -2E+05 nULL Null TRUE tRue --- ... # [a?b]""".split()  # noqa: SIM905 (a list of them would fill a page)
ODD = [
    "",
    '"a\\tb"',
    "'it''s'",
    '"\\ud83d\\ude00"',
    '"\\U0001f600"',
    '"\\x41\\/"',
    "|\n    t\n    u",
    ">-\n    t\n    u",
    "\t",
    "\u2028",
    "\x85",
    "\x07",
    "x\ry",
    "1" + "0" * 400,
    "-1" + "0" * 5000,
    "0x" + "f" * 5000,
    "0" * 5000 + "17",
    "{a: 1" + "0" * 5000 + "}",
]
KEYS = """a b c "q" 1 1.5 yes ~ ?|a << *x [a] {a:|b} !!int|3 2020-01-01 1e3 0.1 1e21 " x|y - .inf &k|a""".split()  # noqa: SIM905 (as above)
MARKS = [
    *"\n\t :-#&*!|>'\"{}[],%@`?~0123456789abyn.eE+_=\\\r",
    "\n---\n",
    "\n...\n",
    "\x00",
    "\u2028",
    "<<: ",
    "{{",
    "\r\n",
]


def generated(random: random.Random, depth: int, indent: int) -> str:
    kind = random.random()
    if depth <= 0 or kind < 0.45:
        return " " + random.choice([*(text.replace("|", " ") for text in SCALARS), *ODD]) + "\n"
    inner = [generated(random, depth - 1, indent + 1) for _ in range(random.randint(1, 3))]
    label = (lambda: random.choice(KEYS).replace("|", " ") + ":") if kind < 0.75 else (lambda: "-")
    anchor = random.choice(["", "", " &x", " &y"]) if kind < 0.75 else ""
    return anchor + "\n" + "".join("  " * indent + label() + text for text in inner)


def document(random: random.Random) -> str:
    keys = KEYS[:4] if random.random() < 0.7 else KEYS
    parts = (generated(random, random.randint(0, 3), 1) for _ in range(random.randint(1, 4)))
    return "".join(random.choice(keys).replace("|", " ") + ":" + part for part in parts)


def mutated(random: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(letters) + 1)
        kind = random.random()
        if kind < 0.4:
            letters[at:at] = [random.choice(MARKS)]
        elif kind < 0.8 and at < len(letters):
            letters[at] = random.choice(MARKS)
        else:
            del letters[at : at + random.randint(1, 4)]
    return "".join(letters)


def texts(seed: int, count: int) -> Iterator[str]:
    source = random.Random(seed)
    corpus = [file.read_text() for file in sorted(CORPUS.glob("*/*.yaml"))[::3]] or [
        document(source) for _ in range(50)
    ]
    for number in range(count):
        kind = number % 5
        if kind == 0:
            yield document(source)
        elif kind == 1:
            yield mutated(source, document(source))
        elif kind == 2:
            yield mutated(source, source.choice(corpus))
        elif kind == 3:
            separators = ["---\n", "--- \n", "--- #c\n", "--- x\n", "----\n", "...\n", "... #c\n"]
            yield "".join(source.choice([*separators, document(source), document(source)]) for _ in range(4))
        else:
            data = [d.data for d in read(source.choice(corpus), "f") if isinstance(d, Document)][:1]
            text = json.dumps(data[0] if data else {}, indent=source.choice([None, 1, "\t"]))
            yield mutated(source, text) if source.random() < 0.6 else text * source.randint(1, 3)
