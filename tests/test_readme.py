"""The README's commands run as they stand, from nothing, and print what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kit import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

README = (ROOT / "README.md").read_text(encoding="utf-8")
VARYING = (
    (re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b"), "DIGEST"),
    (re.compile(r"\b\d+\.\d s\b"), "SECONDS"),
    (re.compile(r"\b\d\.\d{2,4}\b"), "METRIC"),
)
"""What another machine or another day prints otherwise: digests, seconds, and metrics to the last digit."""


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## )", README, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def first_yaml(text: str) -> str:
    found = re.search(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def shown(text: str) -> Iterator[tuple[str, str]]:
    """Each command of the page with what it shows below it."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def same(text: str) -> str:
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


def pattern_of(output: str) -> re.Pattern[str]:
    """A shown output; ``…`` alone on a line stands for some lines, inside a line for some text."""
    lines = []
    for line in same(output).splitlines():
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(map(re.escape, line.split("…"))) + r"\n")
    return re.compile("".join(lines))


@pytest.fixture
def shell(tmp_path: Path):
    """Run one line in an empty folder; both streams as a terminal shows them."""
    program = tmp_path / "bin" / "serinus"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m generator "$@"\n')
    program.chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{program.parent}:{os.environ['PATH']}"}

    def run(line: str) -> str:
        return subprocess.run(
            ["bash", "-c", line], cwd=here, env=environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ).stdout  # fmt: skip

    run.here = here  # type: ignore[attr-defined]
    return run


def test_a_shown_output_matches_what_it_leaves_out_and_nothing_else() -> None:
    pattern = pattern_of("a\n…\nb 0123456789abcdef … c\n")
    assert pattern.fullmatch(same("a\nx\ny\nb fedcba9876543210 z c\n"))
    assert pattern.fullmatch(same("a\nb fedcba9876543210  c\n"))
    assert not pattern.fullmatch(same("a\nb fedcba9876543210 z d\n"))
    assert not pattern.fullmatch(same("b fedcba9876543210 z c\n"))


def test_the_pain_is_told_as_the_readme_shows(shell) -> None:
    text = section("The pain")
    (shell.here / "digits.yaml").write_text(first_yaml(text))
    commands = list(shown(text))
    assert commands
    for command, output in commands:
        assert pattern_of(output).fullmatch(same(printed := shell(command))), f"$ {command}\n{printed}"


@pytest.mark.tensorflow
def test_the_five_minutes_run_from_nothing_and_print_what_the_readme_shows(shell) -> None:
    text = section("Five minutes")
    (shell.here / "serinus.yaml").write_text(first_yaml(text))
    commands = list(shown(text))
    assert len(commands) > 6
    for command, output in commands:
        assert pattern_of(output).fullmatch(same(printed := shell(command))), f"$ {command}\n{printed}"
