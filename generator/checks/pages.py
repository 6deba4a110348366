"""``docs/rules/``: a page a rule, the list of them, and which known trouble each answers; printed from the registry.

``make golden`` writes the pages, and a test holds them against what is printed here.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from generator.checks.example import shown
from generator.checks.registry import registry
from generator.rendering.reference import HEAD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.rule import Rule

PREFIXES: Mapping[str, str] = {
    "K8S": "Kubernetes: reading, structure and metadata of any object",
    "KSV": "KServe",
    "SC1": "Seldon Core 1",
    "SC2": "Seldon Core 2",
    "KFT": "Kubeflow Training Operator and Kubeflow Trainer",
    "GWA": "Gateway API",
    "REF": "References between objects",
    "ART": "Artifacts and the servers that load them",
    "POL": "Good practice",
}
"""The families of rules, in the order of the list."""

TITLES: Mapping[str, str] = {
    "argo-rollouts": "Argo Rollouts",
    "keda": "KEDA",
    "knative-serving": "Knative Serving",
    "kserve": "KServe",
    "seldon-core-1": "Seldon Core 1",
    "seldon-core-2": "Seldon Core 2",
    "gateway-api": "Gateway API",
    "gateway-api-experimental": "Gateway API's experimental channel",
    "kubernetes": "Kubernetes",
    "kubeflow-trainer": "Kubeflow Trainer",
    "kubeflow-training-operator": "Kubeflow Training Operator",
}

PROVEN = ("0.15", "0.16", "0.17", "0.19", "0.20")
"""The releases of KServe whose webhooks tests/oracle runs; a test holds this against its folders."""

IDS = re.compile(r"[A-Z0-9]{3}[0-9]{3}(?: [A-Z0-9]{3}[0-9]{3})*")


def releases(rule: Rule) -> str:
    """Where a rule holds, in words: ``KServe 0.16.0 and newer, before 0.17.0``."""
    if rule.product is None:
        return "every cluster"
    if rule.meaning is not None:
        return f"an upgrade of {TITLES[rule.product]} to {rule.since} or newer"
    bounds = [f"{rule.since} and newer"] if rule.since else []
    bounds += [f"before {rule.until}"] if rule.until else []
    return f"{TITLES[rule.product]} {', '.join(bounds) or 'of any release'}"


def pages(known: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Every page by its file name.

    Args:
        known: By area, what is known to go wrong: the ids of its rules, or why there is none.
    """
    found = {f"{rule.id}.md": rule_page(rule) for rule in registry().rules}
    return {"README.md": index_page(), "coverage.md": coverage_page(known), **found}


def rule_page(rule: Rule) -> str:
    """All that is known of one rule."""
    kinds = ", ".join(kind.kind for kind in rule.kinds) or "all kinds"
    source = rule.source
    parts = (
        f"{HEAD}# {rule.id}: {rule.name.replace('-', ' ')}\n",
        f"**{str(rule.severity).capitalize()}** for {kinds} · {releases(rule)} · decided by {rule.stage.value}\n",
        f"{_plain(rule.why)}\n",
        *((f"- before: {rule.meaning.before}\n- after: {rule.meaning.after}\n",) if rule.meaning else ()),
        (
            f"- says: `{rule.message}`\n- fix: `{rule.fix}`\n- name: `{rule.name}`\n"
            f"- source: [{source.repository}, {source.tag}, {source.path}]({source.url})\n"
        ),
        *((f"## As it was\n\n```yaml\n{shown(rule.before)}\n```\n",) if rule.before else ()),
        f"## Bad\n\n```yaml\n{shown(rule.bad)}\n```\n",
        f"## Good\n\n```yaml\n{shown(rule.good)}\n```\n",
        (
            f'Silence it on one object with the annotation `serinus.dev/ignore: "{rule.id}"`, everywhere with '
            f'`ignore = ["{rule.id}"]` in [serinus.toml](../validate.md#serinustoml). '
            f"`serinus explain {rule.id}` shows this page in a terminal.\n"
        ),
    )
    return "\n".join(parts)


def index_page() -> str:
    """The list of all rules, by family."""
    rules = registry().rules
    parts = [
        (
            f"{HEAD}# What is checked\n\n{len(rules)} rules. An *error* is refused by the API server or by a webhook "
            "of the named release; a *warning* is accepted and then silently otherwise, or fails late; a *note* is "
            "good practice, or what can't be known from the given files. `serinus rules` prints the same list, "
            "[coverage](coverage.md) tells which known trouble each rule answers.\n"
        )
    ]
    families = {prefix: list(found) for prefix, found in groupby(rules, key=lambda rule: rule.id[:3])}
    for prefix, title in PREFIXES.items():
        if prefix in families:
            parts.append(f"\n## {title}\n\n| rule | | against | holds for |\n| --- | --- | --- | --- |\n")
            parts += [
                f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.name.replace('-', ' ')} | {releases(rule)} |\n"
                for rule in families[prefix]
            ]
    return "".join(parts)


def coverage_page(known: Mapping[str, Mapping[str, str]]) -> str:
    """What is known to go wrong on the platforms, and the rules that tell it."""
    rows = [(what, answer) for area in known.values() for what, answer in area.items()]
    covered = sum(ids(answer) != () for _, answer in rows)
    parts = [
        (
            f"{HEAD}# What is known to go wrong, and the rules for it\n\n"
            "Read from the sources of the platforms, release by release, and from manifests in public repositories. "
            f"{covered} of {len(rows)} have a rule; the others say why they have none.\n\n{proof()}\n"
        )
    ]
    for area, answers in known.items():
        parts.append(f"\n## {area}\n\n| what | rules |\n| --- | --- |\n")
        parts += [f"| {_cell(what)} | {_answer(answer)} |\n" for what, answer in answers.items()]
    return "".join(parts)


def proof() -> str:
    """By what the verdicts on KServe's kinds are proven."""
    *others, last = PROVEN
    return (
        f"The verdicts on KServe's kinds are held against KServe's own webhooks of {', '.join(others)} and {last} "
        "(tests/oracle). Of 0.18 and 0.21 no Go module can be had. 0.18 lies between two that are proven, and its "
        "bounds are read from the sources at its tag. 0.21 follows 0.20 but for what its CRDs, its wheels and master's "
        "sources of August 2026 show; a rule that rests on that says so by its source."
    )


def ids(answer: str) -> tuple[str, ...]:
    """The rules that an answer names; empty where it is a reason."""
    return tuple(answer.split()) if IDS.fullmatch(answer) else ()


def _answer(answer: str) -> str:
    named = ids(answer)
    return " ".join(f"[{rule}]({rule}.md)" for rule in named) if named else f"none: {_cell(answer)}"


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Text that is no HTML."""
    return text.replace("<", "&lt;")
