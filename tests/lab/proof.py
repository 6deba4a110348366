"""Children computed = children made: field by field, over what controllers made of documents (``recordings``).

Each document goes the way that ``serinus expand`` sends it: read, changed as the platform's webhook changes it, then
computed for the release, with the documents of its case and the platform's settings of that lab beside it.

``python -m proof FOLDER VARIANT…`` holds recordings that were written before against what is computed now, which takes
seconds: an API server without controllers gives both sides their defaults. ``SERINUS_GOLDEN=write`` keeps the numbers.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import laboratory
import proven
import reasons
import variants
from compared import SCRATCH, Difference, Key, compare
from objects import owners

from generator import outcome
from generator.checks.children import outcome_of
from generator.checks.subject import Index, kind_of
from generator.outcome import Origin, Part
from generator.outcome.given import Remembering
from generator.reading.documents import Document, read
from generator.reading.kind import Kind
from generator.schemas import resolve
from generator.schemas.kinds import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from laboratory import Lab
    from variants import Variant

    from generator.outcome import Child, Outcome


UNTOUCHED = {"control-plane": "lab"}
"""KServe's pod webhook leaves such namespaces alone; what is computed has been through it."""
NEVER = Difference(Key("any", "any"), (), "at rest", "changed again and again")
DEPLOYMENT = Kind("apps", "Deployment")
UNKNOWN_KIND = "nothing is computed of this kind"


@dataclass
class Proof:
    """What was compared.

    Attributes:
        documents: How many documents were compared.
        refused: How many others the cluster refused.
        unknown: How many others are said to be unknown, wholly or in part, by why.
        stopped: Of the documents, those with a child that is computed and that the API server refused.
        children: How many objects the controllers made of those that were compared.
        fields: How many values were held against one another.
        explained: Differences that have a reason, by it.
        faults: Those that have none: which case, and what.
    """

    documents: int = 0
    refused: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    stopped: int = 0
    children: int = 0
    fields: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, Difference]] = field(default_factory=list)


def prove(lab: Lab, variant: Variant, recordings: Iterable[tuple[str, Mapping[str, Any]]]) -> Proof:
    """Hold what is computed against what was made.

    Args:
        lab: Its API server gives computed objects their defaults.
        variant: Which controllers made them.
        recordings: What was made, by the names of cases.
    """
    lab.objects.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SCRATCH, "labels": UNTOUCHED}})
    settings = tuple(documents(variant.settings()))
    found = Proof()
    for name, recording in recordings:
        if recording["stored"] is None:
            found.refused += 1
            continue
        if reasons.endless(variant, recording["document"]):
            found.unknown[reasons.ENDLESS] += 1
            continue
        known = computed(recording, settings, variant)
        if known is None:
            found.unknown[UNKNOWN_KIND] += 1
            continue
        become, pods = known
        if not all(child.whole or child.kind == SECRET for child in become.children) or (
            become.gaps and not become.children
        ):
            found.unknown[become.gaps[0].words if become.gaps else "a part isn't known"] += 1
            continue
        if recording["restless"]:
            found.faults.append((name, NEVER))
        there = _with_pods(made(recording, become), any_pods=bool(pods))
        result = compare(lab, _with_secrets(offered(become, pods), there), there)
        found.documents += 1
        found.stopped += bool(result.refused)
        found.children += result.children
        found.fields += result.fields
        for difference in result.differences:
            if reason := reasons.reason(variant, recording["document"], difference):
                found.explained[reason] += 1
            else:
                found.faults.append((name, difference))
    return found


def made(recording: Mapping[str, Any], become: Outcome) -> list[dict[str, Any]]:
    """What was made of a recorded document: what it owns, and of what nobody owns that which is computed for it.

    Of the pods of a Deployment there is one, under the Deployment's name.
    """
    computed = {(child.kind, child.name) for child in become.children}
    others = [*recording["without owner"], *recording["cluster-wide"]]
    lost = (one for one in others if (_kind(one), one["metadata"]["name"]) in computed)
    every = [*recording["children"], *lost]
    by_uid = {one["metadata"]["uid"]: one for one in [*every, *recording["without owner"]]}
    pods: dict[str, dict[str, Any]] = {}
    for one in by_uid.values():
        owner = _owner(_owner(one, by_uid), by_uid) if one["kind"] == "Pod" else None
        if owner is not None and owner["metadata"]["uid"] in {each["metadata"]["uid"] for each in every}:
            pods.setdefault(owner["metadata"]["name"], one)
    named = ({**pod, "metadata": {**pod["metadata"], "name": name}} for name, pod in pods.items())
    return [*(one for one in every if one["kind"] != "Pod"), *named]


