"""Reading compared with kubectl's own Go packages, on texts made to be difficult (tests/oracle/yaml)."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORACLE = Path(__file__).parent / "oracle" / "yaml"
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
TEXTS = int(os.environ.get("SERINUS_FUZZ", "1500"))

SCALARS = """yes no y n on off ~ null 1 01 08 0o17 0x1F 0b11 1_000 1e3 1.0 1.5 .5 -.5 +.inf .nan 1:30 2020-01-01
2020-01-01T00:00:00Z = << - a !!binary|aGk= !|yes !!float|3 !foo|bar *x &x|1 [1,2] {a:|1} {a:|b,|?|c} [a:|b] -|x a:|b @x
`x %x "unclosed a|#c a#c {{|x|}} 1e400 1e-400 18446744073709551615 9223372036854775808 -9223372036854775808 0b-1 -0b11 +5
-0 1__0 _1 0_1 0x 1e e3 . .. 1. 1.e2 99999999999999999999 é 😀 !!null|x !!bool|yes ?|a :: a:b "a":b {"a":b} {a:b} [a,b,]
{,} !<tag:yaml.org,2002:str>|5 0x1p-2 0777 0o8 -0o17 1_0.5 1,000 12e03 -2E+05 nULL Null TRUE tRue --- ... # [a?b]""".split()  # noqa: SIM905 (a list of them would fill a page)
ODD = [
    "",
    '"a\\tb"',
    "'it''s'",
    '"\\x41\\/"',
    "|\n    t\n    u",
    ">-\n    t\n    u",
    "\t",
    "\u2028",
    "\x85",
    "\x07",
    "x\ry",
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
            separators = ["---\n", "--- \n", "--- #c\n", "--- x\n", "----\n"]
            yield "".join(source.choice([*separators, document(source), document(source)]) for _ in range(4))
        else:
            data = [d.data for d in read(source.choice(corpus), "f") if isinstance(d, Document)][:1]
            text = json.dumps(data[0] if data else {}, indent=source.choice([None, 1, "\t"]))
            yield mutated(source, text) if source.random() < 0.6 else text * source.randint(1, 3)


@pytest.fixture(scope="module")
def oracle() -> Iterator[Callable[[str], Any]]:
    """A function that asks kubectl's packages; its program is built once into the machine's cache."""
    go = shutil.which("go")
    if not go:
        pytest.skip("Go is not installed")
    program = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "serinus", "oracle-yaml")
    program.parent.mkdir(parents=True, exist_ok=True)
    built = subprocess.run([go, "build", "-o", program, "."], cwd=ORACLE, capture_output=True, text=True, check=False)
    if built.returncode:
        pytest.skip(f"the oracle does not build here: {built.stderr[-200:]}")
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def ask(text: str) -> Any:
            stdin.write(json.dumps(text) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield ask


def marked(value: Any) -> Any:
    """Floats told from integers, as the oracle does."""
    if isinstance(value, dict):
        if set(value) == {"$float"}:
            return {"$float": float(value["$float"])}
        return {key: marked(child) for key, child in value.items()}
    if isinstance(value, list):
        return [marked(child) for child in value]
    return {"$float": value} if isinstance(value, float) else value


def agree(theirs: list[dict[str, Any]], ours: list[Any]) -> bool:
    """kubectl stops at the first document that it can't read; we go on, so only what is before counts."""
    for index, answer in enumerate(theirs):
        if "separator" in answer.get("error", ""):
            # kubectl loses the document above a bad separator, too; we judge it.
            return any(not isinstance(one, Document) for one in ours)
        if index >= len(ours):
            return False
        object_wanted = isinstance(answer.get("value"), dict) and set(answer["value"]) != {"$float"}
        if not object_wanted:
            return not isinstance(ours[index], Document)
        if not isinstance(ours[index], Document) or marked(ours[index].data) != marked(answer["value"]):
            return False
    return len(theirs) == len(ours)


def known_difference(text: str) -> bool:
    """go-yaml v2 takes ``!a[b`` and ``{a:}``; libyaml 0.2.5, as YAML 1.1 says, doesn't. Nobody writes either."""
    tagged = any("!" in word and set(word[word.index("!") :]) & set("[]{},") for word in text.split())
    return tagged or ":}" in text or ":]" in text


def test_we_read_what_kubectl_reads(oracle: Callable[[str], Any]) -> None:
    wrong = [
        text
        for text in texts(seed=20, count=TEXTS)
        if not known_difference(text) and not agree(oracle(text), read(text, "f"))
    ]
    assert wrong == []


def test_the_corpus_reads_as_kubectl_reads_it(oracle: Callable[[str], Any]) -> None:
    files = sorted(CORPUS.glob("*/*.yaml"))
    if not files:
        pytest.skip("no corpus beside the project")
    assert [file.name for file in files if not agree(oracle(file.read_text()), read(file.read_bytes(), "f"))] == []
