"""What a rendering makes otherwise than what was there, and how that is shown."""

from __future__ import annotations

import pytest

from generator.plan import lock
from generator.reading.kind import Kind
from generator.rollout import shown
from generator.rollout.difference import Altered, Difference, Field, differences
from generator.rollout.world import Key
from kit import pin
from kserve_kit import LAYOUTS, rendered, text


def service(name: str, feature: str = "rolling", namespace: str = "models"):
    """A rendering of a service with a name and a namespace of its own."""
    pins = {
        each: pin(
            *(str(number), number, str(number)),
            path=f"{name}/{number}/{str(number) * 16}",
            layouts=LAYOUTS,
            runtimes={},
        )
        for number, each in enumerate("ab", 1)
    }
    written = text(feature).replace("name: digits", f"name: {name}", 1)
    written = written.replace("namespace: models", f"namespace: {namespace}", 1)
    return rendered(written, lock.Lock().with_section(name, pins))


def texts(*renderings) -> list[str]:
    return [each.text for one in renderings for each in one.manifests]


def test_each_of_several_services_is_compared_with_its_own():
    one, other, gone = service("one"), service("two"), service("two", "shadow")
    here, there = differences([one, other], texts(one, gone))
    assert here.nothing
    assert {each.key.name for each in there.objects if each.state == "gone"} >= {"two-b"}


def test_services_of_one_name_in_two_namespaces_are_two():
    here, there = (service("one", namespace=name) for name in ("models", "other"))
    changed = service("one", "shadow", namespace="other")
    found = differences([here, changed], texts(here, there))
    assert [(one.service, one.nothing) for one in found] == [("one in models", True), ("one in other", False)]
    assert {each.key.namespace for each in found[1].objects} == {"other"}
    assert all(one.nothing for one in differences([here, there], texts(here, there)))


def test_what_was_there_may_be_nothing():
    (found,) = differences([service("one")], [])
    assert {each.state for each in found.objects} == {"new"}
    assert found.dangers == ()


VALUES = {
    "a number": (Field("spec.replicas", 2, 3), "spec.replicas: 2 → 3"),
    "nothing before": (Field("spec.replicas", None, 3), "spec.replicas: nothing → 3"),
    "a boolean": (Field("a", True, False), "a: true → false"),
    "a list": (Field("a", [], ["x"]), 'a: [] → ["x"]'),
    "a mapping that is new": (Field("a", None, {"b": True}), 'a: nothing → {"b": true}'),
    "a word that YAML reads as a boolean": (Field("a", "true", True), 'a: "true" → true'),
    "a long text": (Field("a", "x" * 61, "y"), f'a: "{"x" * 29}…{"x" * 29}" → "y"'),
    "a password in a URL": (Field("a", "s3://me:secret@host/x", "y"), 'a: "s3://…@host/x" → "y"'),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_field_is_shown_in_one_line(case):
    field, words = VALUES[case]
    assert str(field) == words


DEPLOYMENT = Key(Kind("apps", "Deployment"), "models", "digits")


def test_colours_are_for_terminals_alone():
    told = [Difference("digits", ("no pod restarts",), (Altered(DEPLOYMENT, "gone"),), ())]
    assert "\x1b[31m  - Deployment digits\x1b[0m\n" in shown.as_text(told, colour=True)
    assert "\x1b" not in shown.as_text(told, colour=False)


def test_nothing_steers_the_terminal():
    told = [Difference("digits", ("\x1b[2J",), (Altered(DEPLOYMENT, "changed", (Field("\x1b", "x", "\x1b[2J"),)),), ())]
    assert "\x1b" not in shown.as_text(told, colour=False)
    assert "\x1b" not in shown.as_markdown(told)
