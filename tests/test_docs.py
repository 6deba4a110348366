"""The docs say what the code says, and name only what is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib

import pytest

from generator.checks import pages
from generator.checks.registry import registry
from generator.cli import main
from generator.rendering import reference
from kit import ROOT

PAGES = {"platforms.md": reference.platform_page, "service-file.md": reference.service_page}


@pytest.mark.parametrize("page", PAGES)
def test_a_golden_page_is_what_the_code_prints(page):
    path = ROOT / "docs" / page
    if os.environ.get("SERINUS_GOLDEN") == "write":
        path.write_text(PAGES[page](), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == PAGES[page](), "write it with `make golden`"


RULES = ROOT / "docs" / "rules"
KNOWN = tomllib.loads((RULES / "coverage.toml").read_text(encoding="utf-8"))


def test_golden_pages_of_rules_are_what_the_code_prints():
    printed = pages.pages(KNOWN)
    if os.environ.get("SERINUS_GOLDEN") == "write":
        for path in RULES.glob("*.md"):
            path.unlink()
        for name, text in printed.items():
            (RULES / name).write_text(text, encoding="utf-8")
    written = {path.name: path.read_text(encoding="utf-8") for path in RULES.glob("*.md")}
    differing = sorted(name for name in written.keys() | printed.keys() if written.get(name) != printed.get(name))
    assert differing == [], "write them with `make golden`"


def test_the_list_of_rules_holds_every_rule():
    listed = re.findall(r"^\| \[(\w+)\]", pages.index_page(), re.MULTILINE)
    assert sorted(listed) == [rule.id for rule in registry().rules]


@pytest.mark.parametrize("area", KNOWN)
def test_known_trouble_is_answered_by_rules_that_exist_or_by_a_reason(area):
    for what, answer in KNOWN[area].items():
        unknown = [rule for rule in pages.ids(answer) if rule not in registry().by_id]
        assert not unknown, f"{what}: there is no {', '.join(unknown)}"
        named = re.findall(r"\b[A-Z0-9]{3}\d{3}\b", answer)
        assert pages.ids(answer) or (answer and not named), f"{what}: ids and words are mixed"


def test_the_releases_that_are_proven_are_those_with_an_oracle():
    programs = (ROOT / "tests" / "oracle").glob("kserve-*")
    assert sorted(one.name for one in programs) == [f"kserve-{release}" for release in pages.PROVEN]


def test_a_pipe_or_an_angle_does_not_break_a_table():
    page = pages.coverage_page({"Area": {"a|b <c>": "needs a|b"}})
    assert "| a\\|b &lt;c> | none: needs a\\|b |" in page
    assert "0 of 1 have a rule" in page


@pytest.mark.parametrize(
    "page", ["README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]
)
def test_commands_and_links_of_a_page_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for command in re.findall(r"(?:^|[`$ ])serinus ([a-z]+)\b", text, re.MULTILINE):
        assert command in main.COMMANDS, f"{page} names `serinus {command}`"
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page} links {target}"
    for target in re.findall(r"`?make ([a-z]+)`", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), f"{page} names make {target}"


ENVIRONMENTS = ROOT / "docs" / "environments.md"


def test_the_golden_page_on_environments_shows_what_the_commands_print(tmp_path):
    """Its files are written into a repository, and each command is run there, in the order of the page."""
    page = ENVIRONMENTS.read_text(encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / "templates").mkdir()
    program = tmp_path / ".bin" / "serinus"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m generator "$@"\n')
    program.chmod(0o755)
    for text, path in re.findall(r"^```(?:toml|yaml)\n(# (\S+)\n.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{program.parent}:{os.environ['PATH']}"}

    def ran(block: re.Match[str]) -> str:
        lines = [line for line in block[1].splitlines() if line.startswith("$ ")]
        shown = []
        for line in lines:
            ended = subprocess.run(
                ["sh", "-c", line[2:]], cwd=tmp_path, env=env, text=True, capture_output=True, check=False
            )
            shown.append(f"{line}\n{ended.stdout}{ended.stderr}")
        return f"```console\n{''.join(shown)}```"

    printed = re.sub(r"^```console\n(.*?)^```$", ran, page, flags=re.MULTILINE | re.DOTALL)
    if os.environ.get("SERINUS_GOLDEN") == "write":
        ENVIRONMENTS.write_text(printed, encoding="utf-8")
    assert ENVIRONMENTS.read_text(encoding="utf-8") == printed, "write it with `make golden`"
