"""The validation rules that a CRD carries, written in CEL."""

from __future__ import annotations

from generator.checks.finding import Severity
from generator.checks.rules.k8s import CEL, ROUTE, SAMPLE, structural
from generator.checks.structure.verdict import Code

CEL_RULE = structural(
    code=Code.CEL_RULE,
    id="K8S032",
    why="The CRD has a rule of its own for this value, beyond types and bounds; the API server evaluates it.",
    message="a rule of the CRD does not hold: {message}",
    fix="Change the object so that this holds: {rule}.",
    bad=ROUTE.replace(
        "    - backendRefs", "    - matches: [{path: {type: PathPrefix, value: digits}}]\n      backendRefs"
    ),
    source=CEL,
)

CLASS = """
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata:
  name: models
spec:
  controllerName: example.com/gateway
"""

CEL_TRANSITION = structural(
    code=Code.CEL_TRANSITION,
    id="K8S150",
    why="The CRD has a rule on how this value may change; the API server evaluates it with the old object.",
    message="a rule of the CRD forbids this change: {message}",
    fix="Keep what is there; to change it, delete the object and create it anew. The rule is: {rule}.",
    before=CLASS,
    bad=CLASS.replace("/gateway", "/other"),
    good=CLASS.replace("spec:", "spec:\n  description: for models"),
    source=CEL,
)

CEL_ERROR = structural(
    code=Code.CEL_ERROR,
    id="K8S033",
    why="A rule of the CRD fails while it is evaluated, and the API server takes that as a refusal.",
    message="a rule of the CRD can't be evaluated on this object: {error}",
    fix="Change the object so that this can be evaluated: {rule}.",
    bad=SAMPLE.replace("step: 10", "step: 10\n  divisor: 0"),
    good=SAMPLE,
    source=CEL,
)

CEL_UNCHECKED = structural(
    code=Code.CEL_UNCHECKED,
    id="K8S035",
    why="The CRD has a rule that uses something Serinus doesn't know, so nobody looked whether it holds.",
    message="a rule of the CRD was not checked: {error}",
    fix="Let the API server look: kubectl apply --dry-run=server. The rule is: {rule}.",
    bad=SAMPLE.replace("step: 10", "step: 10\n  riddle: x"),
    good=SAMPLE,
    source=CEL,
    severity=Severity.NOTE,
)
