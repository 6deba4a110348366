"""What the API server refuses in a change: rules on the change, fields that stay, and what is let off as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_structure import kind_of, thing

from generator.checks.api import check
from generator.checks.finding import Severity
from generator.checks.structure.change import as_applied
from generator.checks.structure.verdict import Code, violations

SAME = [{"rule": "self == oldSelf"}]
EVEN = [{"rule": "self % 2 == 0"}]
ITEM = {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}


def listed(kind: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A list of a type; of type map by ``name``."""
    keys = {"x-kubernetes-list-map-keys": ["name"]} if kind == "map" else {}
    return {"type": "array", "x-kubernetes-list-type": kind, "items": item} | keys | more


def sized(**more: Any) -> dict[str, Any]:
    return {**ITEM, "properties": {"name": {"type": "string"}, "size": {"type": "integer", **more}}}


NUMBER = {"type": "integer"}
FIXED = NUMBER | {"x-kubernetes-validations": SAME}
SMALL = NUMBER | {"maximum": 9}
NEVER_LESS = [{"rule": "!oldSelf.hasValue() || self >= oldSelf.value()", "optionalOldSelf": True}]
A, B = {"name": "a", "size": 1}, {"name": "b", "size": 2}


@pytest.mark.parametrize(
    ("schema", "old", "new", "codes"),
    [
        (FIXED, 1, 2, [Code.CEL_TRANSITION]),
        (FIXED, 1, 1, []),
        (FIXED, None, 2, []),  # added: there is no old value to compare with
        (FIXED, 1, None, []),  # removed: there is no value that has rules
        (FIXED | {"default": 1}, None, 2, [Code.CEL_TRANSITION]),  # the old object has the default
        (FIXED | {"default": 1}, 2, None, [Code.CEL_TRANSITION]),
        (FIXED | {"nullable": True}, None, 1, []),
        (NUMBER | {"x-kubernetes-validations": NEVER_LESS}, 2, 1, [Code.CEL_TRANSITION]),
        (NUMBER | {"x-kubernetes-validations": NEVER_LESS}, None, 1, []),
        (NUMBER | {"x-kubernetes-validations": [{"rule": "oldSelf > 9 / 0"}]}, 1, 1, [Code.CEL_ERROR]),
        # Of a list only the items of type map have old ones, whatever their order.
        (listed("map", sized(**{"x-kubernetes-validations": SAME})), [A, B], [B, A], []),
        (listed("map", sized(**{"x-kubernetes-validations": SAME})), [A], [{**A, "size": 3}], [Code.CEL_TRANSITION]),
        (listed("map", sized(**{"x-kubernetes-validations": SAME})), [A], [{**A, "name": "c", "size": 3}], []),
        (listed("atomic", sized(**{"x-kubernetes-validations": SAME})), [A], [{**A, "size": 3}], []),
        (listed("map", ITEM, **{"x-kubernetes-validations": SAME}), [A, B], [B, A], []),
        (listed("map", ITEM, **{"x-kubernetes-validations": SAME}), [A, B], [A], [Code.CEL_TRANSITION]),
        (listed("set", NUMBER, **{"x-kubernetes-validations": SAME}), [1, 2], [2, 1], []),
        (listed("set", NUMBER, **{"x-kubernetes-validations": SAME}), [1, 2], [2, 3], [Code.CEL_TRANSITION]),
        (listed("atomic", NUMBER, **{"x-kubernetes-validations": SAME}), [1, 2], [2, 1], [Code.CEL_TRANSITION]),
        # What is as wrong as before is let off.
        (SMALL, 10, 10, []),
        (SMALL, 10, 11, [Code.ABOVE_MAXIMUM]),
        (NUMBER | {"x-kubernetes-validations": EVEN}, 1, 1, []),
        (NUMBER | {"x-kubernetes-validations": EVEN}, 1, 3, [Code.CEL_RULE]),
        (listed("map", sized(maximum=1)), [A, B], [{**A, "size": 0}, B], []),
        (listed("map", sized(maximum=1)), [A, B], [A, {**B, "size": 3}], [Code.ABOVE_MAXIMUM]),
        (listed("atomic", sized(maximum=1)), [A, B], [{**A, "size": 0}, B], [Code.ABOVE_MAXIMUM]),
        (listed("atomic", sized(maximum=1)), [A, B], [A, B], []),
        (ITEM | {"required": ["name"]}, {"size": 1}, {"size": 1}, []),
        (ITEM | {"required": ["name"]}, {"size": 1}, {"size": 2}, [Code.MISSING_FIELD]),
        (listed("set", NUMBER), [1, 1], [1, 1, 2], []),
        (listed("set", NUMBER), [1], [1, 1], [Code.REPEATED_ITEM]),
        # Go tells 1 from true, and so does this.
        ({"x-kubernetes-preserve-unknown-fields": True, "enum": [5]}, 1, True, [Code.NOT_IN_ENUM]),
    ],
)
def test_an_update(schema: dict[str, Any], old: Any, new: Any, codes: list[Code]) -> None:
    kind = kind_of({"type": "object", "properties": {"a": schema, "beside": NUMBER}})
    before, after = (thing({key: value for key, value in spec.items() if value is not None}) for spec in (
        {"a": old, "beside": 1}, {"a": new, "beside": 2},
    ))  # fmt: skip
    assert [problem.code for problem in violations(after, kind, before)] == codes


