"""What a real API server says of documents for its CRDs, against our oracle, the corpus' verdicts and our own.

Every document is offered for creation in a server-side dry run with strict field validation.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from installed import INSTALLED, SHARED, crds_of

import oracles
from bending import changed, sent
from generator.checks.api import Options, check
from generator.checks.registry import registry
from generator.checks.rules.k8s.reading import KIND_NOT_SERVED
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asking import Client

    Oracle = Callable[[str, Any], str]

pytestmark = pytest.mark.cluster

PLATFORMS = tuple(f"{product}@{release}" for product, release in INSTALLED.items())
BENT = int(os.environ.get("SERINUS_FUZZ", "1500"))
CORPUS = sorted(file.name for file in (SHARED / "corpus").glob("*") if file.is_dir())


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    """What the API server's packages, called in the order that we believe to be its own, say of an object."""
    with oracles.structure() as ask:
        yield lambda product, data: ask(SHARED / "crds" / product / INSTALLED[product], data)[0]


def ours(source: str | bytes | dict[str, Any]) -> str:
    """Our verdict for a cluster with these CRDs and no webhooks."""
    report = check(source, platforms=PLATFORMS, options=Options(webhooks=False))
    if report.summary.skipped or any(finding.rule == KIND_NOT_SERVED.id for finding in report.findings):
        return "not-served"
    return "invalid" if report.summary.invalid else "valid"


def corpus(product: str) -> Iterator[tuple[str, bytes, Document]]:
    """The corpus documents of a product: file, text and object."""
    for file in sorted((SHARED / "corpus" / product).glob("*.yaml")):
        content = file.read_bytes()
        entries = read(content, file.name)
        assert len(entries) == 1, f"{file.name} holds {len(entries)} documents"
        assert isinstance(entries[0], Document)
        yield file.name, content, entries[0]


def differences(verdicts: dict[str, str], why: str, what: str) -> Iterator[str]:
    """One line where not all say the same."""
    if len(set(verdicts.values())) > 1:
        yield f"{verdicts}: {why[:300]} in {what[:1500]}"


@pytest.mark.parametrize("product", CORPUS)
def test_of_a_corpus_document_the_server_says_what_its_verdict_the_oracle_and_we_say(
    cluster: Client, oracle: Oracle, product: str
) -> None:
    known = json.loads((SHARED / "corpus" / "verdicts.json").read_text())
    off: list[str] = []
    for name, content, document in corpus(product):
        said = cluster.dry_run(document.data, content)
        verdicts = {"server": said.verdict, "ours": ours(content)}
        if f"{product}/{name}" in known:  # two documents came later
            verdicts["corpus"] = known[f"{product}/{name}"][INSTALLED[product]]
        if not document.duplicates:  # a doubled key isn't in an object any more
            verdicts["oracle"] = oracle(product, document.data)
        off += differences(verdicts, said.why, name)
    assert off == []


def bent(seed: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Changed copies of corpus documents as kubectl sends them, still of their kind, the same for the same seed."""
    source = random.Random(seed)
    pool = [(product, document.data) for product in CORPUS for _, _, document in corpus(product)]
    while count:
        product, original = source.choice(pool)
        data = sent(changed(source, original))
        if all(data.get(key) == original[key] for key in ("apiVersion", "kind")):
            count -= 1
            yield product, data


def test_of_a_bent_document_the_server_says_what_the_oracle_and_we_say(cluster: Client, oracle: Oracle) -> None:
    off: list[str] = []
    counted: Counter[str] = Counter()
    for product, data in bent(seed=44, count=BENT):
        said = cluster.dry_run(data)
        counted[said.verdict] += 1
        verdicts = {"server": said.verdict, "oracle": oracle(product, data), "ours": ours(data)}
        off += differences(verdicts, said.why, json.dumps(data))
    assert off == []
    assert min(counted["valid"], counted["invalid"]) > BENT / 10, f"a sample of one sort proves little: {counted}"


def examples(cluster: Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documents in the rules' examples that are of an installed CRD."""
    groups = {crd["spec"]["group"] for product in INSTALLED for crd in crds_of(product)}
    for rule in registry().rules:
        for text in (rule.bad, rule.good):
            for document in read(text, rule.id):
                if not isinstance(document, Document) or document.duplicates:
                    continue
                own = document.api_version.rpartition("/")[0] in groups
                if own and cluster.serves(document.api_version, document.kind):
                    yield rule.id, document.data


def test_of_a_rules_example_the_server_says_what_we_say_of_it_without_webhooks(cluster: Client) -> None:
    off: list[str] = []
    tried = 0
    for rule, data in examples(cluster):
        tried += 1
        said = cluster.dry_run(data)
        off += differences({"server": said.verdict, "ours": ours(data)}, said.why, f"{rule} {json.dumps(data)}")
    assert off == []
    assert tried > 100
