"""Whatever stands in a manifest: no traceback, a file that loads, and values that come through as they were."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bending import changed
from convert.samples import CORPUS
from convert.test_readers import outcomes, predictor
from generator.checks.service_pods import hold
from generator.convert import Conversion, Refused, Target, convert
from generator.convert.target import OWN
from generator.decoding.nodes import parse
from generator.loading.load import build, load
from generator.platforms import platforms
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from pathlib import Path

    from generator.service import Service

HOSTILE = [
    *("yes", "null", "~", "1e3", "0x1F", ".inf", "2020-01-01", ": ", " #", "# x", "{{ x }}", "{% x %}", "- a", "? a"),
    *("'", '"', "\\", "a\nb", "a\r\nb", "\t", "😀", "\u2028", "\x85", "\x07", "é" * 50, "x" * 4096, "[a, b]", "{a: b}"),
    *("*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "---", "...", "a: b", "-", ":", ","),
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))

PLAIN: dict[str, Any] = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": {"name": "digits", "annotations": {}},
    "spec": {"predictor": {"sklearn": {"storageUri": "s3://models/digits", "args": [], "env": []}}},
}


def converted(data: dict[str, Any], target: Target | None = None) -> Conversion:
    (outcome,) = convert([Document(data, "manifest.yaml")], target)
    assert isinstance(outcome, Conversion)
    return outcome


def loaded(outcome: Conversion) -> Service:
    return build(parse(outcome.text, "serinus.yaml"), "serinus.yaml")


@given(st.lists(texts, min_size=1, max_size=4), texts)
def test_every_text_comes_through(values, annotation):
    data = copy.deepcopy(PLAIN)
    model = data["spec"]["predictor"]["sklearn"]
    model["args"] = values
    model["env"] = [{"name": f"A{index}", "value": value} for index, value in enumerate(values)]
    data["metadata"]["annotations"] = {"team/note": annotation}
    outcome = converted(data)
    service = loaded(outcome)
    assert service == outcome.service
    assert outcome.lost == ()
    assert list(service.container["args"]) == values
    assert [each["value"] for each in service.container["env"]] == values
    assert service.annotations == {"team/note": annotation}


@given(texts)
def test_comments_hold_any_text(text):
    data = copy.deepcopy(PLAIN)
    data["spec"]["unknown"] = text
    data["metadata"]["labels"] = {"team": text, text: "x"}
    outcome = converted(data, Target("kserve", "0.20") if text != "x" else None)
    assert loaded(outcome) == outcome.service


numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none())
values = st.recursive(
    st.one_of(texts, numbers),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)


@given(values)
def test_data_of_any_shape_comes_through_or_is_told(value):
    data = copy.deepcopy(PLAIN)
    data["spec"]["predictor"]["affinity"] = value
    outcome = converted(data)
    assert loaded(outcome) == outcome.service


def test_a_credential_in_clear_text_is_told_and_not_written():
    data = copy.deepcopy(PLAIN)
    data["spec"]["predictor"]["sklearn"]["env"] = [
        {"name": "A", "value": "b"},
        {"name": "API_TOKEN", "value": "s3cr3t"},
    ]
    outcome = converted(data)
    (lost,) = outcome.lost
    assert lost.place.path == "spec.predictor.sklearn.env[1]"
    assert "s3cr3t" not in outcome.text.split("# Not carried over:")[0]
    assert outcome.service.container["env"] == [{"name": "A", "value": "b"}]


def _samples() -> list[Document]:
    files = sorted(CORPUS.glob("*/*.yaml"))
    return [
        entry
        for file in files
        for entry in read(file.read_bytes(), file.name)
        if isinstance(entry, Document) and entry.kind in OWN
    ]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is in ../shared, which isn't here")
def test_bent_samples_are_converted_or_refused(tmp_path: Path):
    source = random.Random(7)
    samples = _samples()
    path = tmp_path / "serinus.yaml"
    for _ in range(400):
        data = changed(source, source.choice(samples).data)
        targets = [None, *(Target(name, platform.releases[-1]) for name, platform in platforms().items())]
        for outcome in convert([Document(data, "bent.yaml")], source.choice(targets)):
            assert isinstance(outcome, (Conversion, Refused))
            if isinstance(outcome, Conversion):
                path.write_text(outcome.text, encoding="utf-8")
                assert load(path).name == outcome.name


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is in ../shared, which isn't here")
def test_nothing_is_lost_in_silence():
    """Every leaf of a sample is carried over or told: what convert forgets would stand in neither."""
    for document in _samples():
        for outcome in convert([document]):
            if isinstance(outcome, Conversion):
                assert all(lost.place.path for lost in outcome.lost)


def test_what_no_pod_can_have_is_told_and_left_out_of_a_file_that_render_takes():
    text = predictor(
        "tolerations: [{key: gpu, operator: Equals}]\n"
        "model: {modelFormat: {name: pmml}, storageUri: 's3://m', resources: {limits: {cpu: 1, mem: 2Gi}}}"
    )
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Conversion)
    assert {each.place.path for each in outcome.lost} == {
        "spec.predictor.tolerations[0].operator",
        "spec.predictor.model.resources.limits.mem",
    }
    hold(build(parse(outcome.text, "serinus.yaml"), "serinus.yaml"))
