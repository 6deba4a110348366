"""Names and metadata to try on an object of any kind: what is taken, refused, filled in, merged and dropped."""

from __future__ import annotations

from typing import Any

NAMES = [
    *(
        "",
        "a",
        "A",
        "a.b",
        "a_b",
        "-a",
        "a-",
        "1",
        "1a",
        "a:b",
        "a/b",
        "%",
        ".",
        "..",
        "a-.b",
        "a.-",
        "a--",
        "a." * 30 + "a",
    ),
    *("a" * count for count in (46, 47, 48, 52, 53, 57, 58, 59, 63, 64, 253, 254)),
    *("a" * count + "-" for count in (57, 58, 62, 63)),
]

OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "u"}
MANAGED = {"operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {}}}
METADATA: list[dict[str, Any]] = [
    *({"finalizers": [name]} for name in ("cleanup", "a/b/c", "kubernetes", "example.com/a", "", None)),
    {"finalizers": ["orphan", "foregroundDeletion"]},
    *({"generation": number} for number in (-1, 0, 5)),
    *({"labels": {key: value}} for key, value in (("a/b/c", "x"), ("a", "-"), ("a", None))),
    *({"annotations": {"a b": "x"}}, {"annotations": {"a": "x" * 262_145}}),
    *({"ownerReferences": [owner]} for owner in ({}, None, {**OWNER, "controller": True}, {**OWNER, "kind": "Event"})),
    *({"ownerReferences": [{**OWNER, "apiVersion": form}]} for form in ("a/b/c", "/v1", "a/", "/", "v1/")),
    {"ownerReferences": [{**OWNER, "kind": "Event", "apiVersion": "/v1"}]},
    *({"ownerReferences": [{**OWNER, "controller": True}, {**OWNER, **other}]} for other in (
        {"controller": True}, {"controller": False}, {"controller": True, "uid": "v"},
        {"controller": True, "blockOwnerDeletion": False}, {"controller": True, "blockOwnerDeletion": None},
    )),
    *({"managedFields": [entry]} for entry in (None, {}, {"operation": "X"}, MANAGED)),
    {"managedFields": [{**MANAGED, "operation": "X"}, MANAGED]},
    *({field: "x"} for field in ("selfLink", "uid", "resourceVersion", "namespace")),
    {"deletionTimestamp": "2020-01-01T00:00:00Z", "deletionGracePeriodSeconds": -1},
]  # fmt: skip
"""What the request handler fills in, merges or drops before validation, beside what it leaves."""
