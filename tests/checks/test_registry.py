"""The registry, not each rule: what holds for every rule that was ever added."""

from __future__ import annotations

import os

import pytest

from generator.checks import listing
from generator.checks.api import Options, check
from generator.checks.finding import Finding, Meaning, Severity
from generator.checks.registry import modules, registry
from generator.checks.rule import Rule, Source, Stage, rule
from generator.checks.structure.verdict import Code
from generator.reading.kind import Kind
from generator.schemas import Version, available

EVERY = registry().rules
RULES = [rule for rule in EVERY if rule.stage is not Stage.FAULT]
"""What a text can bring about; a fault of ours none should (tests/checks/test_faults.py)."""


def platforms(rule: Rule) -> list[str]:
    """The newest release that a rule holds for; for a rule on an upgrade the releases on both sides of it."""
    if rule.product is None:
        return []
    if rule.meaning is not None:
        older = [release for release in available()[rule.product] if release < rule.since]
        newer = [release for release in available()[rule.product] if release >= rule.since]
        return [f"{rule.product}@{release}" for release in (older[-1], newer[0])]
    fitting = [release for release in available()[rule.product] if rule.holds_for(release)]
    assert fitting, f"no schema pack lies within the bounds of {rule.id}"
    return [f"{rule.product}@{fitting[-1]}"]


def _of_one_side(rule: Rule, finding: Finding) -> bool:
    """Whether an upgrade's finding is the verdict of one release by itself: that is another matter."""
    sides = tuple(f"({platform})" for platform in platforms(rule))
    return rule.meaning is not None and finding.message.endswith(sides)


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_bad_example_fires_exactly_its_rule(rule: Rule) -> None:
    report = check(rule.bad, platforms=platforms(rule), previous=rule.before)
    found = [finding for finding in report.findings if finding.severity >= min(rule.severity, Severity.WARNING)]
    loud = {finding.rule for finding in found if finding.severity > Severity.NOTE and not _of_one_side(rule, finding)}
    assert loud == ({rule.id} if rule.severity > Severity.NOTE else set())
    mine = [finding for finding in found if finding.rule == rule.id]
    assert mine
    for finding in mine:
        assert finding.severity == rule.severity
        assert finding.fix.endswith(".")
        assert (finding.meaning is None) == (rule.meaning is None)
        told = finding.sentence + finding.fix
        assert not [name for name in rule.placeholders if f"{{{name}}}" in told]
        assert "\n" not in told
        assert rule.placeholders or finding.fix == rule.fix.format()
        assert finding.line <= rule.bad.count("\n") + 1
        assert finding.column >= 1


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_good_example_is_silent(rule: Rule) -> None:
    found = check(rule.good, platforms=platforms(rule), previous=rule.before).findings
    heard = [finding for finding in found if not _of_one_side(rule, finding)]
    assert [finding for finding in heard if finding.severity > Severity.NOTE or finding.rule == rule.id] == []


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.when], ids=lambda rule: rule.id)
def test_keys_to_look_for_stand_in_the_bad_example(rule: Rule) -> None:
    assert any(key in rule.bad for key in rule.when)


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_without_webhooks_only_the_api_server_speaks(rule: Rule) -> None:
    found = check(rule.bad, platforms=platforms(rule), options=Options(webhooks=False)).findings
    speakers = {registry().by_id[finding.rule].stage for finding in found}
    assert speakers <= {Stage.STRUCTURE, Stage.SERVER, Stage.READING}


def test_ids_names_and_codes_are_unique_and_complete() -> None:
    assert len({rule.id for rule in EVERY}) == len({rule.name for rule in EVERY}) == len(EVERY)
    assert set(registry().by_code) == set(Code)


def test_errors_are_what_a_cluster_refuses_and_nothing_else() -> None:
    refusing = {Stage.STRUCTURE, Stage.SERVER, Stage.WEBHOOK, Stage.READING}
    for each in EVERY:
        assert (each.severity == Severity.ERROR) <= (each.stage in refusing), each.id
        assert (each.stage is Stage.LATER) <= (each.severity < Severity.ERROR), each.id


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "KSV1"}, "the id is a known prefix and three digits"),
        ({"id": "XYZ001"}, "the id is a known prefix and three digits"),
        ({"name": "Not A Name"}, "the name is lower-case words"),
        ({"fix": "no stop"}, "the fix ends in a full stop"),
        ({"message": "Too much."}, "the message doesn't end in a full stop"),
        ({"since": Version(0, 20), "until": Version(0, 20)}, "since lies before until"),
        ({"product": None, "since": Version(0, 20)}, "bounds need a product"),
        ({"bad": " "}, "both examples are given"),
        ({"meaning": Meaning(before="a", after="b")}, "a change of meaning has a release since which it holds"),
        (
            {
                "meaning": Meaning(before="a", after="b"),
                "since": Version(0, 20),
                "until": Version(0, 21),
            },
            "and no other bound",
        ),
    ],
)
def test_half_made_declarations_are_refused(change: dict[str, object], complaint: str) -> None:
    whole = {
        "id": "POL999",
        "name": "half-made",
        "product": "kserve",
        "stage": Stage.LATER,
        "severity": Severity.NOTE,
        "message": "message",
        "fix": "Fix.",
        "source": Source("a/b", "v1", "c"),
        "bad": "x",
        "good": "x",
    }
    with pytest.raises(ValueError, match=complaint):
        rule(**{**whole, **change})(test_half_made_declarations_are_refused)  # type: ignore[arg-type]


def test_the_golden_list_of_modules_is_what_the_rules_say() -> None:
    text = listing.printed(modules())
    if os.environ.get("SERINUS_GOLDEN") == "write":
        listing.FILE.write_text(text, encoding="utf-8")
    assert listing.FILE.read_text(encoding="utf-8") == text, "write it with `make golden`"
    assert listing.ids() == {rule.id for rule in EVERY}


def test_whoever_asks_for_one_kind_has_all_rules_on_it() -> None:
    kinds = {kind for rule in EVERY for kind in rule.kinds} | {Kind("", "ConfigMap"), Kind("example.com", "Other")}
    for product, releases in available().items():
        every, release = registry(product), releases[-1]
        for kind in kinds:
            some = registry(product, kind.kind)
            assert some.applicable(kind, product, release) == every.applicable(kind, product, release)
            assert some.changes(kind, [product], releases[0], release) == every.changes(
                kind, [product], releases[0], release
            )
            assert some.misplaced.get(kind) == every.misplaced.get(kind)
            assert some.by_code.keys() == every.by_code.keys()


def test_a_module_that_is_not_listed_is_there_for_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {name: one for name, one in listing.listed().items() if name != "kserve.graph"}
    monkeypatch.setattr(listing, "listed", lambda: without)
    assert "kserve.graph" in {listing.short(module.__name__) for module in modules(kind="TrainedModel")}
    assert "kserve.canary" not in {listing.short(module.__name__) for module in modules(kind="TrainedModel")}
