"""Go's templates, as far as platforms' settings use them. Expected outputs were printed by Go 1.26's text/template."""

from __future__ import annotations

from typing import Any

import pytest

from generator.outcome.gotemplate import TemplateError, fields, filled

DATA: dict[str, Any] = {"Name": "a", "None": None, "Zero": 0, "Yes": True, "Map": {"k": "v"}, "Inner": {"Name": "b"}}


def lookup(names: tuple[str, ...]) -> Any:
    value: Any = DATA
    for name in names:
        value = value[name]
    return value


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain }}", "plain }}"),
        ("{{ .Name }}-{{.Inner.Name}}", "a-b"),
        ("x {{- /* a remark */ -}} y", "xy"),
        ("x {{- .Name -}} y", "xay"),
        ("{{ or .Zero 8 }}", "8"),
        ("{{ or .None .Zero }}", "0"),
        ("{{ and .Yes .Name }}", "a"),
        ("{{ .Yes }}{{ .None }}", "true<no value>"),
        ("{{ if .Yes }}1{{ else }}2{{ end }}", "1"),
        ("{{ if not .Yes }}1{{ else if .Zero }}2{{ else }}3{{ end }}", "3"),
        ("{{ if and .Yes (eq .Name `a`) }}1{{ if .Zero }}2{{ end }}3{{ end }}4", "134"),
        ('{{ index .Map "k" }}{{ index .Map "none" }}', "v"),
        ("{{ Twice .Name `-x` }}", "aa-x"),
        ("{{ if .Yes }}{{ .Name }}{{else}}{{ .Gone }}{{ end }}", "a"),
    ],
)
def test_a_template_is_filled(template: str, expected: str) -> None:
    assert filled(template, lookup, {"Twice": lambda name, ending: name * 2 + ending}) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{{ .Gone }}",
        "{{ unknown .Name }}",
        "{{ if .Name }}",
        "{{ end }}",
        "{{ .Name | printf }}",
        "{{ range .Map }}{{ end }}",
        "{{ $x := .Name }}",
        "{{ .Name",
        "{{ }}",
        "{{ .Name .Name }}",
        "{{ index .Name 1 2 3 }}",
    ],
)
def test_what_is_not_understood_is_no_guess(template: str) -> None:
    with pytest.raises(TemplateError):
        filled(template, lookup)


def test_the_fields_of_a_template() -> None:
    found = fields("{{ if .A }}{{ or .B.C 1 }}{{ else }}{{ ChildName .D `x` }}{{ end }}")
    assert found == {("A",), ("B", "C"), ("D",)}


@pytest.mark.parametrize(("in_json", "text"), [(False, "ab"), (True, "a\nb")])
def test_within_json_a_line_s_end_isn_t_blank(in_json: bool, text: str) -> None:
    assert filled("a\n  {{- if .A }}x{{ end }}b", lambda _: "", in_json=in_json) == text
