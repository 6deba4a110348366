"""Verdicts as plain values: for the way between processes, and to be remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Finding, Meaning, Offspring, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


def packed(verdict: Verdict) -> tuple[Any, ...]:
    """A verdict as plain values."""
    findings = [
        (
            *(one.rule, int(one.severity), one.message, one.fix, one.line, one.column, one.path, one.excerpt),
            *((one.meaning.before, one.meaning.after) if one.meaning else (None, None)),
            one.trace,
        )
        for one in verdict.findings
    ]
    seen = verdict.offspring
    return (
        *(verdict.file, verdict.document, verdict.kind, verdict.namespace, verdict.name, verdict.checked, findings),
        (seen.maker, seen.made, seen.refused),
    )


def unpacked(values: Sequence[Any]) -> Verdict:
    """The verdict that these values are.

    Raises:
        ValueError, TypeError: They are none.
    """
    file, document, kind, namespace, name, checked, findings, seen = values
    return Verdict(
        file=file,
        document=document,
        kind=kind,
        namespace=namespace,
        name=name,
        checked=checked,
        offspring=Offspring(*seen),
        findings=tuple(
            Finding(
                rule=rule,
                severity=Severity(severity),
                message=message,
                fix=fix,
                file=file,
                line=line,
                column=column,
                document=document,
                path=path,
                kind=kind,
                name=name,
                namespace=namespace,
                excerpt=excerpt,
                meaning=None if before is None else Meaning(before=before, after=after),
                trace=trace,
            )
            for rule, severity, message, fix, line, column, path, excerpt, before, after, trace in findings
        ),
    )
