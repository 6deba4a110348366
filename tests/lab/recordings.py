"""What the controllers made of each case, written down: ``python -m recordings FOLDER VARIANT…`` (see ``variants``).

One JSON file a document that becomes something, with the objects as the API server stores them. Nothing of the project
reads these; they are for whoever writes or checks ``generator/outcome``.
``PYTHONPATH`` needs the top of the repository, ``tests``, ``tests/cluster`` and ``tests/lab``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import standins
import variants
from cases import every, name_of, offer
from objects import descendants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from laboratory import Lab
    from variants import Variant

OURS = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
"""What each namespace has by itself."""
NOT_MADE = {"Namespace", "CustomResourceDefinition", "APIService", "ComponentStatus", "IPAddress", "Node"}
"""Cluster-wide kinds that no platform's controller writes."""


def recorded(lab: Lab, variant: Variant) -> Iterator[tuple[str, dict[str, Any]]]:
    """A name and a recording for each document that becomes something, after all of them came to rest."""
    cases = every(variant.product, variant.release, variant.kinds)
    before = {one["metadata"]["uid"] for one in _cluster_wide(lab)}
    refused = offer(lab, cases)
    restless = lab.objects.rest(1800, lambda: standins.answer(lab.objects))
    if "InferenceGraph" in variant.kinds and _woken(lab):
        restless = lab.objects.rest(1800, lambda: standins.answer(lab.objects))
    wide = [one for one in _cluster_wide(lab) if one["metadata"]["uid"] not in before]
    inside: dict[str, list[dict[str, Any]]] = {}
    for one in lab.everything():
        inside.setdefault(one["metadata"]["namespace"], []).append(one)
    for case in cases:
        given = {(one.get("kind"), name_of(one)) for one in case.documents}
        there = inside.get(case.namespace, [])
        roots = list(case.roots(variant.product, variant.kinds))
        made = {}
        for root in roots:
            key = (str(root.get("kind")), name_of(root))
            stored = next((one for one in there if (one["kind"], one["metadata"]["name"]) == key), None)
            made[key] = stored, descendants(stored["metadata"]["uid"], there) if stored else []
        owned = {one["metadata"]["uid"] for _, children in made.values() for one in children}
        for root in roots:
            key = (str(root.get("kind")), name_of(root))
            stored, children = made[key]
            name = case.name if len(roots) == 1 else f"{case.name}-{key[0].lower()}-{key[1]}"
            yield (
                name,
                {
                    "document": root,
                    "given": [one for one in case.documents if one is not root],
                    "stored": stored,
                    "children": [tidy(one) for one in children],
                    "restless": case.namespace in restless,
                    "status": (stored or {}).get("status"),
                    "rejected": refused.get((case.namespace, *key)),
                    "refused beside it": {
                        f"{kind} {of}": why for (space, kind, of), why in refused.items() if space == case.namespace
                    },
                    "without owner": [
                        tidy(one)
                        for one in there
                        if one["metadata"]["uid"] not in owned
                        and (one["kind"], one["metadata"]["name"]) not in OURS | given
                    ],
                    "cluster-wide": [tidy(one) for one in wide if case.namespace in json.dumps(one)],
                },
            )


def _woken(lab: Lab) -> bool:
    """Whether there was a graph without a router: KServe waits longer and longer before it asks again for its services."""
    waiting = [
        one
        for one in lab.objects.every("serving.kserve.io/v1alpha1", "InferenceGraph")
        if not descendants(one["metadata"]["uid"], lab.everything())
    ]
    for one in waiting:
        # A finalizer is a change that reaches no child.
        one["metadata"].setdefault("finalizers", []).append("tests.serinus.dev/woken")
        answer = lab.objects.apply(tidy(one))
        assert answer.status < 300, answer.message
    return bool(waiting)


def _cluster_wide(lab: Lab) -> list[dict[str, Any]]:
    return [
        one
        for version, kind, resource in lab.objects.kinds()
        if not resource.namespaced and kind not in NOT_MADE
        for one in lab.objects.every(version, kind)
    ]


def tidy(data: dict[str, Any]) -> dict[str, Any]:
    """An object without who wrote which field of it."""
    metadata = {key: value for key, value in data["metadata"].items() if key != "managedFields"}
    return {**data, "metadata": metadata}


def record(variant: str, into: Path) -> None:
    """Write the recordings of a variant."""
    chosen = variants.VARIANTS[variant]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, chosen.started(Path(folder)) as lab:
        into.mkdir(parents=True, exist_ok=True)
        print(f"{variant}: up after {time.monotonic() - began:.0f} s")
        count = 0
        for name, found in recorded(lab, chosen):
            (into / f"{name}.json").write_text(json.dumps(found, indent=1, sort_keys=True))
            count += 1
        for log in Path(folder).glob("*.log"):
            (into.parent / f"{variant}.{log.name}").write_bytes(log.read_bytes())
    print(f"{variant}: {count} recordings after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    for each in sys.argv[2:]:
        record(each, Path(sys.argv[1]) / each)
