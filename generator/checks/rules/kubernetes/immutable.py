"""What the API server refuses to change in an object that is there; ``--previous`` says what is there."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.changes import CHANGES, changed_fields
from generator.checks.rules.kubernetes.claims import GOOD as CLAIM_EXAMPLE
from generator.checks.rules.kubernetes.configuration import MAP_EXAMPLE
from generator.checks.rules.kubernetes.examples import DEPLOYMENT as EXAMPLE
from generator.checks.rules.kubernetes.objects import CORE, refusal
from generator.checks.rules.kubernetes.resources import number
from generator.checks.structure.change import is_live
from generator.checks.subject import kind_of, mapping, reach
from generator.reading.documents import format_path
from generator.schemas.kinds import CLAIM, CONFIG_MAP, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

_RECOVERABLE = (1, 32)


@refusal(
    id="K8S123",
    name="immutable-field",
    kinds=tuple(CHANGES),
    message="{field} of a {kind} can't be changed",
    fix="Keep what is there; to change it, delete the object and create it anew, or create one of another name.",
    source=CORE,
    before=EXAMPLE,
    bad=EXAMPLE.replace("app: digits", "app: digits-v2"),
    good=EXAMPLE.replace("server:1.0", "server:1.1"),
)
def immutable_field(subject: Subject) -> Iterable[Hit]:
    """Some fields say what an object is, and others count on that.

    A Deployment's selector, a Service's address, the role of a binding and the pods of a Job are such. To add such a
    field or to take it away is a change as well, unless it says what counts without it. Only --previous shows that.
    """
    before = subject.index.before(subject.document)
    if before is None:
        return
    kind = kind_of(subject.document)
    for path in changed_fields(kind, subject.data, before.data, subject.release):
        yield hit(*path, on_key=True, field=format_path(path), kind=kind.kind)


@refusal(
    id="K8S124",
    name="immutable-config",
    kinds=(CONFIG_MAP, SECRET),
    message="the object is immutable, and {field} differs",
    fix="Create one of another name and point to that; or delete this one first.",
    source=CORE,
    before=f"{MAP_EXAMPLE}immutable: true\n",
    bad=f"{MAP_EXAMPLE.replace('debug', 'info')}immutable: true\n",
    good=f"{MAP_EXAMPLE}immutable: true\n",
)
def immutable_config(subject: Subject) -> Iterable[Hit]:
    """A ConfigMap or Secret that was once made immutable stays so, with all that is in it."""
    before = subject.index.before(subject.document)
    if before is None or before.data.get("immutable") is not True:
        return
    new = subject.data
    if new.get("immutable") is not True:
        yield hit("immutable", on_key=True, field="immutable")
    content = _texts if kind_of(subject.document) == CONFIG_MAP else _secrets
    for field in ("data", "binaryData") if content is _texts else ("data",):
        # What is stored empty is stored as nothing, which an empty mapping isn't; a ConfigMap's data has that default.
        emptied = new.get(field) == {} and not content(new, field) and (field, content) != ("data", _texts)
        if emptied or content(new, field) != content(before.data, field):
            yield hit(field, on_key=True, field=field)


def _texts(data: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {key: value or "" for key, value in mapping(data, field).items()}


def _secrets(data: Mapping[str, Any], field: str) -> dict[str, Any]:
    """What is in a Secret; a plain text takes the place of an encoded one of the same key."""
    plain = {key: (value or "").encode() for key, value in mapping(data, "stringData").items()}
    return {key: _decoded(value) for key, value in mapping(data, field).items()} | plain


def _decoded(value: Any) -> Any:
    try:
        return base64.b64decode(value or "") if isinstance(value, str | None) else value
    except binascii.Error:
        return value


@refusal(
    id="K8S125",
    name="claim-shrinks",
    kinds=(CLAIM,),
    message="the claim asks for {new}, and there are {old} already",
    fix="Ask for {old} or more; storage grows only.",
    source=CORE,
    before=f"{CLAIM_EXAMPLE}status: {{phase: Bound, capacity: {{storage: 10Gi}}}}\n",
    bad=CLAIM_EXAMPLE.replace("10Gi", "5Gi"),
    good=CLAIM_EXAMPLE.replace("10Gi", "20Gi"),
)
def claim_shrinks(subject: Subject) -> Iterable[Hit]:
    """A claim can be raised where its class allows that, never lowered below what it has.

    Since Kubernetes 1.32 a raise that failed may be taken back. A file doesn't say what the claim has: what it asked
    for then.
    """
    before = subject.index.before(subject.document)
    if before is None:
        return
    path = ("spec", "resources", "requests", "storage")
    new, asked = reach(subject.data, *path), reach(before.data, *path)
    has = reach(before.data, "status", "capacity", "storage")
    strict = (subject.release is not None and subject.release < _RECOVERABLE) or (
        has is None and not is_live(before.data)
    )
    wanted, old, size = number(new), number(asked), number(has)
    if new is None or wanted is None or old is None or wanted >= old:
        return
    if strict or (has is not None and size is not None and wanted <= size):
        yield hit(*path, new=new, old=asked if strict else has)
