"""What is rendered for KServe goes through KServe's own webhooks of the release, and comes out with every field as it was."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import oracles
from generator.schemas import available
from goldens import FOLDER
from kit import changed

pytestmark = pytest.mark.oracle

SHARED = Path(__file__).resolve().parents[3] / "shared"
RELEASES = {
    "0.15": "0.15",
    "0.16": "0.16",
    "0.17": "0.19",  # the oracles are of four releases; what lies between is asked of the next one
    "0.18": "0.19",
    "0.19": "0.19",
    "0.20": "0.20",
    "0.21": "0.20",  # its module can't be had; none of its rules on what is rendered here changed
}
FILES = sorted(
    file
    for file in (*(FOLDER / "kserve").glob("*.yaml"), *(FOLDER / "examples").glob("*.yaml"))
    if "kserve@" in file.read_text(encoding="utf-8")
)
KINDS = {"InferenceService": "v1beta1", "InferenceGraph": "v1alpha1", "ServingRuntime": "v1alpha1"}
FIRST_WITH_ALL_KINDS = "0.19"


def release_of(text: str) -> str:
    """The release that the comment names."""
    return text.partition("kserve@")[2].split()[0]


def asked(kind: str, release: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a release says of documents of one kind."""
    if kind != "InferenceService" and float(release) < float(FIRST_WITH_ALL_KINDS):
        release = FIRST_WITH_ALL_KINDS
    full = next(version for version in available()["kserve"] if str(version).startswith(f"{release}."))
    crd = SHARED / "crds" / "kserve" / str(full) / f"{kind.lower()}s.serving.kserve.io.json"
    if not crd.is_file():
        pytest.skip("no CRDs beside the project")
    program = oracles.build(f"kserve-{release}")
    lines = (
        json.dumps({"id": str(number), "document": json.dumps(data), "show": True})
        for number, data in enumerate(documents)
    )
    done = subprocess.run([program, crd], input="\n".join(lines), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("release", sorted(RELEASES))
@pytest.mark.parametrize("kind", KINDS)
def test_every_golden_object_is_taken_and_comes_back_as_it_was(release, kind):
    found = []
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        if release_of(text) == release:
            found += [(file.name, each) for each in yaml.safe_load_all(text) if each["kind"] == kind]
    if not found:
        pytest.skip(f"no golden file has one of {release}")
    answers = asked(kind, RELEASES[release], [document for _, document in found])
    for (name, document), answer in zip(found, answers, strict=True):
        assert (answer["bare"], answer["webhooks"]) == ("", ""), name
        assert list(changed(document, answer["stored"])) == [], name
