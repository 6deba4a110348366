"""What the API server refuses, whatever the platform: text that can't be read, structure, metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Rule, Source, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.checks.structure.verdict import Code

VALIDATOR = Source(
    "kubernetes/kubernetes",
    "v1.34.0",
    "staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/validation/validation.go",
)
PRUNING = Source(
    "kubernetes/kubernetes",
    "v1.34.0",
    "staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go",
)
CEL = Source(
    "kubernetes/kubernetes",
    "v1.34.0",
    "staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go",
)
LIST_TYPE = Source(
    "kubernetes/kubernetes",
    "v1.34.0",
    "staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go",
)
META = Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go")

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: digits
spec:
  parentRefs: [{name: models}]
  hostnames: [digits.example.com]
  rules:
    - backendRefs: [{name: digits-predictor, port: 80}]
"""
"""A valid object that many examples bend."""

SAMPLE = """
apiVersion: samples.serinus.dev/v1
kind: Sample
metadata:
  name: digits
spec:
  step: 10
  choice: {low: 1}
  embedded: {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}
"""
"""A valid object of the CRD that the tests bring along, for what no shipped CRD has."""


def structural(
    *,
    code: Code,
    id: str,  # noqa: A002 (the word of CONTRACT)
    why: str,
    message: str,
    fix: str,
    bad: str,
    good: str = ROUTE,
    before: str = "",
    source: Source = VALIDATOR,
    severity: Severity = Severity.ERROR,
    words: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
) -> Rule:
    """Declare the rule for one code of the structural check; its name is the code's."""
    return Rule(
        id=id,
        name=code.value,
        why=why,
        product=None,
        stage=Stage.STRUCTURE,
        severity=severity,
        message=message,
        fix=fix,
        source=source,
        bad=bad,
        good=good,
        before=before,
        code=code,
        words=words,
    )


def alternatives(words: object) -> str:
    """A list of choices in words: ``a, b or c``; a long one is cut."""
    shown = [str(word) for word in words] if isinstance(words, (list, tuple)) else [str(words)]
    if len(shown) > 12:  # noqa: PLR2004 (what still reads as one line)
        shown = [*shown[:11], f"{len(shown) - 11} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}" if shown else "nothing"
