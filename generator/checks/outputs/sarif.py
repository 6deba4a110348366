"""The report as SARIF 2.1.0, for code scanning services.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import generator
from generator.checks.outputs import Output
from generator.checks.registry import registry

if TYPE_CHECKING:
    from generator.checks.finding import Finding, Report
    from generator.checks.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 (SARIF has no colours)
    """One run, with the declarations of the rules that fired."""
    fired = sorted({finding.rule for finding in report.findings})
    positions = {rule: number for number, rule in enumerate(fired)}
    driver = {
        "name": "serinus",
        "semanticVersion": generator.__version__,
        "rules": [_rule(registry().by_id[rule]) for rule in fired],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, positions[finding.rule]) for finding in report.findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    words = "".join(part.capitalize() for part in rule.name.split("-"))
    example = f"Bad:\n\n```yaml\n{rule.bad.strip()}\n```\n\nGood:\n\n```yaml\n{rule.good.strip()}\n```"
    return {
        "id": rule.id,
        "name": words,
        "shortDescription": {"text": rule.name.replace("-", " ").capitalize() + "."},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.source.url,
        "help": {"text": rule.why, "markdown": f"{rule.why}\n\n{example}"},
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(finding: Finding, position: int) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(finding.file)},
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.path:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": position,
        "level": str(finding.severity),
        "message": {"text": f"{finding.message}. {finding.fix}"},
        "locations": [place],
    }


OUTPUT = Output(name="sarif", about="for code scanning services (SARIF 2.1.0)", render=render)
