"""Which runtime KServe takes: by namespace, format, version, protocol, priority, and what switches one off."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from becoming import KSERVE
from generator.outcome import Part
from generator.outcome.kserve.runtime import PROTOCOLS, automatic, chosen, known, shipped
from generator.reading.documents import Document
from generator.reading.kind import Kind
from generator.schemas.versions import parse_version

RELEASE = parse_version("0.20")
KINDS = ("ServingRuntime", "ClusterServingRuntime")


def runtime(name: str, kind: str = "ServingRuntime", namespace: str = "ml", **spec: Any) -> Document:
    """A runtime of the set that takes the format ``digits``."""
    formats = [{"name": "digits", "autoSelect": True, **spec.pop("form", {})}]
    metadata = {"name": name, "namespace": namespace} if kind == KINDS[0] else {"name": name}
    data = {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": {"supportedModelFormats": formats, "containers": [{"name": "kserve-container"}], **spec},
    }
    return Document(data, f"{name}.yaml")


def in_order(*runtimes: Document, form: str = "digits", protocol: str = "v1", nodes: bool = False) -> list[str]:
    """The runtimes that may be chosen, the first being the one that is."""
    found: dict[Kind, list[Document]] = {}
    for one in runtimes:
        found.setdefault(Kind("serving.kserve.io", one.kind), []).append(one)
    return [one.name for one in automatic(form, "ml", known(found, RELEASE), protocol, nodes)]


@pytest.mark.parametrize(
    ("runtimes", "expected"),
    [
        ([runtime("a", KINDS[1], form={"priority": 9}), runtime("b")], ["b", "a"]),
        ([runtime("a", namespace="other"), runtime("b", namespace="")], ["b"]),
        ([runtime("a", form={"priority": 1}), runtime("b", form={"priority": 2}), runtime("c")], ["b", "a", "c"]),
        ([runtime("b"), runtime("a")], ["a", "b"]),
        ([runtime("a", protocolVersions=["v2", "v1"]), runtime("b", protocolVersions=["v1"])], ["a", "b"]),
        ([runtime("a", protocolVersions=["v2"])], []),
        ([runtime("a", disabled=True), runtime("b", multiModel=True), runtime("c", workerSpec={})], []),
        ([runtime("a", form={"autoSelect": False})], []),
        ([runtime("a", form={"version": "1"})], ["a"]),
    ],
)
def test_the_one_that_is_taken(runtimes: list[Document], expected: list[str]) -> None:
    assert in_order(*runtimes) == expected


def test_a_version_that_is_asked_for_has_to_be_there() -> None:
    runtimes = (runtime("a", form={"version": "1"}), runtime("b"))
    assert in_order(*runtimes, form="digits:1") == ["a"]
    assert in_order(*runtimes, form="digits:2") == []


def test_for_several_nodes_it_has_to_have_workers() -> None:
    assert in_order(runtime("a"), runtime("b", workerSpec={}), nodes=True) == ["b"]


@pytest.mark.parametrize("release", KSERVE)
@pytest.mark.parametrize(
    ("form", "protocol", "expected"),
    [
        ("sklearn", "v1", "kserve-sklearnserver"),
        ("xgboost", "v1", "kserve-xgbserver"),
        ("xgboost", "v2", "kserve-mlserver"),
        ("tensorflow", "v1", "kserve-tensorflow-serving"),
        ("huggingface", "v2", "kserve-huggingfaceserver"),
        ("mlflow", "v2", "kserve-mlserver"),
    ],
)
def test_those_that_a_release_ships(release: str, form: str, protocol: str, expected: str) -> None:
    model = {"modelFormat": {"name": form}, "protocolVersion": protocol}
    found = chosen(model, "ml", shipped(parse_version(release)), several_nodes=False)
    assert found.runtime is not None
    assert found.runtime.name == expected


def test_a_runtime_of_the_set_takes_the_place_of_the_one_that_is_shipped() -> None:
    own = runtime("kserve-sklearnserver", KINDS[1])
    found = known({Kind("serving.kserve.io", KINDS[1]): [own]}, RELEASE)
    assert found.cluster["kserve-sklearnserver"].spec.origin.source is own
    assert automatic("sklearn", "ml", found, "v1", several_nodes=False) == []


ONE = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "namespace": st.sampled_from(("ml", "other", "")),
        "priority": st.none() | st.integers(-1, 2),
        "protocolVersions": st.lists(st.sampled_from(PROTOCOLS), unique=True),
        "disabled": st.booleans(),
        "multiModel": st.booleans(),
        "auto": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ONE, max_size=6), st.sampled_from(PROTOCOLS))
def test_the_first_is_as_the_rules_say_whatever_there_is(every: list[dict[str, Any]], protocol: str) -> None:
    runtimes = {
        f"r{number}": runtime(
            f"r{number}",
            one["kind"],
            one["namespace"],
            form={"priority": one["priority"], "autoSelect": one["auto"]},
            protocolVersions=one["protocolVersions"],
            disabled=one["disabled"],
            multiModel=one["multiModel"],
        )
        for number, one in enumerate(every)
    }

    def fits(one: dict[str, Any]) -> bool:
        here = one["kind"] == KINDS[1] or one["namespace"] in ("ml", "")
        speaks = not one["protocolVersions"] or protocol in one["protocolVersions"]
        return here and speaks and one["auto"] and not one["disabled"] and not one["multiModel"]

    found = in_order(*runtimes.values(), protocol=protocol)
    assert sorted(found) == [f"r{number}" for number, one in enumerate(every) if fits(one)]
    if found:
        best = every[int(found[0][1:])]
        rivals = [one for one in every if fits(one) and one["kind"] == best["kind"]]
        assert best["kind"] == KINDS[0] or not any(fits(one) and one["kind"] == KINDS[0] for one in every)
        known_priorities = [one["priority"] for one in rivals if one["priority"] is not None]
        assert best["priority"] == (max(known_priorities) if known_priorities else None)


def test_an_origin_of_the_set_names_the_file_and_one_of_the_release_the_runtime() -> None:
    own = known({Kind("serving.kserve.io", KINDS[1]): [runtime("mine", KINDS[1])]}, RELEASE).cluster
    image = Part.of(runtime("mine", KINDS[1])).get("spec", "containers", 0, "name")
    assert image is not None
    assert str(own["mine"].containers[0].origin) == "mine.yaml: spec.containers[0]"
    words = "the runtime kserve-lgbserver of KServe 0.20: spec.containers[0]"
    assert str(own["kserve-lgbserver"].containers[0].origin) == words
