"""What a manifest says to Serinus: rules to be silent, releases to judge by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.listing import ids
from generator.checks.placing import IGNORE, silenced
from generator.checks.platforms import unknown
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.k8s import ROUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

ANNOTATIONS = Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go")
"""Annotations are free text to Kubernetes: it looks at their keys' syntax and their size, never at a value."""
COMMENTS = Source("kubernetes-sigs/yaml", "v1.6.0", "yaml.go")
"""Comments are gone once YAML is JSON: no cluster sees them."""


@rule(
    id="POL001",
    name="unknown-rule-silenced",
    product=None,
    when=frozenset({IGNORE}),
    stage=Stage.READING,
    severity=Severity.NOTE,
    message="there is no rule '{id}' to be silent about",
    fix="Write ids as serinus rules shows them, separated by commas, or remove it.",
    source=ANNOTATIONS,
    bad=ROUTE.replace("  name: digits\n", "  name: digits\n  annotations: {serinus.dev/ignore: GWA999}\n", 1),
    good=ROUTE.replace("  name: digits\n", "  name: digits\n  annotations: {serinus.dev/ignore: GWA001}\n", 1),
)
def unknown_rule_silenced(subject: Subject) -> Iterator[Hit]:
    """A misspelt id silences nothing."""
    for name in sorted(silenced(subject.document) - ids()):
        yield hit("metadata", "annotations", IGNORE, id=name)


@rule(
    id="POL002",
    name="unknown-platform-in-the-header",
    product=None,
    stage=Stage.READING,
    severity=Severity.WARNING,
    message="the file's comment names '{word}', of which there is no schema pack: the newest release judges instead",
    fix="Mend the comment, or import the release's CRDs: serinus schema import.",
    source=COMMENTS,
    bad=f"# serinus: platform gateway-api@0.9\n{ROUTE}",
    good=f"# serinus: platform gateway-api@1.5\n{ROUTE}",
)
def unknown_platform_in_the_header(subject: Subject) -> Iterator[Hit]:
    """A file that says what it was made for should be judged by that, and this one can't be."""
    for word in subject.index.derive(strange_words).get(subject.document.header or "", ()):
        yield hit(word=word)


def strange_words(index: Index) -> Mapping[str, list[str]]:
    """The words that name no release, by the comments of the set; most files of a repository share one comment."""
    headers = {document.header for document in index.here if document.header}
    return {header: unknown(header) for header in headers}
