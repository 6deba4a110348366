"""The report as SARIF 2.1.0, for code scanning services.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import generator
from generator.checks.example import shown
from generator.checks.identity import identity
from generator.checks.outputs import Output, View
from generator.checks.registry import registry
from generator.text.json import escaped

if TYPE_CHECKING:
    from generator.checks.finding import Finding, Report
    from generator.checks.identity import Identity
    from generator.checks.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "serinus/v1"
"""The name of our fingerprints; another way to make them gets another number."""


def write(report: Report, _view: View) -> str:
    """One run, with the declarations of the rules that fired."""
    fired = sorted({finding.rule for finding in report.findings})
    positions = {rule: number for number, rule in enumerate(fired)}
    here = Path.cwd()
    seen: Counter[Identity] = Counter()
    results = []
    for finding in report.findings:
        who = identity(finding, here)
        seen[who] += 1
        results.append(_result(finding, positions[finding.rule], who, seen[who]))
    driver = {
        "name": "serinus",
        "semanticVersion": generator.__version__,
        "rules": [_rule(registry().by_id[rule]) for rule in fired],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return escaped(json.dumps(log, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode()) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    words = "".join(part.capitalize() for part in rule.name.split("-"))
    examples = f"Bad:\n\n```yaml\n{shown(rule.bad)}\n```\n\nGood:\n\n```yaml\n{shown(rule.good)}\n```"
    return {
        "id": rule.id,
        "name": words,
        "shortDescription": {"text": rule.name.replace("-", " ").capitalize() + "."},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.source.url,
        "help": {"text": rule.why, "markdown": f"{rule.why}\n\n{examples}"},
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(finding: Finding, position: int, who: Identity, number: int) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(finding.file, who.file)},
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.path:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": position,
        "level": str(finding.severity),
        "message": {"text": f"{finding.sentence}. {finding.fix}"},
        "locations": [place],
        "partialFingerprints": {FINGERPRINT: _fingerprint(who, number)},
    }


def _fingerprint(who: Identity, number: int) -> str:
    """The same for the same mistake after lines have moved: neither line nor column nor wording is in it."""
    text = json.dumps([*who, number])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _uri(file: str, name: str) -> str:
    """A file as seen from the working folder, which in CI is the repository; what lies outside is named in full."""
    if name.startswith("../") or PurePath(name).is_absolute():
        return Path(file).absolute().as_uri()
    return quote(name, errors="replace")


OUTPUT = Output(name="sarif", about="for code scanning services (SARIF 2.1.0)", write=write)