def test_a_status_that_is_there_stays_and_is_let_off() -> None:
    status = {"type": "object", "properties": {"a": SMALL}}
    root = {"type": "object", "properties": {"spec": {"type": "object"}, "status": status}}
    kind = kind_of({"type": "object"}, schema={"openAPIV3Schema": root}, subresources={"status": {}})
    assert violations(thing({}) | {"status": {"a": 12}}, kind, thing({}) | {"status": {"a": 11}}) == []


APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
LIVE = {"uid": "x", "annotations": {APPLIED: '{"spec": {"a": 1, "l": [{"name": "x"}]}}'}}


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        # A file takes the place of a file.
        ({"spec": {"a": 1, "b": 2}}, {"spec": {}}, {"spec": {}}),
        # To a live object a file is applied: what it never said stays, what it says no more is gone.
        ({"metadata": {"uid": "x"}, "spec": {"a": 1}}, {"spec": {}}, {"a": 1}),
        ({"metadata": LIVE, "spec": {"a": 1, "b": 2}}, {"spec": {}}, {"b": 2}),
        ({"metadata": LIVE, "spec": {"a": 1, "b": 2}}, {"spec": {"a": 3, "b": None}}, {"a": 3, "b": None}),
        ({"metadata": LIVE, "spec": {"l": [{"name": "x", "d": 1}]}}, {"spec": {"l": [{"name": "x"}]}}, {"l": [{"name": "x", "d": 1}]}),
        ({"metadata": LIVE, "spec": {"l": [{"name": "x", "d": 1}]}}, {"spec": {"l": [{"name": "y"}]}}, {"l": [{"name": "y"}]}),
        ({"metadata": {"uid": "x", "annotations": {APPLIED: "{"}}, "spec": {"a": 1}}, {"spec": {}}, {"a": 1}),
    ],
)  # fmt: skip
def test_what_an_apply_makes_of_a_file(old: dict[str, Any], new: dict[str, Any], made: dict[str, Any]) -> None:
    assert as_applied(new, old, by_name=True)["spec"] == made.get("spec", made)


def test_a_list_of_a_crd_takes_the_place_of_the_old_one() -> None:
    old = {"metadata": {"uid": "x"}, "spec": {"l": [{"name": "x", "d": 1}]}}
    assert as_applied({"spec": {"l": [{"name": "x"}]}}, old)["spec"] == {"l": [{"name": "x"}]}


CASES = Path(__file__).parent / "data" / "truth" / "upd"
TRUTH = {
    "cm-data-removed": ["K8S124"],
    "gatewayclass-controller": ["K8S150"],
    # The class and the old annotation have to agree at creation only.
    "ing-class-added": [],
    "ing-class-annotation": [],
    "job-completionmode-added": ["K8S123"],
    "job-completions": ["K8S123"],
    "job-parallelism": [],
    "localmodelns": ["KSV451"],
    "pc-value-removed": ["K8S123"],
    "pv-hostpath-type-added": ["K8S123"],
    "pv-source-changed": ["K8S123", "K8S123"],
    "pv-source-field-added": ["K8S123"],
    "pv-volumemode-added": ["K8S123"],
    "pvc-volumemode-added": ["K8S123"],
    "rollout-selector": ["K8S150"],
    "sc-binding-added": ["K8S123"],
    "sc-parameters-added": ["K8S123"],
    "sc-reclaim-added": ["K8S123"],
    "secret-immutable-removed": ["K8S124"],
    "secret-type-added": ["K8S123"],
    "secret-type-removed": ["K8S123"],
    "ss-pmp-added": ["K8S123"],
    "ss-servicename-removed": ["K8S123"],
    "ss-vct-added": ["K8S123"],
    "ss-vct-removed": ["K8S123"],
}
"""What a real API server refuses of these updates, by the rule that says so."""


def refused(new: str, old: str) -> list[str]:
    return [one.rule for one in check(new, previous=old).findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize(("name", "rules"), TRUTH.items(), ids=list(TRUTH))
def test_a_real_servers_verdict(name: str, rules: list[str]) -> None:
    new, old = (CASES / f"{name}{end}" for end in (".yaml", ".old.yaml"))
    assert refused(new.read_text(), old.read_text()) == rules
    assert refused(old.read_text(), old.read_text()) == [], "what is there may stay"


def test_every_case_has_its_verdict() -> None:
    assert sorted(file.name for file in CASES.glob("*.old.yaml")) == sorted(f"{name}.old.yaml" for name in TRUTH)
