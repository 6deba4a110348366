"""Every refusal of the user's data, code or settings says what to do about it, beside what is wrong."""

from __future__ import annotations

import ast

import pytest

from kit import ROOT

FILES = sorted((ROOT / "trainer").rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_an_input_error_has_a_cure(file):
    raised = [
        call
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "InputError"
    ]
    without = [call.lineno for call in raised if "fix" not in {keyword.arg for keyword in call.keywords}]
    assert without == []
