"""The docs say what the code says, and name only what is there."""

from __future__ import annotations

import os
import re

import pytest

from generator import reference
from generator.cli import main
from kit import ROOT

PAGES = {"platforms.md": reference.platform_page, "service-file.md": reference.service_page}


@pytest.mark.parametrize("page", PAGES)
def test_a_golden_page_is_what_the_code_prints(page):
    path = ROOT / "docs" / page
    if os.environ.get("SERINUS_GOLDEN") == "write":
        path.write_text(PAGES[page](), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == PAGES[page](), "write it with `make golden`"


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_commands_and_links_of_a_page_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for command in re.findall(r"(?:^|[`$ ])serinus ([a-z]+)\b", text, re.MULTILINE):
        assert command in main.COMMANDS, f"{page} names `serinus {command}`"
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page} links {target}"
    for target in re.findall(r"`?make ([a-z]+)`", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), f"{page} names make {target}"