def _with_pods(objects: list[dict[str, Any]], *, any_pods: bool) -> list[dict[str, Any]]:
    """Without pods where none are computed of a kind: they carry what their Deployments say."""
    return objects if any_pods else [one for one in objects if one["kind"] != "Pod"]


def _with_secrets(objects: Iterable[dict[str, Any]], there: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """With the data of Secrets, which are keys that nobody can compute."""
    data = {one["metadata"]["name"]: one.get("data") for one in there if one["kind"] == SECRET.kind}
    for one in objects:
        yield {**one, "data": data.get(one["metadata"]["name"])} if one["kind"] == SECRET.kind else one


def _owner(data: Mapping[str, Any] | None, by_uid: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    found = (by_uid.get(uid) for uid in (owners(data) if data else ()))
    return next((one for one in found if one), None)


def _kind(data: Mapping[str, Any]) -> Kind:
    group, slash, _ = str(data["apiVersion"]).partition("/")
    return Kind(group if slash else "", str(data["kind"]))


def documents(objects: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """Objects as the program reads them from files."""
    for one in objects:
        for document in read(json.dumps(one), "case"):
            assert isinstance(document, Document)
            yield document


def computed(
    recording: Mapping[str, Any], settings: Iterable[Document], variant: Variant
) -> tuple[Outcome, tuple[Child, ...]] | None:
    """What is computed of a recorded document, and the pods that run; None where its kind isn't known."""
    (document,) = documents([recording["document"]])
    maker = outcome.maker(variant.product, kind_of(document))
    if maker is None:
        return None
    index = Index.of([document, *documents(recording["given"]), *settings])
    target = resolve(f"{variant.product}@{variant.release}")
    become = outcome_of(index, document, target)
    root = Part(become.changed.data, Origin(document))
    pods = maker.pods(root, Remembering(index.by_kind), target.version) if maker.pods else ()
    return become.outcome, pods


def offered(become: Outcome, pods: Iterable[Child]) -> Iterator[dict[str, Any]]:
    """What is computed, as objects to compare: of the pods those of a Deployment, under its name."""
    deployments = {child.name for child in become.children if child.kind == DEPLOYMENT}
    for child in become.children:
        yield child.data
    for pod in pods:
        metadata = dict(pod.data["metadata"])
        name = metadata.pop("generateName").removesuffix("-")
        if name in deployments:
            yield {**pod.data, "metadata": {**metadata, "name": name}}


def written(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Recordings that were written before."""
    for file in sorted(folder.glob("*.json")):
        yield file.stem, json.loads(file.read_text(encoding="utf-8"))


def summary(proof: Proof) -> dict[str, Any]:
    """A proof in numbers."""
    return {
        "documents": proof.documents,
        "refused": proof.refused,
        "unknown": proof.unknown.total(),
        "stopped": proof.stopped,
        "children": proof.children,
        "fields": proof.fields,
        "explained": dict(sorted(proof.explained.items())),
    }


def told(variant: str, proof: Proof) -> str:
    """A proof in words."""
    unknown = "".join(f"\n  unknown {count}: {why}" for why, count in proof.unknown.most_common())
    explained = "".join(f"\n  explained {count}: {why}" for why, count in proof.explained.most_common())
    faults = "".join(f"\n  FAULT {case}: {difference}" for case, difference in proof.faults)
    return (
        f"{variant}: {proof.documents} documents, {proof.refused} refused, {proof.unknown.total()} unknown, {proof.stopped} stopped;"
        f" {proof.children} children, {proof.fields} fields, {len(proof.faults)} faults{unknown}{explained}{faults}"
    )


if __name__ == "__main__":
    for each in sys.argv[2:]:
        chosen = variants.VARIANTS[each]
        with (
            tempfile.TemporaryDirectory() as folder,
            laboratory.bare(Path(folder), chosen.crds().values()) as lab,
        ):
            found = prove(lab, chosen, written(Path(sys.argv[1]) / each))
            print(told(each, found))
            if os.environ.get("SERINUS_GOLDEN") == "write" and not found.faults:
                proven.write(each, summary(found))
