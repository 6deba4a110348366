"""What the proofs counted last, and the section of ``docs/outcome.md`` that says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import reasons
import variants

FILE = Path(__file__).with_name("proven.json")
TITLES = {"kserve": "KServe", "seldon-core-1": "Seldon Core 1"}
MODES = {
    "standard": "Standard, with Ingress",
    "gateway": "Standard, with Gateway API",
    "knative": "Knative",
    "llm": "LLMInferenceService",
    "istio": "Istio on",
    "none": "Istio off",
}
RAN = {"seldon-core-1": "1.16.0 (CRD of 1.18.2)"}
"""Which release ran, where it isn't the one that documents were computed for."""

HEADING = "## How it is proven\n"
HEAD = f"""\
{HEADING}
Computed children are held, field by field, against what the real controllers make of the same documents on loopback
([the lab](../tests/lab/README.md)): every example, and every document of a corpus of public manifests that a controller
reconciles. Both sides get the API server's defaults first. A difference without a reason fails the test; these are its last
numbers.

| product | release | mode | documents | refused | unknown | stopped | children | fields | differences with a reason |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""
FOOT = """
- **refused**: by the API server or a webhook; nothing becomes of them.
- **unknown**: Serinus says itself that it can't know the whole of it (a runtime that isn't given, ModelMesh, another
  component's settings), or the controller never comes to rest.
- **stopped**: a child is computed that the API server refuses, and indeed the controller's was refused; what would have
  come after it isn't made.
- **fields**: values compared, of all children.

What can't be shown: KServe 0.18 and 0.21 and Seldon Core 2, whose controllers can't be had as modules; they are
computed by their sources ([0.21's](#kserve-021-by-its-sources)). In mode Knative a stand-in says that each Knative
Service is ready; what Knative makes of these isn't looked at. Pods become Ready without running. What Kubernetes' own controllers make (ReplicaSets, Pods,
EndpointSlices) isn't computed.

### Differences that have a reason

| product | where | why |
| --- | --- | --- |
"""


def read() -> dict[str, dict[str, Any]]:
    """The numbers, by variant."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return found


def write(name: str, numbers: dict[str, Any]) -> None:
    """Keep the numbers of a variant."""
    known = {**read(), name: numbers}
    ordered = {each: known[each] for each in variants.VARIANTS if each in known}
    FILE.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def section() -> str:
    """The section, the last of its page."""
    rows = []
    for name, numbers in read().items():
        one = variants.VARIANTS[name]
        release = RAN.get(one.product) or variants.exact_release(one)
        counts = (numbers[key] for key in ("documents", "refused", "unknown", "stopped", "children", "fields"))
        cells = [TITLES[one.product], release, MODES[one.mode], *(f"{count:,}" for count in counts)]
        rows.append(f"| {' | '.join(cells)} | {sum(numbers['explained'].values()):,} |\n")
    listed = "".join(
        f"| {' '.join((TITLES[one.product], *one.releases, *one.modes))} | {one.place} | {one.words} |\n"
        for one in reasons.REASONS
    )
    return HEAD + "".join(rows) + FOOT + listed
