"""The findings of several releases on one document, as the user is told them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.checks.finding import Finding
    from generator.checks.judging.judges import Judge


def merged(verdicts: Sequence[tuple[Judge, list[Finding]]]) -> list[Finding]:
    """The findings of several releases: what all say is said once, the rest names its releases."""
    if len(verdicts) == 1:
        return verdicts[0][1]
    said: dict[tuple[str, str, str], dict[str, Finding]] = {}
    for judge, findings in verdicts:
        for entry in findings:
            said.setdefault((entry.rule, entry.path, entry.message), {})[str(judge.target)] = entry
    return [
        entry if len(by) == len(verdicts) else replace(entry, message=f"{entry.message} ({', '.join(by)})")
        for by in said.values()
        for entry in (max(by.values(), key=lambda one: one.severity),)
    ]
