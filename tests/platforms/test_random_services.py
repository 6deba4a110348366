"""Properties of every platform, on service files as people could write them.

No traceback; a refusal says what is wrong and where; what is rendered is valid, and every value is what it was.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import given

from generator.checks.api import check
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.platforms import platforms
from generator.reading.documents import read
from generator.rendering.render import render
from generator.text.yaml import block
from random_services import HOSTILE, plain_service, services

if TYPE_CHECKING:
    from collections.abc import Iterator


def rendered(data: dict[str, Any], locked: Any) -> str:
    text = f"{block(data, 0)}\n"
    return render(build(parse(text, "serinus.yaml"), "serinus.yaml"), locked).text


def environment_values(value: Any) -> Iterator[Any]:
    """The value of every environment variable PROBE in a document."""
    if isinstance(value, dict):
        if value.get("name") == "PROBE":
            yield value.get("value")
        for each in value.values():
            yield from environment_values(each)
    elif isinstance(value, list):
        for each in value:
            yield from environment_values(each)


@pytest.mark.slow
def test_any_service_file_is_rendered_valid_or_refused_with_a_reason():
    counts: Counter[tuple[str, bool]] = Counter()

    @hypothesis.settings(max_examples=300, suppress_health_check=list(hypothesis.HealthCheck), derandomize=True)
    @given(services())
    def holds(drawn: tuple[dict[str, Any], Any]) -> None:
        data, locked = drawn
        try:
            text = rendered(data, locked)
        except InputError:
            counts[data["platform"]["kind"], False] += 1
            return
        counts[data["platform"]["kind"], True] += 1
        report = check(text)
        assert report.summary.errors == 0, (report.findings[0], text)
        for document in read(text, "-"):
            values_are_what_they_were(data, document.data)

    holds()
    for platform in platforms():
        there, refused = counts[platform, True], counts[platform, False]
        assert there >= max(5, (there + refused) // 4), f"a property that refuses everything would hold too: {counts}"


def values_are_what_they_were(data: dict[str, Any], document: dict[str, Any]) -> None:
    """Annotations and environment variables of a rendered object, held against the service file."""
    annotations = document["metadata"].get("annotations") or {}
    for key, value in data["annotations"].items():
        if key in annotations:
            assert annotations[key] == value
    wanted = data.get("container", {}).get("env", [{}])[0].get("value")
    assert all(value == wanted for value in environment_values(document))


@pytest.mark.parametrize("platform", sorted(platforms()))
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_value_comes_back_as_the_same_string(platform, value):
    data, locked = plain_service(platform)
    data["annotations"] = {"example.com/probe": value}
    documents = [document.data for document in read(rendered(data, locked), "-")]
    seen = [(document["metadata"].get("annotations") or {}).get("example.com/probe") for document in documents]
    assert value in seen
    assert all(each in (None, value) for each in seen)
