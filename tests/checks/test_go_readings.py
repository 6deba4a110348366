"""What Go reads and what it doesn't: URLs and templates, tried beside Go's own packages (Go 1.25)."""

from __future__ import annotations

import pytest

from generator.checks.rules.kserve import go_template, go_url
from generator.schemas import Version

V0_17, V0_20 = Version(0, 17), Version(0, 20)


@pytest.mark.parametrize(
    "text",
    [
        *("hf://meta-llama/Llama-3.1-8B", "pvc://claim/a b", "s3://bucket/100%25", "llama", "llama:7b", "", "*"),
        *("oci://registry:5000/model@sha256:0", "http://user:pass@host:80/x?y=%zz", "http://[::1]:80/", "///a:b"),
        *("http://host:/", "mailto:%zz", "http://ho%C3%A9st/", "s3://été/x"),
    ],
)
def test_a_url_for_go(text: str) -> None:
    assert go_url.problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hf://meta llama/x", "its host has a character that has no place there"),
        ("s3://bucket/100%", "'%' is no percent-escape"),
        ("s3://bucket/%zz/x", "'%zz' is no percent-escape"),
        ("http://ho%20st/", "its host has a character that has no place there"),
        ("http://host:port/", "':port' is no port"),
        ("http://[::1/", "its host lacks a closing bracket"),
        ("http://[::1]x]/", "its host is no address of IPv6"),
        ("http://host[/", "its host lacks a closing bracket"),
        ("http://us er@host/", "its user has a character that has no place there"),
        ("1llama:7b", "what stands before the first colon is no scheme"),
        (":7b", "it begins with a colon"),
        ("a\nb", "it has a control character"),
        ("a#%", "'%' is no percent-escape"),
    ],
)
def test_no_url_for_go(text: str, problem: str) -> None:
    assert go_url.problem(text) == problem


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Spec.Model.Name }}",
        "{{- if .GlobalConfig.EnableTLS -}} https {{- else -}} http {{- end }}",
        '{{ ChildName .ObjectMeta.Name `-epp "x"` }}',
        "{{ or .Spec.Parallelism.DataLocal 1 }}",
        "{{ with .Spec.Prefill }}{{ .Parallelism }}{{ end }}",
        "{{ $name := .Name }}{{ $name | printf `%s-x` }}",
        '{{/* "a comment" */}} }}',
        "{{ kvTransferConfig (index .Spec.Template.Containers 0).Nothing }}",
    ],
)
def test_a_template_that_shows_nothing_wrong(text: str) -> None:
    assert go_template.problem(text, V0_20) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ .Name", "an action is never closed by }}"),
        ("{{ }}", "an action is empty"),
        ("{{ if .Name }}", "an if, range or with has no end"),
        ("{{ else }}", "there is an else outside of if, range and with"),
        ("{{ nil }}", "nil is no value"),
        ("{{ end }}", "there is an end too many"),
        ("{{ toYaml .Spec }}", "there is no function toYaml in this release"),
        (
            '{{ ChildName .Name "-x" }}',
            'inside an action " is escaped before the template is read; write `text` in backquotes',
        ),
        ("{{ .Values.name }}", "a service has no .Values"),
        ("{{ .Spec.Modell }}", "there is no .Spec.Modell in this release"),
        ("{{ .GlobalConfig.Nothing }}", "there is no .GlobalConfig.Nothing in this release"),
        ("{{ .Name ! }}", "the template can't be read from '!' on"),
    ],
)
def test_a_template_that_is_refused(text: str, problem: str) -> None:
    assert go_template.problem(text, V0_20) == problem


def test_an_older_release_knows_fewer_functions_and_settings() -> None:
    assert (
        go_template.problem("{{ shutdownTimeout nil 15 }}", V0_17)
        == "there is no function shutdownTimeout in this release"
    )
    assert (
        go_template.problem("{{ .GlobalConfig.EnableTLS }}", V0_17)
        == "there is no .GlobalConfig.EnableTLS in this release"
    )
