"""Golden files: what was rendered once, read by a person, and held from then on. ``make golden`` rewrites them."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def golden(name: str, text: str) -> None:
    """Compare with a golden file; with SERINUS_GOLDEN=write in the environment, write it instead."""
    path = FOLDER / name
    if os.environ.get("SERINUS_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"no golden file {name}: write it with `make golden` and read the difference"
    assert text == path.read_text(encoding="utf-8")
