"""Which layouts a release needs, and which of its formats lies in each."""

from __future__ import annotations

import pytest

from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.platforms import layouts_of

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve, version: "0.20", mode: standard}
store: {url: s3://models}
model: {%s}
variants:
  - {name: a, release: latest}
  - {name: b, release: latest%s}
strategy: {ab: {split: {a: 50, b: 50}}}
gateway: {name: models, namespace: gateways, host: digits.example.com}
"""


def layouts(model: str, variant: str = "") -> dict[str, str]:
    return layouts_of(build(parse(SERVICE % (model, variant), "serinus.yaml"), "serinus.yaml"))


@pytest.mark.parametrize(
    ("model", "variant", "expected"),
    [
        ("format: savedmodel", "", {"tensorflow-serving": "savedmodel"}),
        ("format: onnx, runtimes: [mlserver]", "", {"triton": "onnx", "mlserver": "onnx"}),
        ("format: savedmodel, formats: [onnx]", "", {"tensorflow-serving": "savedmodel", "triton": "onnx"}),
        (
            "format: savedmodel, formats: [savedmodel, onnx, pmml, keras]",
            "",
            {"tensorflow-serving": "savedmodel", "triton": "onnx", "plain": "pmml", "keras": "keras"},
        ),
        # A server of several formats has the one that lies nowhere yet.
        (
            "format: savedmodel, formats: [onnx], runtimes: [triton]",
            "",
            {"tensorflow-serving": "savedmodel", "triton": "onnx"},
        ),
        ("format: savedmodel, runtimes: [triton]", "", {"tensorflow-serving": "savedmodel", "triton": "savedmodel"}),
        # What a variant asks for is there, whatever else the servers that are named could run.
        (
            "format: savedmodel, formats: [onnx], runtimes: [mlserver, triton]",
            ", format: onnx",
            {"tensorflow-serving": "savedmodel", "triton": "onnx", "mlserver": "onnx"},
        ),
        (
            "format: savedmodel, formats: [onnx]",
            ", format: onnx, runtime: custom, container: {image: x}",
            {"tensorflow-serving": "savedmodel", "plain": "onnx"},
        ),
        # Another service's release has its own.
        (
            "format: savedmodel, formats: [onnx], runtimes: [mlserver]",
            ", format: onnx, service: other",
            {"tensorflow-serving": "savedmodel", "mlserver": "onnx"},
        ),
    ],
)
def test_each_format_lies_where_its_servers_look(model: str, variant: str, expected: dict[str, str]) -> None:
    assert layouts(model, variant) == expected


@pytest.mark.parametrize(
    ("model", "variant", "says", "path"),
    [
        (
            "format: savedmodel, runtime: triton, formats: [onnx]",
            "",
            "can't hold both savedmodel and onnx",
            "formats[0]",
        ),
        ("format: pmml, formats: [pmml, onnx]", ", format: onnx, runtime: custom", "both pmml and onnx", "formats[1]"),
        ("format: savedmodel, formats: [nothing]", "", "no platform runs the format 'nothing'", "formats[0]"),
        (
            "format: savedmodel, formats: [pmml], runtimes: [mlserver]",
            "",
            "savedmodel or pmml with 'mlserver'",
            "runtimes",
        ),
    ],
)
def test_what_cannot_lie_in_one_release_is_said_at_its_place(model: str, variant: str, says: str, path: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        layouts(model, variant)
    assert raised.value.place
    assert raised.value.place.path == f"model.{path}"
