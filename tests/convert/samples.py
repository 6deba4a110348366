"""The official samples, and whether each means after ``convert`` and ``render`` what it meant before.

Counted is every document of a kind that is a service (InferenceService, InferenceGraph, SeldonDeployment, Model,
Experiment, Pipeline) that the real API server and webhooks of the newest release accept (``verdicts.json``).
ServingRuntimes, Servers, configurations and caches are what services stand on, LLMInferenceServices are another API:
neither is counted, and convert says that it leaves them alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import TYPE_CHECKING

from generator.convert import Conversion, convert
from generator.convert.meaning import differences
from generator.convert.target import OWN
from generator.errors import InputError
from generator.plan import lock
from generator.reading.documents import Document, read
from generator.rendering.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.convert import Refused
    from generator.reading.documents import Path

CORPUS = File(__file__).resolve().parents[2] / ".." / "shared" / "corpus"
NEWEST = {"kserve": ("0.20.0", "0.20"), "seldon-core-1": ("1.18.2", "1.18"), "seldon-core-2": ("2.10.2", "2.10")}
"""Platform to the release in ``verdicts.json``, and the minor that is rendered for."""


@dataclass(frozen=True)
class Sample:
    """One sample, and what became of it.

    Attributes:
        document: It.
        outcome: What convert made of it.
        told: Why it doesn't mean the same, a line each; empty where it does.
        places: Where it differs.
    """

    document: Document
    outcome: Conversion | Refused
    told: list[str] = field(default_factory=list)
    places: list[Path] = field(default_factory=list)


def documents(platform: str) -> Iterator[Document]:
    """The valid services of a platform."""
    verdicts = json.loads((CORPUS / "verdicts.json").read_text())
    for file in sorted((CORPUS / platform).glob("*.yaml")):
        name = f"{platform}/{file.name}"
        if verdicts.get(name, {}).get(NEWEST[platform][0]) != "valid":
            continue
        for entry in read(file.read_bytes(), name):
            if isinstance(entry, Document) and entry.kind in OWN:
                yield entry


def judged(document: Document, release: str) -> Sample:
    """Convert, render, compare."""
    (outcome,) = convert([document])
    if not isinstance(outcome, Conversion):
        return Sample(document, outcome, [outcome.why])
    try:
        rendering = render(outcome.service, lock.Lock())
    except InputError as error:
        return Sample(document, outcome, [str(error)])
    rendered = [
        entry.data
        for manifest in rendering.manifests
        for entry in read(manifest.text, "rendered")
        if isinstance(entry, Document)
    ]
    found = differences(document.data, rendered, release)
    return Sample(document, outcome, [str(each) for each in found], [each.steps for each in found])
