"""What the controllers are shown: the examples as they render, and every document of the corpus that they reconcile."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from installed import SHARED

from generator.cli import main
from generator.reading.documents import Document, read
from kit import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from laboratory import Lab

GROUPS = {"serving.kserve.io": "kserve", "machinelearning.seldon.io": "seldon-core-1"}


@dataclass(frozen=True)
class Case:
    """A set of documents in a namespace of its own.

    Attributes:
        name: What it is called.
        namespace: Its namespace, as short as ``default``: KServe makes nothing where a host's label gets too long.
        documents: In the order in which they are applied.
    """

    name: str
    namespace: str
    documents: tuple[dict[str, Any], ...]

    def roots(self, product: str, kinds: Iterable[str]) -> Iterator[dict[str, Any]]:
        """The documents that become something, of some kinds."""
        for one in self.documents:
            if product_of(one) == product and one.get("kind") in kinds and name_of(one):
                yield one


def product_of(data: dict[str, Any]) -> str:
    """Whose kind a document is; empty where it is neither."""
    return GROUPS.get(str(data.get("apiVersion", "")).partition("/")[0], "")


def name_of(data: dict[str, Any]) -> str:
    """``metadata.name``; empty where there is none."""
    metadata = data.get("metadata")
    return str(metadata.get("name") or "") if isinstance(metadata, dict) else ""


def of_the_corpus(product: str, kinds: Iterable[str]) -> Iterator[Case]:
    """Each document of the corpus that is an object of a kind that becomes something, in a namespace of its own."""
    for file in sorted((SHARED / "corpus" / product).glob("*.yaml")):
        for one in read(file.read_text(encoding="utf-8"), file.name):
            if isinstance(one, Document) and one.data.get("kind") in kinds:
                yield moved(file.stem, (*neighbours(one.data), one.data))


def neighbours(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a document can't do without, where nobody else gives it: services of a graph, accounts and Secrets."""
    for name in sorted(set(_values(data, "serviceName"))) if data.get("kind") == "InferenceGraph" else ():
        model = {"modelFormat": {"name": "sklearn"}, "storageUri": f"s3://models/{name}"}
        yield {
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": {"name": name},
            "spec": {"predictor": {"model": model}},
        }
    of_account = _values(data.get("secrets"), "name") if data.get("kind") == "ServiceAccount" else ()
    for name in sorted({*_values(data, "serving.kserve.io/storageSecretName"), *of_account}):
        yield {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {}}
    for name in sorted(set(_values(data, "serviceAccountName"))) if data.get("kind") == "LLMInferenceService" else ():
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
    if '"storage":' in json.dumps(data) and (keys := sorted(set(_values(data, "key")))):
        entry = {"type": "s3", "bucket": "models", "endpoint_url": "http://minio:9000", "access_key_id": "a"}
        texts = {key: json.dumps({**entry, "secret_access_key": "b"}) for key in keys}
        yield {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "storage-config"}, "stringData": texts}


def _values(data: Any, name: str) -> Iterator[str]:
    """The texts that stand under a key, at any depth."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        if key == name and isinstance(value, str) and value:
            yield value
        yield from _values(value, name)


def every(product: str, release: str, kinds: Iterable[str]) -> list[Case]:
    """All cases with a document of some kinds."""
    found = [*of_the_corpus(product, kinds), *of_the_examples(product, release)]
    return [case for case in found if any(case.roots(product, kinds))]


def of_the_examples(product: str, release: str) -> Iterator[Case]:
    """Each example of a platform and its environments, rendered for a release."""
    for file in sorted((ROOT / "examples").glob("*/serinus.yaml")):
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        if written.get("platform", {}).get("kind") != product:
            continue
        for environment in (None, *written.get("environments", ())):
            name = f"example-{file.parent.name}" + (f"-{environment}" if environment else "")
            if (documents := rendered(file, environment, namespace_of(name), release)) is not None:
                yield Case(name, namespace_of(name), documents)


def rendered(file: Path, environment: str | None, namespace: str, release: str) -> tuple[dict[str, Any], ...] | None:
    """What ``serinus render`` writes of a service file, in a namespace; None where the release can't be."""
    options = ["-e", environment] if environment else []
    settings = ["--set", f"namespace={namespace}", "--set", f"platform.version={release}"]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.run(["render", str(file), *options, *settings])
        except SystemExit as ended:
            if ended.code:
                return None
    text = out.buffer.getvalue().decode()
    found = [one.data for one in read(text, file.parent.name) if isinstance(one, Document)]
    there = {(one.get("kind"), name_of(one)) for one in found}
    missing = (one for each in found for one in neighbours(each) if (one["kind"], name_of(one)) not in there)
    return (*moved("", missing, namespace).documents, *found)


def namespace_of(name: str) -> str:
    """A namespace for a case."""
    return f"n{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def moved(name: str, documents: Iterable[dict[str, Any]], namespace: str = "") -> Case:
    """Documents in a namespace of their own, so that none meets another of the same name."""
    namespace = namespace or namespace_of(name)
    found = []
    for one in documents:
        copied = copy.deepcopy(one)
        if isinstance(copied.get("metadata"), dict):
            copied["metadata"]["namespace"] = namespace
        found.append(copied)
    return Case(name, namespace, tuple(found))


def offer(lab: Lab, cases: Iterable[Case]) -> dict[tuple[str, str, str], str]:
    """Create the objects of all cases; gives what was refused, by namespace, kind and name, with the reason."""
    refused: dict[tuple[str, str, str], str] = {}
    for case in cases:
        made = lab.objects.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": case.namespace}})
        assert made.status in {201, 409}, made.message
        for one in case.documents:
            key = (case.namespace, str(one.get("kind")), name_of(one))
            if lab.objects.path_of(one) is None:
                refused[key] = f"{one.get('apiVersion')} {one.get('kind')} is not served"
                continue
            answer = lab.objects.make(one)
            if answer.status != 201:
                refused[key] = f"{answer.status} {answer.message}"
    return refused
