"""Stickiness and retries of a route, which Gateway API 1.7 writes in another form and gives defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Meaning, Severity
from generator.checks.misplaced import Misplaced
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.rules.references import ROUTES
from generator.checks.subject import mapping, sequence
from generator.schemas.kinds import HTTP_ROUTE
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

V1_7 = Version(1, 7)
EXPERIMENTAL = "gateway-api-experimental"
CHANGES = Source("kubernetes-sigs/gateway-api", "v1.7.0", "CHANGELOG/1.7-CHANGELOG.md")
TYPES = Source("kubernetes-sigs/gateway-api", "v1.7.0", "apis/v1/httproute_types.go")
SESSION, RETRY = "sessionPersistence", "retry"

_NEW_FORM = (
    "Since Gateway API 1.7 write cookie: {name: …, path: /} beside type: Cookie, or header: {name: …} beside Header."
)
_OLD_FORM = "Up to Gateway API 1.6 write sessionName: …; cookie and header came with 1.7."
ADVICE = {
    (SESSION, "sessionName"): _NEW_FORM,
    (SESSION, "cookieConfig"): "Since Gateway API 1.7 write cookie: {name: …, lifetimeType: …}.",
    (SESSION, "cookie"): _OLD_FORM,
    (SESSION, "header"): _OLD_FORM,
}
HTTP, GRPC = (Misplaced(kind, ADVICE) for kind in ROUTES)


def _route(more: str) -> str:
    return ROUTE.replace("    - backendRefs", f"    - {more}\n      backendRefs", 1)


def _parts(subject: Subject, field: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Place and content of a part of each rule."""
    for number, entry in enumerate(sequence(subject.data, "spec", "rules")):
        found = mapping(entry).get(field)
        if isinstance(found, dict):
            yield ("spec", "rules", number, field), found


@rule(
    id="GWA002",
    name="cookie-loses-its-name",
    product=EXPERIMENTAL,
    kinds=ROUTES,
    when=frozenset({SESSION}),
    since=V1_7,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the gateway keeps clients by a cookie or header named '{name}', whose path is the route's own",
        after="a stored route loses the name when it's read, so that the gateway chooses one or none, and a new one "
        "is refused",
    ),
    message="the name of the sticky session, '{name}', is lost with the upgrade",
    fix="Render or write the route anew in the moment of the upgrade: cookie: {{name: …, path: /}}.",
    source=CHANGES,
    bad=_route("sessionPersistence: {type: Cookie, sessionName: arm}"),
    good=ROUTE,
)
def cookie_loses_its_name(subject: Subject) -> Iterator[Hit]:
    """There is no form that both releases take. In 1.7 the cookie's path is `/` where none is given.

    Then two routes of one host whose cookies have one name overwrite each other's.
    """
    for path, found in _parts(subject, SESSION):
        if "sessionName" in found:
            yield Hit((*path, "sessionName"), {"name": found["sessionName"]}, on_key=True)


@rule(
    id="GWA003",
    name="retries-begin",
    product="gateway-api",
    kinds=(HTTP_ROUTE,),
    when=frozenset({RETRY}),
    since=V1_7,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="{before}",
        after="a request is tried {attempts} more time{s}, if the gateway implements it",
    ),
    message="with the upgrade the route's retry {begins}",
    fix="Write attempts out; for a model that answers slowly each retry is a whole prediction more.",
    source=TYPES,
    bad=_route("retry: {codes: [503]}"),
    good=ROUTE,
)
def retries_begin(subject: Subject) -> Iterator[Hit]:
    """In the standard channel the field is new; in the experimental one a retry without attempts gets a number."""
    known = any(target.product == EXPERIMENTAL for target in subject.beside)
    for path, found in _parts(subject, RETRY):
        attempts = found.get("attempts", 1)
        if attempts == 0 or (known and "attempts" in found):
            continue
        before = (
            "the gateway tries as often as it likes"
            if known
            else "the standard channel has no retry: strict decoding refuses it, and any other drops it without a word"
        )
        begins = "has a number of attempts" if known else "takes effect"
        values = {"before": before, "attempts": attempts, "s": "" if attempts == 1 else "s", "begins": begins}
        yield Hit(path, values, on_key=True)


@rule(
    id="GWA004",
    name="retry-without-attempts",
    product="gateway-api",
    kinds=(HTTP_ROUTE,),
    when=frozenset({RETRY}),
    since=V1_7,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the API server writes attempts: 1 into a retry that has none, which GitOps tools show as a change",
    fix="Write attempts: 1, or the number that you mean.",
    source=TYPES,
    bad=_route("retry: {codes: [503]}"),
    good=_route("retry: {codes: [503], attempts: 1}"),
)
def retry_without_attempts(subject: Subject) -> Iterator[Hit]:
    """Since 1.7 the field has a default. 0 means no retries for the rule."""
    for path, found in _parts(subject, RETRY):
        if found.get("attempts") is None:
            yield Hit(path, on_key=True)
