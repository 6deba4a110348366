"""Claims on devices (dynamic resource allocation)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import container
from generator.checks.rules.kubernetes.objects import (
    CORE,
    POD_KINDS,
    items,
    keys,
    present,
    refusal,
    said,
)
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.resources import asked
from generator.checks.rules.kubernetes.syntax import SUBDOMAIN, is_label, is_subdomain
from generator.checks.subject import text
from generator.reading.documents import format_path
from generator.schemas import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path


@refusal(
    id="K8S069",
    name="resource-claim",
    since=Version(1, 34),
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("resources: {claims: [{name: gpu}]}"),
    good=container("resources: {claims: [{name: gpu}]}")
    + "      resourceClaims: [{name: gpu, resourceClaimName: gpu}]\n",
    when=keys("claims", "resourceClaims"),
)
def resource_claim(subject: Subject) -> Iterable[Hit]:
    """A container uses a claim of its pod by name; the pod says which ResourceClaim it is, or which template."""
    found = pod_of(subject)
    names: set[str] = set()
    pod = format_path(found.spec_path)
    for place, claim in items(found.spec, found.spec_path, "resourceClaims"):
        yield from _pod_claim(claim, place, names)
    for one in asked(subject):
        if one.whole and present(one.spec, "claims"):
            yield said(
                (*one.path, "claims"), "a pod as a whole has no claims", "Move them to a container.", on_key=True
            )
        used: set[tuple[str, str]] = set()
        for place, claim in items(one.spec, one.path, "claims"):
            name, request = text(claim, "name") or "", text(claim, "request") or ""
            if not name or name not in names:
                yield said((*place, "name"), f"the pod has no claim '{name}'", f"Add it to {pod}.resourceClaims.")
            if request and not is_label(request):
                yield said((*place, "request"), f"'{request}' can't be the name of a request", "Use a DNS label.")
            if (name, request) in used or (name, "") in used or (not request and any(name == old for old, _ in used)):
                yield said(place, f"the claim '{name}' stands twice", "Remove one of them.")
            used.add((name, request))


def _pod_claim(claim: Mapping[str, Any], place: Path, names: set[str]) -> Iterator[Hit]:
    name = text(claim, "name") or ""
    if not is_label(name):
        yield said((*place, "name"), f"a claim can't have the name '{name}'", "Use a DNS label.")
    elif name in names:
        yield said((*place, "name"), f"two claims have the name '{name}'", "Rename one of them.")
    names.add(name)
    for field in ("resourceClaimName", "resourceClaimTemplateName"):
        value = claim.get(field)
        if isinstance(value, str) and not is_subdomain(value):
            yield said((*place, field), f"no object can have the name '{value}'", f"Use {SUBDOMAIN}.")
    if present(claim, "resourceClaimName") == present(claim, "resourceClaimTemplateName"):
        advice = "Set one of resourceClaimName and resourceClaimTemplateName."
        yield said(place, "a claim names a ResourceClaim, or a template of one", advice)
