"""A release is held against the libraries of the server that is rendered for it; what can't be relied on is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.loading.load import load
from generator.plan.lock import FILE, Lock, Pin, read, write
from generator.rendering.render import render

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: iris
namespace: models
platform: {platform}
store: {{url: s3://models}}
model: {{format: {format}{more}}}
variants: [{{name: stable, release: latest}}]
"""
DIGEST = "0123456789abcdef"
PIN = Pin(
    requested="latest",
    version=3,
    digest=f"sha256:{DIGEST * 4}",
    path=f"iris/3/{DIGEST}",
    format="sklearn",
    layouts=("plain", "mlserver"),
)


def notes(folder: Path, platform: str, model_format: str, more: str = "", **written_by: str) -> list[str]:
    (folder / "serinus.yaml").write_text(SERVICE.format(platform=platform, format=model_format, more=more))
    libraries = {name.replace("_", "-"): version for name, version in written_by.items()}
    locked = Lock(services={"iris": {"stable": replace(PIN, format=model_format, written_by=libraries)}})
    found = render(load(folder / "serinus.yaml"), locked)
    return [note for note in found.notes if "was written by" in note]


KSERVE = '{kind: kserve, version: "0.20", mode: standard}'
ML = ", runtime: mlserver"


@pytest.mark.parametrize(
    ("platform", "model_format", "more", "written_by", "has"),
    [
        (KSERVE, "sklearn", "", {"scikit_learn": "1.9.1"}, "kserve-sklearnserver has 1.5.2"),
        (KSERVE, "sklearn", "", {"scikit_learn": "1.5.1"}, None),
        (KSERVE, "sklearn", "", {"scikit_learn": "1.4.2"}, "has 1.5.2"),
        (KSERVE, "sklearn", "", {}, None),
        (KSERVE, "xgboost", "", {"xgboost": "3.2.0"}, "kserve-xgbserver has 2.1.4"),
        (KSERVE, "xgboost", "", {"xgboost": "1.7.6"}, None),
        (KSERVE, "xgboost", ML, {"xgboost": "3.2.0"}, "kserve-mlserver has 2.1.2"),
        (KSERVE, "lightgbm", "", {"lightgbm": "4.0"}, None),
        (KSERVE, "huggingface", "", {"transformers": "5.14.0"}, "has 5.13.0"),
        (KSERVE.replace("0.20", "0.19"), "huggingface", "", {"transformers": "5.1.0"}, "has 4.57.1"),
        (
            KSERVE,
            "mlflow",
            "",
            {"mlflow": "3.17.2", "scikit_learn": "1.5.2"},
            "mlflow 3.17.2, and kserve-mlserver has 2.19",
        ),
        (KSERVE.replace("0.20", "0.17"), "mlflow", "", {"mlflow": "2.15.0"}, "has 2.10.2"),
        (KSERVE, "mlflow", "", {"mlflow": "2.15.0"}, None),
        (KSERVE, "sklearn", ', runtimeVersion: "v0.15.2"', {"scikit_learn": "1.9.1"}, "has 1.5.2"),
        ("{kind: kubernetes}", "sklearn", "", {"scikit_learn": "1.9.1"}, "has 1.5.2"),
        (
            "{kind: seldon-core-1}",
            "sklearn",
            ", runtime: seldon",
            {"scikit_learn": "1.5.2"},
            "SKLEARN_SERVER has 0.24.2",
        ),
    ],
    ids=str,
)
def test_a_server_of_another_age_is_told(tmp_path: Path, platform, model_format, more, written_by, has) -> None:
    found = notes(tmp_path, platform, model_format, more, **written_by)
    if has is None:
        assert found == []
    else:
        assert len(found) == 1
        assert has in found[0]
        assert f"release 3 of iris was written by {next(iter(written_by)).replace('_', '-')}" in found[0]


def test_what_wrote_a_release_lies_in_the_lock_file(tmp_path: Path) -> None:
    pin = replace(PIN, written_by={"scikit-learn": "1.9.1"})
    write(tmp_path / FILE, Lock(services={"iris": {"stable": pin}}))
    assert "writtenBy:\n        scikit-learn: 1.9.1\n" in (tmp_path / FILE).read_text().replace('"', "")
    assert read(tmp_path / FILE).services["iris"]["stable"] == pin


def test_a_lock_file_that_does_not_say_it_stays_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / FILE, Lock(services={"iris": {"stable": PIN}}))
    assert "writtenBy" not in (tmp_path / FILE).read_text()
    assert read(tmp_path / FILE).services["iris"]["stable"].written_by == {}
