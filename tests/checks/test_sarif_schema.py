"""SARIF against the standard's own schema, which ships inside a Go module of a published release."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator.checks.api import check
from generator.checks.outputs import outputs
from generator.checks.registry import registry

MODULE = "github.com/owenrumney/go-sarif/v3@v3.3.1"
"""Holds the schema of OASIS (errata 01) as the text of a Go constant."""

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    go = shutil.which("go")
    if go is None:
        pytest.skip("needs the Go toolchain")
    ended = subprocess.run([go, "mod", "download", "-json", MODULE], capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip(f"{MODULE} can't be had: {ended.stdout.strip() or ended.stderr.strip()}")
    source = Path(json.loads(ended.stdout)["Dir"]) / "pkg/report/v210/sarif/schema.go"
    found: dict[str, Any] = json.loads(source.read_text(encoding="utf-8").split("`")[1])
    assert found["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    return found


def test_the_schema_refuses_what_is_no_sarif(schema: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]}, schema)


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("text", ["", *(rule.bad for rule in registry().rules)], ids=["nothing", *registry().by_id])
def test_a_report_is_sarif(schema: dict[str, Any], text: str) -> None:
    log = json.loads(outputs()["sarif"].render(check(text, file="a folder/ä.yaml")))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(log)] == []
