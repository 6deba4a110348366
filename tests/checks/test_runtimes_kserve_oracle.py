"""The table of shipped runtimes held against config/runtimes of each release's published module: ``pytest -m oracle``."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import oracles
from generator.checks.rules.kserve.runtimes_shipped import shipped
from generator.schemas.versions import parse_version

pytestmark = pytest.mark.oracle

RELEASES = sorted(folder.name for folder in oracles.FOLDER.glob("kserve-*"))


def installed(folder: str) -> dict[str, dict[str, Any]]:
    """The specs of the runtimes that a release's kustomization installs, by name."""
    go = shutil.which("go")
    if not go:
        pytest.skip("Go is not installed")
    command = [go, "list", "-m", "-f", "{{.Dir}}", "github.com/kserve/kserve"]
    asked = subprocess.run(command, cwd=oracles.FOLDER / folder, capture_output=True, text=True, check=False)
    place = Path(asked.stdout.strip()) / "config" / "runtimes"
    if asked.returncode or not place.is_dir():
        pytest.skip(f"the module of {folder} can't be had: {asked.stderr[-200:]}")
    names = yaml.safe_load((place / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    found = [yaml.safe_load((place / name).read_text(encoding="utf-8")) for name in names]
    return {one["metadata"]["name"]: one["spec"] for one in found}


@pytest.mark.parametrize("folder", RELEASES)
def test_the_table_says_what_the_release_installs(folder: str) -> None:
    ours = shipped(parse_version(folder.removeprefix("kserve-")))
    theirs = installed(folder)
    assert set(ours) == set(theirs)
    for name, spec in theirs.items():
        formats = [(one["name"], one["version"]) for one in spec["supportedModelFormats"]]
        automatic = {one["name"] for one in spec["supportedModelFormats"] if one.get("autoSelect")}
        assert set(ours[name].formats) == set(formats), name
        assert ours[name].automatic == automatic, name
        assert set(ours[name].protocols) == set(spec.get("protocolVersions") or ()), name
        assert ours[name].workers == ("workerSpec" in spec), name
