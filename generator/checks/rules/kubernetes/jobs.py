"""Jobs, on their own and in CronJobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import JOB as EXAMPLE
from generator.checks.rules.kubernetes.examples import with_field
from generator.checks.rules.kubernetes.objects import BATCH, integer, items, keys, pod, present, refusal, said
from generator.checks.rules.kubernetes.selectors import selects
from generator.checks.rules.kubernetes.syntax import is_label_value, is_prefixed_path, is_qualified
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.schemas.kinds import CRON_JOB, JOB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_COUNTS = (
    *("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"),
    *("backoffLimitPerIndex", "maxFailedIndexes"),
)
_INDEX = re.compile(r"\+?[0-9]{1,18}")
_INDEXES = 64 * 1024
_MODES = ("NonIndexed", "Indexed")
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_MOST = 100_000
_NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
_UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_MANAGER = 63


def job(subject: Subject) -> tuple[Path, Mapping[str, Any]]:
    """Where the specification of the Job stands, and what it says."""
    path = ("spec", "jobTemplate", "spec") if kind_of(subject.document) == CRON_JOB else ("spec",)
    return path, mapping(subject.data, *path)


@refusal(
    id="K8S089",
    name="job-number",
    kinds=(JOB, CRON_JOB),
    message="{problem}",
    fix="{advice}",
    source=BATCH,
    bad=with_field(EXAMPLE, "backoffLimit: -1"),
    good=with_field(EXAMPLE, "backoffLimit: 0"),
    when=keys(*_COUNTS),
)
def job_number(subject: Subject) -> Iterable[Hit]:
    """Numbers of pods, retries and seconds are not negative, and an indexed Job has at most 100,000 pods at once."""
    path, spec = job(subject)
    for field in _COUNTS:
        if (integer(spec, field) or 0) < 0:
            yield said((*path, field), f"{field} is negative", "Write 0 or more.")
    if text(spec, "completionMode") == "Indexed":
        failed, completions = integer(spec, "maxFailedIndexes"), integer(spec, "completions")
        for field in ("parallelism", "maxFailedIndexes"):
            if (integer(spec, field) or 0) > _MOST:
                yield said((*path, field), f"{field} is above {_MOST:,}", f"Write at most {_MOST}.")
        if failed is not None and completions is not None and failed > completions:
            yield said((*path, "maxFailedIndexes"), "more may fail than there are", "Write at most completions.")
        yield from _large(spec, path)


def _large(spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """Beyond 100,000 completions with a limit for each index, the other numbers have to be small."""
    if (integer(spec, "completions") or 0) <= _MOST or not present(spec, "backoffLimitPerIndex"):
        return
    failed = integer(spec, "maxFailedIndexes")
    if failed is None or failed > _MOST // 10 or (integer(spec, "parallelism") or 1) > _MOST // 10:
        advice = f"Set maxFailedIndexes and parallelism to at most {_MOST // 10}."
        yield said((*path, "completions"), f"more than {_MOST:,} completions need other limits", advice)


@refusal(
    id="K8S090",
    name="job-mode",
    kinds=(JOB, CRON_JOB),
    message="{problem}",
    fix="{advice}",
    source=BATCH,
    bad=with_field(EXAMPLE, "completionMode: Indexed\n  parallelism: 4"),
    good=with_field(EXAMPLE, "completionMode: Indexed\n  completions: 4"),
    when=keys(
        *("completionMode", "backoffLimitPerIndex", "maxFailedIndexes", "podFailurePolicy", "successPolicy"),
        *("podReplacementPolicy", "managedBy"),
    ),
)
def job_mode(subject: Subject) -> Iterable[Hit]:
    """In an indexed Job every pod has a number, so it says how many there are.

    Limits for each index make sense there only. A policy for failures needs pods that aren't restarted in place.
    """
    path, spec = job(subject)
    mode = text(spec, "completionMode")
    if mode is not None and mode not in _MODES:
        yield said((*path, "completionMode"), f"'{mode}' is no completionMode", f"Write {' or '.join(_MODES)}.")
    # A Job that says neither has one of each; the template in a CronJob is not filled in.
    counted = kind_of(subject.document) == JOB and not present(spec, "parallelism")
    if mode == "Indexed" and not present(spec, "completions") and not counted:
        yield said((*path, "completions"), "an indexed Job has no completions", "Add completions.")
    if mode in (None, "NonIndexed"):
        for field in ("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"):
            if present(spec, field):
                yield said((*path, field), f"{field} needs completionMode: Indexed", "Add it.", on_key=True)
    if present(spec, "maxFailedIndexes") and not present(spec, "backoffLimitPerIndex"):
        advice = "Add backoffLimitPerIndex."
        yield said((*path, "maxFailedIndexes"), "it needs backoffLimitPerIndex", advice, on_key=True)
    manager = spec.get("managedBy")
    if isinstance(manager, str) and (not is_prefixed_path(manager) or len(manager) > _MANAGER):
        yield said((*path, "managedBy"), f"'{manager}' is no domain and path", "Write for example example.com/manager.")
    yield from _failure_policy(subject, spec, path)
    if isinstance(spec.get("successPolicy"), dict) and mode == "Indexed":
        yield from _success_policy(spec, (*path, "successPolicy"))


def _failure_policy(subject: Subject, spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    replacement = spec.get("podReplacementPolicy")
    policy = isinstance(spec.get("podFailurePolicy"), dict)
    allowed = ("Failed",) if policy else ("Failed", "TerminatingOrFailed")
    if isinstance(replacement, str) and replacement not in allowed:
        yield said((*path, "podReplacementPolicy"), f"it can't be '{replacement}'", f"Write {' or '.join(allowed)}.")
    if not policy:
        return
    found = pod(subject)
    if text(found.spec, "restartPolicy") == "OnFailure":
        advice = "Write restartPolicy: Never."
        yield said((*found.spec_path, "restartPolicy"), "a podFailurePolicy needs restartPolicy Never", advice)
    names = {text(one, "name") for part in ("containers", "initContainers") for one in sequence(found.spec, part)}
    for place, rule in items(spec, path, "podFailurePolicy", "rules"):
        action = text(rule, "action") or ""
        if action not in _ACTIONS:
            yield said((*place, "action"), f"'{action}' is no action", f"Write {', '.join(_ACTIONS)}.")
        elif action == "FailIndex" and not present(spec, "backoffLimitPerIndex"):
            yield said((*place, "action"), "FailIndex needs backoffLimitPerIndex", "Add it to the Job.")
        yield from _failure_rule(rule, place, names)


def _failure_rule(rule: Mapping[str, Any], place: Path, names: set[str | None]) -> Iterator[Hit]:
    codes = rule.get("onExitCodes")
    if (codes is not None) == bool(sequence(rule, "onPodConditions")):
        yield said(place, "a rule has one of onExitCodes and onPodConditions", "Set exactly one of them.")
    if isinstance(codes, dict):
        yield from _exit_codes(codes, (*place, "onExitCodes"), names)
    for at, condition in items(rule, place, "onPodConditions"):
        status = text(condition, "status") or "True"
        if not is_qualified(text(condition, "type") or "") or status not in ("True", "False", "Unknown"):
            yield said(at, "a condition has no type, or no status that there is", "Write for example DisruptionTarget.")


def _exit_codes(codes: Mapping[str, Any], path: Path, names: set[str | None]) -> Iterator[Hit]:
    operator, values = text(codes, "operator") or "", [value or 0 for value in sequence(codes, "values")]
    if operator not in ("In", "NotIn"):
        yield said((*path, "operator"), f"'{operator}' is no operator", "Write In or NotIn.")
    container = codes.get("containerName")
    if isinstance(container, str) and container not in names:
        yield said((*path, "containerName"), f"there is no container '{container}'", "Name one of the template's.")
    if not values or values != sorted(set(values)) or (operator == "In" and 0 in values):
        advice = "Write them in order, each once, and no 0 with In."
        yield said((*path, "values"), "the exit codes are none, unordered, doubled or 0", advice, on_key=True)


def _success_policy(spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    rules = sequence(spec, "successPolicy", "rules")
    # Where neither is given, a Job has one of both.
    completions = integer(spec, "completions") if present(spec, "completions") or present(spec, "parallelism") else 1
    if not rules:
        yield said((*path, "rules"), "a successPolicy has no rules", "Add one.")
    for place, rule in items(spec, path[:-1], "successPolicy", "rules"):
        count = integer(rule, "succeededCount")
        if count is None and not present(rule, "succeededIndexes"):
            yield said(place, "a rule has neither succeededCount nor succeededIndexes", "Add one of them.")
        most, indexes = completions, rule.get("succeededIndexes")
        if isinstance(indexes, str) and completions is not None:
            named = _indexes(indexes, completions)
            if named is None or len(indexes) > _INDEXES:
                advice = "Write numbers and ranges in order, such as 0,2-4, each below completions."
                yield said((*place, "succeededIndexes"), f"'{indexes}' are no indexes of this Job", advice)
            most = min(completions, named or 0)
        if count is not None and (count < 0 or (most is not None and count > most)):
            yield said((*place, "succeededCount"), f"{count} pods can't succeed", f"Write at most {most}.")


def _indexes(text_: str, completions: int) -> int | None:
    """How many indexes a list of numbers and ranges names; None for what is none, or not in order."""
    total, last = 0, -1
    for interval in text_.split(",") if text_ else ():
        first, dash, second = interval.partition("-")
        if not _INDEX.fullmatch(first) or (dash and not _INDEX.fullmatch(second)):
            return None
        low, high = int(first), int(second) if dash else int(first)
        if low <= last or (dash and high <= low) or high >= completions:
            return None
        total, last = total + high - low + 1, high
    return total


@refusal(
    id="K8S091",
    name="job-selector",
    kinds=(JOB, CRON_JOB),
    message="{problem}",
    fix="{advice}",
    source=BATCH,
    bad=with_field(EXAMPLE, "selector: {matchLabels: {app: digits}}"),
    good=EXAMPLE,
)
def job_selector(subject: Subject) -> Iterable[Hit]:
    """The API server itself makes a Job's selector, and labels the Job's pods with its name and its uid.

    So the name is short enough for a label, and nobody else writes a selector or those labels. In a Job that is there
    they are the server's, and can't be changed.
    """
    path, spec = job(subject)
    if kind_of(subject.document) == CRON_JOB:
        for field in ("selector", "manualSelector"):
            if present(spec, field) and spec[field] is not False:
                yield said((*path, field), f"a CronJob's Jobs have no {field} of their own", "Remove it.", on_key=True)
        return
    if spec.get("manualSelector") is True:
        if not present(spec, "selector"):
            yield said((*path, "selector"), "manualSelector needs a selector", "Add it, or remove manualSelector.")
        return
    if subject.index.before(subject.document) is None:
        yield from _generated(subject, path, spec)


def _generated(subject: Subject, path: Path, spec: Mapping[str, Any]) -> Iterator[Hit]:
    """What stands where the API server writes when it makes the Job."""
    name = text(subject.data, "metadata", "name") or ""
    if name and not is_label_value(name):
        yield said(("metadata", "name"), "the name is too long for the label job-name", "Use at most 63 characters.")
    labels = mapping(pod(subject).meta, "labels")
    for label in (*_NAME_LABELS, *_UID_LABELS):
        wrong = label in _UID_LABELS or (labels.get(label) or "") != name
        if label in labels and wrong and name:
            place = (*pod(subject).path, "metadata", "labels", label)
            yield said(place, f"the label {label} is set by the API server", "Remove it.", on_key=True)
    selector = mapping(spec, "selector")
    given = mapping(selector, "matchLabels") or sequence(selector, "matchExpressions")
    if given and not selects(selector, dict.fromkeys(_NAME_LABELS, name)):
        yield said((*path, "selector"), "a Job's selector is made by the API server", "Remove it.", on_key=True)
