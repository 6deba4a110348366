"""docs/architecture.md names the rooms that there are, in the order of the layers, and the hall stays a hall."""

from __future__ import annotations

import re
import tomllib

import pytest

from kit import ROOT

PAGE = ROOT / "docs" / "architecture.md"
ROOMS = re.findall(r"^\| `((?:generator|trainer)[a-z_0-9/]*)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def packages() -> set[str]:
    """Every folder with code in it."""
    files = [file for top in ("generator", "trainer") for file in (ROOT / top).rglob("*.py")]
    return {file.parent.relative_to(ROOT).as_posix() for file in files} - {"generator"}


def test_it_names_every_room_once_and_no_other() -> None:
    assert sorted(ROOMS) == sorted(packages())


def test_the_rooms_stand_in_the_order_in_which_they_import_one_another() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [each["layers"] for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    height = {
        name.strip().replace(".", "/"): number
        for number, line in enumerate(reversed(layers))
        for name in line.split("|")
    }
    shown = [room for room in ROOMS if room in height]
    assert sorted(shown) == sorted(set(height) - {"generator/errors"})
    assert [height[room] for room in shown] == sorted(height[room] for room in shown)


def test_the_hall_has_few_doors_and_next_to_no_furniture() -> None:
    hall = ROOT / "generator"
    assert len({file.parent for file in hall.glob("*/*.py")}) <= 18
    assert sorted(file.name for file in hall.glob("*.py")) == ["__init__.py", "__main__.py", "errors.py"]


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:[a-z_0-9]+/)+(?:[a-z_0-9]+\.py)?)`", PAGE.read_text(encoding="utf-8"))))
)
def test_a_path_that_it_sends_a_reader_to_exists(path: str) -> None:
    tops = (ROOT, ROOT / "generator", *(ROOT / "generator").iterdir())
    assert any((top / path).exists() for top in tops), path
