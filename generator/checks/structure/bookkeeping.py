"""What controllers and the API server itself write into metadata: owners, finalizers, generation, managed fields.

At the creation of an object the request handler has its say before validation: it sets the generation where the kind
has one, merges owners that stand twice, and drops managed fields that can't be decoded. Source:
``pkg/endpoints/handlers`` of k8s.io/apiserver, ``pkg/util/managedfields`` and ``pkg/api/validation`` of
k8s.io/apimachinery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.structure.names import key_fault
from generator.checks.structure.problem import Code, Path, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def bookkeeping_problems(metadata: dict[str, Any], path: Path, *, counted: bool, created: bool) -> Iterator[Problem]:
    """What is refused of it.

    Args:
        metadata: Decodes into ObjectMeta.
        path: Its path.
        counted: Whether the API server sets the generation itself.
        created: Whether it is an object that is created. Its managed fields are then the server's: of those that are
            given it keeps what can be decoded and owns a field that the object hasn't, which nobody writes by hand.
    """
    yield from _owners(metadata, path, merged=created)
    if not counted and (metadata.get("generation") or 0) < 0:
        yield Problem(Code.METADATA_VALUE, (*path, "generation"), values={"reason": "generation is negative"})
    yield from _finalizers(metadata, path)
    for index, entry in enumerate(() if created else metadata.get("managedFields") or ()):
        yield from _managed(entry or {}, (*path, "managedFields", index))


def _owners(metadata: dict[str, Any], path: Path, *, merged: bool) -> Iterator[Problem]:
    controllers = 0
    seen: list[dict[str, Any]] = []
    for index, raw in enumerate(metadata.get("ownerReferences") or ()):
        owner = raw or {}
        if merged and any(_same_owner(owner, other) for other in seen):
            continue
        seen.append(owner)
        place = (*path, "ownerReferences", index)
        for field in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(field):
                yield Problem(Code.METADATA_VALUE, (*place, field), values={"reason": f"{field} of an owner is empty"})
        if (owner.get("apiVersion") or "").count("/") > 1 or (owner.get("apiVersion") or "").endswith("/"):
            reason = f"{owner['apiVersion']} is no version of an owner's kind"
            yield Problem(Code.METADATA_VALUE, (*place, "apiVersion"), values={"reason": reason})
        if owner.get("kind") == "Event" and owner.get("apiVersion") in ("v1", "/v1"):
            yield Problem(Code.METADATA_VALUE, place, values={"reason": "an Event can't own anything"})
        controllers += owner.get("controller") is True
    if controllers > 1:
        reason = "only one owner may be the controller"
        yield Problem(Code.METADATA_VALUE, (*path, "ownerReferences"), on_key=True, values={"reason": reason})


def _same_owner(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two owners are one for the API server: equal in every field, an absent one and nought alike."""
    texts = all((one.get(name) or "") == (other.get(name) or "") for name in ("apiVersion", "kind", "name", "uid"))
    return texts and all(one.get(name) == other.get(name) for name in ("controller", "blockOwnerDeletion"))


def _finalizers(metadata: dict[str, Any], path: Path) -> Iterator[Problem]:
    finalizers = metadata.get("finalizers") or ()
    for index, finalizer in enumerate(finalizers):
        fault = key_fault(finalizer or "")
        if fault:
            yield Problem(Code.LABEL_KEY, (*path, "finalizers", index), values={"key": finalizer, "what": fault})
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        reason = "the finalizers orphan and foregroundDeletion exclude one another"
        yield Problem(Code.METADATA_VALUE, (*path, "finalizers"), on_key=True, values={"reason": reason})


def _managed(entry: dict[str, Any], path: Path) -> Iterator[Problem]:
    if entry.get("operation") not in ("Apply", "Update"):
        yield Problem(Code.METADATA_VALUE, (*path, "operation"), values={"reason": "operation is not Apply or Update"})
    if (entry.get("fieldsType") or "FieldsV1") != "FieldsV1":
        yield Problem(Code.METADATA_VALUE, (*path, "fieldsType"), values={"reason": "fieldsType is not FieldsV1"})
    if len((entry.get("manager") or "").encode()) > 128:  # noqa: PLR2004 (FieldManagerMaxLength)
        yield Problem(Code.METADATA_VALUE, (*path, "manager"), values={"reason": "manager is over 128 bytes"})
    if not (entry.get("manager") or "").isprintable():
        yield Problem(
            Code.METADATA_VALUE, (*path, "manager"), values={"reason": "manager has a character that can't be shown"}
        )
    if len((entry.get("subresource") or "").encode()) > 256:  # noqa: PLR2004 (MaxSubresourceNameLength)
        yield Problem(Code.METADATA_VALUE, (*path, "subresource"), values={"reason": "subresource is over 256 bytes"})
