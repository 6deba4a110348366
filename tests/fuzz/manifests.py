"""A coverage-guided fuzzer of reading and judging; run by hand, it is no test.

    pip install atheris
    python tests/fuzz/manifests.py SEEDS -max_len=6000 -max_total_time=3600

Without a folder of seeds it writes the examples of all rules, and the real manifests beside the project, to
``build/fuzz`` and starts from there. What must hold: nothing is raised, each finding lies in the text, and both lanes
of reading say the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["generator"]):
    from generator.checks.api import Options, check
    from generator.checks.registry import registry
    from generator.reading import exact, fast, tree
    from generator.reading.errors import UnreadableError
    from generator.reading.split import split

LOOSE = Options(complete=True)
BARE = Options(webhooks=False, strict=True)


def one_input(data: bytes) -> None:
    """Judge a text twice, by different options."""
    lines = data.count(b"\n") + data.count(b"\r") + 2
    for options in (LOOSE, BARE):
        for found in check(data, options=options).findings:
            if not (1 <= found.line <= lines and found.column >= 1):
                msg = f"{found.rule} at {found.line}:{found.column} of {lines} lines"
                raise AssertionError(msg)
    text = data.decode(errors="replace")
    for chunk in split(text.replace("\r\n", "\n")):
        quick = fast.load(chunk.text)
        if quick is not fast.UNSURE:
            try:
                slow = exact.decode(tree.parse(chunk.text))
            except UnreadableError as error:
                slow = (error, ())
            if repr((quick, ())) != repr(slow):
                msg = f"the lanes differ: {quick!r} {slow!r}"
                raise AssertionError(msg)


def seeds() -> Path:
    """A folder with something of everything."""
    folder = ROOT / "build" / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    for rule in registry().rules:
        (folder / f"{rule.id}-bad").write_text(rule.bad)
        (folder / f"{rule.id}-good").write_text(rule.good)
    for file in (ROOT.parent / "shared" / "corpus").glob("*/*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


if __name__ == "__main__":
    arguments = sys.argv if any(not each.startswith("-") for each in sys.argv[1:]) else [*sys.argv, str(seeds())]
    atheris.Setup(arguments, one_input)
    atheris.Fuzz()
