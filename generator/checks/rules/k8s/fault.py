"""What Serinus itself can't do: a rule or a check of ours that breaks on an object. The engine applies it."""

from __future__ import annotations

from generator.checks.finding import Severity
from generator.checks.rule import Rule, Source, Stage
from generator.checks.rules.k8s import ROUTE

FAULT = Rule(
    id="K8S127",
    name="internal-fault",
    why="A check of Serinus broke on this object, so nobody knows what it would have said. All other checks were made. "
    "It can't be silenced, no baseline holds it, and the run ends with exit code 70: a verdict with a hole is none.",
    product=None,
    stage=Stage.FAULT,
    severity=Severity.WARNING,
    message="internal: {where} broke on this object ({error})",
    fix="Please report it, with this object and with the traceback that SERINUS_DEBUG=1 shows.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go"),
    bad=f"# No object is known that brings this about: one that did would have been mended.{ROUTE}",
    good=ROUTE,
)
