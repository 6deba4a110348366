"""Fields that a schema knows, added anywhere: a real API server and we say the same, of its own kinds and of CRDs.

Nothing has to be thought of for a field to be tried, so this finds what a list of cases forgets. Metadata is varied too:
what the request handler fills in, merges and drops before validation is the server's own.
"""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING, Any

import pytest
from apiserver import RELEASE
from installed import INSTALLED, SHARED

from bending import WORDS, grown, places, sent
from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.registry import registry
from generator.reading.documents import Document, read
from generator.schemas import KindSchema, available, load
from metadata_forms import METADATA, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Client

pytestmark = pytest.mark.cluster

MINOR = RELEASE.removeprefix("v").rpartition(".")[0]
COUNT = int(os.environ.get("SERINUS_FUZZ", "3000"))
KNOWN = ("nodePort", "autoscaling/v1 ")
"""A dry run takes any node port; and nobody tells us since when an autoscaler of v1 has a generation (1.37)."""

Pool = list[tuple[dict[str, Any], str, KindSchema]]


def kind_of(data: dict[str, Any]) -> tuple[str, KindSchema] | None:
    """Who serves a kind, as ``--platform`` names it, and its schema."""
    group, _, version = str(data.get("apiVersion")).rpartition("/")
    releases = {"kubernetes": MINOR} | INSTALLED
    for product, wanted in releases.items():
        for release in available()[product]:
            if f"{release}.".startswith(f"{wanted}."):
                found = load(product, release).kind(group, version, str(data.get("kind")))
                if found:
                    return f"{product}@{release}", found
    return None


def documents() -> Iterator[dict[str, Any]]:
    """Good examples of the rules, and the corpus."""
    texts = [(rule.good.encode(), rule.id) for rule in registry().rules if not rule.before]
    texts += [(file.read_bytes(), file.name) for file in sorted((SHARED / "corpus").glob("*/*.yaml"))]
    for content, name in texts:
        for entry in read(content, name):
            if isinstance(entry, Document) and not entry.duplicates and len(content) < 20_000:
                yield entry.data


@pytest.fixture(scope="module")
def pool(cluster: Client) -> dict[tuple[str, str], Pool]:
    """What the server takes, by kind."""
    found: dict[tuple[str, str], Pool] = {}
    for data in documents():
        known = kind_of(data)
        if known and cluster.dry_run(sent(data)).verdict == "valid":
            found.setdefault((data["apiVersion"], data["kind"]), []).append((data, *known))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def by_key(pool: dict[tuple[str, str], Pool]) -> dict[str, list[Any]]:
    """What stands under each key anywhere."""
    found: dict[str, list[Any]] = {}
    for data in (one for each in pool.values() for one, *_ in each):
        for path in places(data):
            if isinstance(path[-1], str):
                found.setdefault(path[-1], []).append(at(data, path))
    return found


def varied(source: random.Random, data: dict[str, Any]) -> dict[str, Any]:
    """A copy with other metadata, or another name."""
    if source.random() < 0.5:
        return {**data, "metadata": {**data["metadata"], **source.choice(METADATA)}}
    name, rest = source.choice(NAMES), {key: value for key, value in data["metadata"].items() if "ame" not in key}
    form = source.choice(({"name": name}, {"generateName": name}, {"name": "a", "generateName": name}))
    return {**data, "metadata": {**rest, **form}}


def test_of_fields_added_anywhere_we_say_what_the_server_says(
    cluster: Client, pool: dict[tuple[str, str], Pool]
) -> None:
    source, kinds, values = random.Random(61), sorted(pool), by_key(pool)
    off, refused = [], 0
    for number in range(COUNT):
        original, target, kind = source.choice(pool[source.choice(kinds)])
        data = sent(
            varied(source, original) if number % 4 == 0 else grown(source, original, kind.schema, values, WORDS)
        )
        said = cluster.dry_run(data)
        if said.verdict == "forbidden":
            continue
        refused += said.verdict == "invalid"
        found = check([data], platforms=[target], options=Options(webhooks=target.startswith("kubernetes@"))).findings
        mine = [f"{one.rule} {one.path}" for one in found if one.severity is Severity.ERROR]
        where = f"{data['apiVersion']} {mine}"
        if bool(mine) != (said.verdict == "invalid") and not any(word in where for word in KNOWN):
            off.append(f"server {said.verdict} {said.why[:300]}, ours {mine[:3]} in {json.dumps(data)[:1500]}")
    assert not off, "\n".join(off)
    assert refused > COUNT / 10
