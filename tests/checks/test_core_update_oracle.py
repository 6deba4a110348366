"""Updates of Kubernetes' own kinds: our verdict compared with that of the API server's own Go packages.

As ``test_core_oracle``, whose program it asks, with the object as it was. Building it takes minutes the first time.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from test_core_oracle import RULES, documents, oracle, ours, subjects

from bending import sent
from updating import update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["oracle"]
pytestmark = pytest.mark.oracle

UPDATES = int(os.environ.get("SERINUS_FUZZ", "4000"))
LONGEST = 20_000


def pool(oracle: Callable[..., Any]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Objects that can be there, by their kinds."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    examples = [data for rule in RULES for text in (rule.good, rule.before) for data in documents(text)]
    for data in [*subjects(), *examples]:
        named = isinstance(data.get("metadata"), dict) and data["metadata"].get("name")
        if named and len(json.dumps(data)) < LONGEST and oracle(data)[0] == "valid":
            found.setdefault((data["apiVersion"], data["kind"]), []).append(bound(data))
    return found


def bound(data: dict[str, Any]) -> dict[str, Any]:
    """A claim with its volume; anything else as it is."""
    if data["kind"] != "PersistentVolumeClaim":
        return data
    status = {"phase": "Bound", "capacity": data["spec"]["resources"]["requests"]}
    return {**data, "status": status}


def updates(oracle: Callable[..., Any], seed: int, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Objects as they were, every other one an update itself, and as they become."""
    source = random.Random(seed)
    known = pool(oracle)
    kinds = sorted(known)
    for _ in range(count):
        relatives = known[source.choice(kinds)]
        old = source.choice(relatives)
        if source.random() < 0.5:
            other = sent(update(source, old, relatives))
            old = bound(other) if oracle(other)[0] == "valid" else old
        yield old, sent(update(source, old, relatives))


def test_of_an_update_we_say_what_the_api_server_says(oracle: Callable[..., Any]) -> None:
    off: list[str] = []
    counted: Counter[str] = Counter()
    for old, new in updates(oracle, seed=12, count=UPDATES):
        theirs, why = oracle(new, old)
        mine, said = ours(new, old)
        counted[theirs] += 1
        if theirs != mine:
            off.append(f"theirs {theirs} {why}\nours {said}\nold {json.dumps(old)}\nnew {json.dumps(new)}")
    assert not off, "\n".join([f"{len(off)} of {counted.total()} differ: {counted}", *off])
    assert min(counted["valid"], counted["invalid"]) > UPDATES / 10, f"a sample of one sort proves little: {counted}"
