"""Before any schema: unreadable text, objects without a kind, kinds that nobody serves. The engine applies them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Rule, Source, Stage
from generator.checks.rules.k8s import ROUTE, alternatives
from generator.checks.subject import kind_of
from generator.schemas import load, serving

if TYPE_CHECKING:
    from generator.reading.documents import Document
    from generator.schemas import Target

UNREADABLE = Rule(
    id="K8S001",
    name="unreadable-document",
    why="What kubectl can't read it doesn't send. The rest of the file is still checked.",
    product=None,
    stage=Stage.READING,
    severity=Severity.ERROR,
    message="this can't be read: {reason}",
    fix="Mend the text, or check what a template is rendered to; kubectl refuses the file as well.",
    source=Source("kubernetes-sigs/yaml", "v1.6.0", "yaml.go"),
    bad=f"{ROUTE}---\nspec: [1, 2\n",
    good=ROUTE,
)

KIND_MISSING = Rule(
    id="K8S002",
    name="no-kind",
    why="apiVersion and kind say what an object is; without them the API server can't know where it belongs.",
    product=None,
    stage=Stage.READING,
    severity=Severity.ERROR,
    message="this is no Kubernetes object: it lacks {missing}",
    fix="Add what is missing; or leave a file that is not for Kubernetes out of the check.",
    source=Source(
        "kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json/json.go"
    ),
    bad=ROUTE.replace("kind: HTTPRoute\n", ""),
    good=ROUTE,
)

KIND_NOT_SERVED = Rule(
    id="K8S003",
    name="kind-not-served",
    why="The release has the whole API group, and this kind in this version is not part of it: it came later, it is "
    "gone, or it is misspelt. The API server answers 'no matches for kind'.",
    product=None,
    stage=Stage.STRUCTURE,
    severity=Severity.ERROR,
    message="{target} serves no {kind} in {version}",
    fix="{advice}",
    source=Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/api/meta/errors.go"),
    bad=ROUTE.replace("gateway.networking.k8s.io/v1\n", "gateway.networking.k8s.io/v1alpha2\n"),
    good=ROUTE,
)

KIND_UNKNOWN = Rule(
    id="K8S004",
    name="unknown-kind",
    why="No schema pack knows the kind, so the document is not checked and counts as skipped; --strict refuses it.",
    product=None,
    stage=Stage.READING,
    severity=Severity.NOTE,
    message="{kind} of {version} is not checked: no schema pack knows it",
    fix="Import its CRD: serinus schema import FILE.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/api/meta/errors.go"),
    bad="""
apiVersion: example.com/v1
kind: Canary
metadata:
  name: digits
""",
    good=ROUTE,
)


def where_served(target: Target, document: Document) -> dict[str, Any]:
    """The advice for a kind that a release doesn't serve: its right version, the release that has it, a near name."""
    group, kind = kind_of(document)
    pack = load(target.product, target.version)
    versions = pack.served(group, kind)
    if versions:
        return {
            "advice": f"Write apiVersion: {alternatives([f'{group}/{version}'.lstrip('/') for version in versions])}."
        }
    others = serving(group, document.api_version.rpartition("/")[2], kind) or serving(group, "", kind)
    if others:
        return {"advice": f"It is served by {alternatives([str(other) for other in others])}."}
    homes = sorted({f"{found}/{version}".lstrip("/") for found, version, name in pack.kinds if name == kind})
    if homes:
        return {"advice": f"Write apiVersion: {alternatives(homes)}."}
    known = sorted({name for found, _, name in pack.kinds if found == group})
    near = get_close_matches(kind, known, 1)
    of_group = f"Known kinds of {group or 'v1'}: {', '.join(known)}." if known else f"Nothing is served in {group}."
    return {"advice": f"Write kind: {near[0]}." if near else of_group}
