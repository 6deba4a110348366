"""The structural truth, code by code, on small schemas; each row is what the API server says."""

from __future__ import annotations

from typing import Any

import pytest

from generator.checks.structure.patterns import matches, translate
from generator.checks.structure.verdict import Code, fast_valid, prepared, unknown_and_duplicate, violations
from generator.reading.documents import Document, read
from generator.schemas import KindSchema, available, load, parse_version
from generator.schemas.importer import pack_of
from generator.schemas.pack import read as read_pack
from generator.text.regex import Regex

STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def kind_of(spec: dict[str, Any], *, scope: str = "Namespaced", **version: Any) -> KindSchema:
    """A kind whose ``spec`` has the given schema."""
    properties = {"spec": spec, "status": {"type": "object", "properties": {"ready": {"type": "boolean"}}}}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.a"},
        "spec": {
            "group": "a",
            "names": {"kind": "Thing", "plural": "things"},
            "scope": scope,
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
                    **version,
                }
            ],
        },
    }
    pack = read_pack(pack_of([Document(crd, "crd")]), "thing", parse_version("1.0"), frozenset(), "pack")
    kind = pack.kind("a", "v1", "Thing")
    assert kind is not None
    return kind


def thing(spec: Any = None, **metadata: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"apiVersion": "a/v1", "kind": "Thing", "metadata": {"name": "x", **metadata}}
    return data if spec is None else data | {"spec": spec}


def found(data: dict[str, Any], kind: KindSchema) -> list[tuple[Code, str]]:
    """The problems, and that the fast lane agrees."""
    problems = unknown_and_duplicate(Document(data, "f"), kind) + violations(data, kind)
    assert not (problems and fast_valid(data, kind)), "the fast lane takes what is refused"
    return [(problem.code, ".".join(map(str, problem.path))) for problem in problems]


def fields(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


QUANTITY = {
    "anyOf": [INTEGER, STRING],
    "x-kubernetes-int-or-string": True,
    "pattern": "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$",
}
PORTS = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["port", "protocol"],
    "items": {
        "type": "object",
        "required": ["port", "protocol"],
        "properties": {"port": INTEGER, "protocol": {"type": "string", "default": "TCP"}},
    },
}


@pytest.mark.parametrize(
    ("schema", "value", "codes"),
    [
        (STRING, "a", []),
        (STRING, 1, [Code.WRONG_TYPE]),
        (STRING, True, [Code.WRONG_TYPE]),
        (STRING, ["a"], [Code.WRONG_TYPE]),
        (INTEGER, 1, []),
        (INTEGER, True, [Code.WRONG_TYPE]),
        (INTEGER, 1.5, [Code.WRONG_TYPE]),
        (INTEGER, 1.0, []),
        (INTEGER, 1.0000000001, []),
        (INTEGER, 1e20, [Code.WRONG_TYPE]),
        (INTEGER, "1", [Code.WRONG_TYPE]),
        ({"type": "integer", "format": "int32"}, 2**40, []),
        ({"type": "number"}, 1, []),
        ({"type": "number"}, 1.5, []),
        ({"type": "number"}, "1", [Code.WRONG_TYPE]),
        ({"type": "boolean"}, 1, [Code.WRONG_TYPE]),
        ({"type": "boolean"}, "true", [Code.WRONG_TYPE]),
        ({"type": "array", "items": STRING}, "a", [Code.WRONG_TYPE]),
        ({"type": "array", "items": STRING}, ["a", 1], [Code.WRONG_TYPE]),
        ({"type": "array", "items": STRING}, [None], [Code.NULL_VALUE]),
        (fields(b=STRING), [], [Code.WRONG_TYPE]),
        (QUANTITY, "100m", []),
        (QUANTITY, 1, []),
        (QUANTITY, 0.1, [Code.WRONG_TYPE]),
        (QUANTITY, 1.0, []),
        (QUANTITY, "0.1.2", [Code.PATTERN]),
        ({"type": "string", "nullable": True}, None, []),
        # Without nullable a null is as if the field were not there.
        (STRING, None, []),
        # An enum takes no null, nullable or not.
        ({"type": "string", "nullable": True, "enum": ["a"]}, None, [Code.NOT_IN_ENUM]),
        ({"type": "string", "enum": ["a", "b"]}, "b", []),
        ({"type": "string", "enum": ["a", "b"]}, "c", [Code.NOT_IN_ENUM]),
        ({"type": "integer", "enum": [1, 2]}, 3, [Code.NOT_IN_ENUM]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 0, [Code.BELOW_MINIMUM]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 4, [Code.ABOVE_MAXIMUM]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 3, []),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 1, [Code.BELOW_MINIMUM]),
        ({"type": "integer", "maximum": 1.5, "exclusiveMaximum": True}, 1, [Code.ABOVE_MAXIMUM]),
        ({"type": "number", "maximum": 1.5, "exclusiveMaximum": True}, 1.4, []),
        ({"type": "integer", "multipleOf": 5}, 7, [Code.NOT_A_MULTIPLE]),
        ({"type": "integer", "multipleOf": 5}, 10, []),
        ({"type": "number", "multipleOf": 0.1}, 0.3, []),
        ({"type": "string", "maxLength": 2}, "äöü", [Code.TOO_LONG]),
        ({"type": "string", "maxLength": 3}, "😀😀😀", []),
        ({"type": "string", "minLength": 1}, "", [Code.TOO_SHORT]),
        ({"type": "string", "pattern": "^a+$"}, "aa", []),
        ({"type": "string", "pattern": "^a+$"}, "aa\n", [Code.PATTERN]),
        ({"type": "string", "pattern": "b"}, "abc", []),
        ({"type": "string", "format": "date-time"}, "2020-01-01T00:00:00Z", []),
        ({"type": "string", "format": "date-time"}, "2020-02-30T00:00:00Z", [Code.FORMAT]),
        ({"type": "string", "format": "date-time"}, "yesterday", [Code.FORMAT]),
        # An accident of the validator: a format lets lists through.
        ({"type": "string", "format": "date-time"}, ["x"], []),
        ({"type": "string", "format": "date-time"}, 5, [Code.WRONG_TYPE]),
        ({"type": "string", "format": "unheard-of"}, "x", []),
        ({"type": "array", "items": STRING, "minItems": 1}, [], [Code.TOO_FEW_ITEMS]),
        ({"type": "array", "items": STRING, "maxItems": 1}, ["a", "b"], [Code.TOO_MANY_ITEMS]),
        ({"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}, ["a", "b", "a"], [Code.REPEATED_ITEM]),
        ({"type": "array", "items": STRING, "x-kubernetes-list-type": "atomic"}, ["a", "a"], []),
        (PORTS, [{"port": 1}, {"port": 1, "protocol": "UDP"}], []),
        (PORTS, [{"port": 1}, {"port": 1, "protocol": "TCP"}], [Code.REPEATED_KEY]),
        (PORTS, [{"port": 1}, {"protocol": "TCP"}], [Code.MISSING_FIELD]),
        (fields(b=STRING) | {"required": ["b"]}, {}, [Code.MISSING_FIELD]),
        (fields(b=STRING) | {"required": ["b"]}, {"b": None}, [Code.MISSING_FIELD]),
        (fields(b={"type": "string", "default": "x"}) | {"required": ["b"]}, {}, []),
        (fields(b={"type": "string", "default": "x"}) | {"required": ["b"]}, {"b": None}, []),
        ({"type": "object", "additionalProperties": STRING, "maxProperties": 1}, {"a": "b", "c": "d"}, [Code.TOO_MANY_PROPERTIES]),
        ({"type": "object", "additionalProperties": STRING, "minProperties": 1}, {}, [Code.TOO_FEW_PROPERTIES]),
        ({"type": "object", "additionalProperties": STRING}, {"a": 1}, [Code.WRONG_TYPE]),
        (fields(a=STRING, b=STRING) | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, [Code.NO_ALTERNATIVE]),
        (fields(a=STRING, b=STRING) | {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": "x"}, []),
        (fields(a=STRING, b=STRING) | {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": "", "b": ""}, [Code.SEVERAL_ALTERNATIVES]),
        (fields(a=STRING) | {"not": {"required": ["a"]}}, {"a": "x"}, [Code.FORBIDDEN_FORM]),
        (fields(a=STRING) | {"allOf": [{"properties": {"a": {"minLength": 2}}}]}, {"a": "x"}, [Code.TOO_SHORT]),
        # The default is what the exclusion sees.
        (fields(a={"type": "string", "default": "x"}) | {"not": {"required": ["a"]}}, {}, [Code.FORBIDDEN_FORM]),
        ({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, {"any": {"thing": [1]}}, []),
    ],
)  # fmt: skip
def test_values(schema: dict[str, Any], value: Any, codes: list[Code]) -> None:
    assert [code for code, _ in found(thing({"a": value}), kind_of(fields(a=schema)))] == codes


# --- unknown and doubled fields -------------------------------------------------------------------------------------

NESTED = fields(
    known=STRING,
    free={"type": "object", "additionalProperties": fields(b=STRING)},
    anything={"type": "object", "additionalProperties": True},
    kept={"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"b": fields(c=STRING)}},
    items={"type": "array", "items": fields(b=STRING)},
    empty={"type": "object"},
)


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({"known": "x"}, []),
        ({"unknown": "x"}, ["spec.unknown"]),
        ({"unknown": {"below": 1}}, ["spec.unknown"]),
        ({"free": {"any": {"b": "x"}}}, []),
        ({"free": {"any": {"c": "x"}}}, ["spec.free.any.c"]),
        ({"anything": {"a": "x"}}, []),
        ({"anything": {"a": {"b": 1}}}, ["spec.anything.a.b"]),
        ({"kept": {"whatever": {"x": 1}}}, []),
        ({"kept": {"b": {"d": 1}}}, ["spec.kept.b.d"]),
        ({"items": [{"b": "x"}, {"c": 1}]}, ["spec.items.1.c"]),
        ({"empty": {"a": 1}}, ["spec.empty.a"]),
        ({"unknown": None}, ["spec.unknown"]),
    ],
)
def test_unknown_fields(spec: Any, paths: list[str]) -> None:
    assert found(thing(spec), kind_of(NESTED)) == [(Code.UNKNOWN_FIELD, path) for path in paths]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (thing(labelz={}), "metadata.labelz"),
        (thing(ownerReferences=[{"apiVersion": "v1", "kind": "A", "name": "a", "uid": "u", "x": 1}]), "metadata.ownerReferences.0.x"),
        (thing() | {"extra": 1}, "extra"),
        (thing() | {"status": {"other": 1}}, "status.other"),
    ],
)  # fmt: skip
def test_unknown_fields_of_the_object_itself(data: dict[str, Any], path: str) -> None:
    assert found(data, kind_of(NESTED)) == [(Code.UNKNOWN_FIELD, path)]


@pytest.mark.parametrize(
    ("path", "nearest", "elsewhere"),
    [
        (("spec", "predictor", "model", "modelformat"), "modelFormat", None),
        (("spec", "predictor", "minReplica"), "minReplicas", None),
        (("spec", "predictr"), "predictor", None),
        (("spec", "predictor", "storageUri"), "storageUris", "spec.predictor.model.storageUri"),
        (("spec", "minReplicas"), None, "spec.predictor.minReplicas"),
        (("spec", "labels"), None, "metadata.labels"),
        (("spec", "predictor", "model", "canaryTrafficPercent"), None, "spec.predictor.canaryTrafficPercent"),
        (("spec", "predictor", "containerPort"), None, "spec.predictor.containers[].ports[].containerPort"),
        (("metadata", "label"), "labels", None),
        (("spec", "predictor", "qwertyuiop"), None, ""),
    ],
)
def test_did_you_mean(path: tuple[str, ...], nearest: str | None, elsewhere: str | None) -> None:
    data: dict[str, Any] = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "x"},
        "spec": {},
    }
    node: Any = data
    for part in path[:-1]:
        node = node.setdefault(part, {})
    node[path[-1]] = 1
    data["spec"].setdefault("predictor", {}).setdefault("model", {})
    data["spec"]["predictor"]["containers"] = [{"ports": []}]
    kind = load("kserve", parse_version("0.20")).kind("serving.kserve.io", "v1beta1", "InferenceService")
    assert kind is not None
    (problem,) = unknown_and_duplicate(Document(data, "f"), kind)
    assert problem.code is Code.UNKNOWN_FIELD
    assert (problem.path, problem.on_key) == (path, True)
    assert problem.values["nearest"] == nearest
    if elsewhere is not None:
        places = problem.values["elsewhere"]
        assert (elsewhere in places) if elsewhere else places == ()


def test_a_root_without_fields_knows_no_field() -> None:
    kind = kind_of({"type": "object"}, schema={"openAPIV3Schema": {"type": "object"}})
    assert found(thing({"a": 1}), kind) == [(Code.UNKNOWN_FIELD, "spec")]
    assert found(thing(), kind) == []


def test_doubled_keys() -> None:
    (document,) = read("apiVersion: a/v1\nkind: Thing\nmetadata: {name: x}\nspec:\n  known: a\n  known: b\n", "f")
    assert isinstance(document, Document)
    (problem,) = unknown_and_duplicate(document, kind_of(NESTED))
    assert (problem.code, problem.path, problem.on_key) == (Code.DUPLICATE_KEY, ("spec", "known"), True)


# --- nulls, defaults, status, scale ---------------------------------------------------------------------------------


def test_preparing_drops_nulls_fills_defaults_and_leaves_the_object_alone() -> None:
    inner = fields(c={"type": "string", "default": "x"}, d=STRING, e={"type": "string", "nullable": True})
    kind = kind_of(
        fields(a=inner, b={"type": "array", "items": inner}, f={"type": "object", "default": {}, "properties": {}})
    )
    data = thing({"a": {"d": None, "e": None}, "b": [{"c": None}, {}]})
    before = repr(data)
    assert prepared(data, kind)["spec"] == {"a": {"e": None, "c": "x"}, "b": [{"c": "x"}, {"c": "x"}], "f": {}}
    assert repr(data) == before


def test_a_default_is_not_shared_between_objects() -> None:
    kind = kind_of(fields(a={"type": "array", "items": STRING, "default": ["x"]}))
    prepared(thing({}), kind)["spec"]["a"].append("y")
    assert prepared(thing({}), kind)["spec"]["a"] == ["x"]


def test_a_status_subresource_is_dropped_unread_and_yet_decoded_strictly() -> None:
    data = thing({}) | {"status": {"ready": "no boolean"}}
    assert found(data, kind_of(fields(), subresources={"status": {}})) == []
    assert found(data, kind_of(fields())) == [(Code.WRONG_TYPE, "status.ready")]
    unknown = thing({}) | {"status": {"other": 1}}
    assert found(unknown, kind_of(fields(), subresources={"status": {}})) == [(Code.UNKNOWN_FIELD, "status.other")]


@pytest.mark.parametrize(
    ("replicas", "codes"), [(0, []), (3, []), (-1, [Code.REPLICAS_RANGE]), (2**31, [Code.REPLICAS_RANGE])]
)
def test_replicas_of_the_scale_subresource(replicas: int, codes: list[Code]) -> None:
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    kind = kind_of(fields(replicas=INTEGER), subresources={"scale": scale})
    assert [code for code, _ in found(thing({"replicas": replicas}), kind)] == codes


# --- metadata -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "problems"),
    [
        ({"name": "a.b-c"}, []),
        ({"name": "A"}, [(Code.NAME_SYNTAX, "metadata.name")]),
        ({"name": "a_b"}, [(Code.NAME_SYNTAX, "metadata.name")]),
        ({"name": "a" * 253}, []),
        ({"name": "a" * 254}, [(Code.NAME_SYNTAX, "metadata.name")]),
        ({"name": 5}, [(Code.WRONG_TYPE, "metadata.name")]),
        ({"name": None}, [(Code.NAME_MISSING, "metadata.name")]),
        ({"name": None, "generateName": "a-"}, []),
        ({"name": None, "generateName": "A-"}, [(Code.NAME_SYNTAX, "metadata.generateName")]),
        ({"namespace": "a-b"}, []),
        ({"namespace": "a.b"}, [(Code.NAME_SYNTAX, "metadata.namespace")]),
        ({"namespace": "a" * 64}, [(Code.NAME_SYNTAX, "metadata.namespace")]),
        ({"labels": {"a.b/c": "d", "e": ""}}, []),
        ({"labels": {"a/b/c": "d"}}, [(Code.LABEL_KEY, "metadata.labels.a/b/c")]),
        ({"labels": {"A.b/c": "d"}}, [(Code.LABEL_KEY, "metadata.labels.A.b/c")]),
        ({"labels": {"-a": "d"}}, [(Code.LABEL_KEY, "metadata.labels.-a")]),
        ({"labels": {"a": "b c"}}, [(Code.LABEL_VALUE, "metadata.labels.a")]),
        ({"labels": {"a": "b" * 64}}, [(Code.LABEL_VALUE, "metadata.labels.a")]),
        ({"labels": {"a": 1}}, [(Code.WRONG_TYPE, "metadata.labels.a")]),
        ({"labels": {"a": None}}, []),
        ({"labels": ["a"]}, [(Code.WRONG_TYPE, "metadata.labels")]),
        ({"annotations": {"A.b/C": "any thing\n"}}, []),
        ({"annotations": {"a b": ""}}, [(Code.ANNOTATION_KEY, "metadata.annotations.a b")]),
        ({"annotations": {"a": True}}, [(Code.WRONG_TYPE, "metadata.annotations.a")]),
        ({"annotations": {"a": "x" * (256 * 1024 - 1)}}, []),
        ({"annotations": {"a": "x" * (256 * 1024)}}, [(Code.ANNOTATIONS_TOO_LARGE, "metadata.annotations")]),
        ({"annotations": {"a": "ä" * (128 * 1024)}}, [(Code.ANNOTATIONS_TOO_LARGE, "metadata.annotations")]),
        ({"creationTimestamp": None}, []),
        ({"creationTimestamp": "2020-01-01T00:00:00Z"}, []),
        ({"creationTimestamp": "2020-01-01"}, [(Code.FORMAT, "metadata.creationTimestamp")]),
        ({"generation": -1}, []),  # the server sets it itself
        ({"generation": "1"}, [(Code.WRONG_TYPE, "metadata.generation")]),
        ({"finalizers": ["a.b/c", "orphan"]}, []),
        ({"finalizers": ["a b"]}, [(Code.LABEL_KEY, "metadata.finalizers.0")]),
        ({"finalizers": ["orphan", "foregroundDeletion"]}, [(Code.METADATA_VALUE, "metadata.finalizers")]),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "a"}]}, [(Code.METADATA_VALUE, "metadata.ownerReferences.0.uid")]),
        ({"managedFields": [{"operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {"f:a": {}}}]}, []),
        ({"managedFields": [{"operation": "Patch"}]}, []),  # the server drops what it can't decode
    ],
)  # fmt: skip
def test_metadata(metadata: dict[str, Any], problems: list[tuple[Code, str]]) -> None:
    assert found(thing({}, **metadata), kind_of(fields())) == problems


@pytest.mark.parametrize("metadata", [None, {}])
def test_an_object_needs_a_name(metadata: Any) -> None:
    data = {"apiVersion": "a/v1", "kind": "Thing", "metadata": metadata}
    assert found(data, kind_of(fields())) == [(Code.NAME_MISSING, "metadata.name")]
    assert found({"apiVersion": "a/v1", "kind": "Thing"}, kind_of(fields())) == [(Code.NAME_MISSING, "metadata.name")]


def test_a_namespace_on_a_kind_without_namespaces_is_dropped_as_the_api_server_does() -> None:
    assert found(thing({}, namespace="Not a name"), kind_of(fields(), scope="Cluster")) == []


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"apiVersion": "v1", "kind": "A", "metadata": {"name": "Any name"}, "spec": {}}, []),
        ({"kind": "A"}, [(Code.EMBEDDED_OBJECT, "spec.a.apiVersion")]),
        ({"apiVersion": "a/b/c", "kind": "A"}, [(Code.EMBEDDED_OBJECT, "spec.a.apiVersion")]),
        ({"apiVersion": "v1", "kind": "a b"}, [(Code.EMBEDDED_OBJECT, "spec.a.kind")]),
        ({"apiVersion": 1, "kind": "A"}, [(Code.WRONG_TYPE, "spec.a.apiVersion")]),
        ({"apiVersion": "v1", "kind": "A", "metadata": {"name": "a/b"}}, [(Code.NAME_SYNTAX, "spec.a.metadata.name")]),
        ({"apiVersion": "v1", "kind": "A", "metadata": {"x": 1}}, [(Code.UNKNOWN_FIELD, "spec.a.metadata.x")]),
        ({"apiVersion": "v1", "kind": "A", "metadata": 1}, [(Code.WRONG_TYPE, "spec.a.metadata")]),
    ],
)
def test_objects_inside_objects(value: Any, problems: list[tuple[Code, str]]) -> None:
    schema = {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
    assert found(thing({"a": value}), kind_of(fields(a=schema))) == problems


# --- Go's regular expressions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        (r"^\d+$", "12", True),
        (r"^\d+$", "١٢", False),
        (r"^\w$", "é", False),
        (r"^[\w-]+$", "a-b", True),
        (r"^\s$", "\u00a0", False),
        (r"^\s$", "\x0b", False),
        (r"^[^\s]+$", "a b", False),
        (r"^a$", "a\n", False),
        (r"^(?i)(abort|warn)?$", "ABORT", True),
        (r"^[[:alpha:]_]+$", "ab_", True),
        (r"^[^[:^x]$", ":", False),
        (r"^[]a]+$", "a]", True),
        (r"^[[a]+$", "a[", True),
        (r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$", "a`b", True),
        (r"\Qa.b\E", "a.b", True),
        (r"\Qa.b\E", "axb", False),
        (r"^\pL$", "é", True),
        (r"^.$", "\n", False),
        (r"(a", "a", False),
        (r"^(a+)+$", "a" * 5000 + "b", False),
    ],
)
def test_patterns_mean_what_they_mean_to_go(pattern: str, text: str, matched: bool) -> None:
    assert matches(pattern, text) is matched


def test_translation_touches_only_what_differs() -> None:
    assert translate(r"^[a-z]\.[\d\-]\D$") == r"^[a-z]\.[0-9\-][^0-9]$"


SAMPLES = [
    "",
    "a",
    "A-b.c",
    "1",
    "-1.5Mi",
    "100m",
    "10.0.0.1",
    "a" * 70,
    "a/b",
    "example.com",
    "*.example.com",
    "1h30m",
    "x y",
    "ä",
    "\n",
]


def test_both_engines_say_the_same_of_every_pattern_that_is_shipped():
    patterns = set()
    for product, releases in available().items():
        for release in releases:
            waiting = [kind.schema for kind in load(product, release).kinds.values()]
            seen = set()
            while waiting:
                schema = waiting.pop()
                if id(schema) in seen:
                    continue
                seen.add(id(schema))
                patterns.add(schema.bounds.get("pattern"))
                children = [*schema.properties.values(), *schema.all_of, *schema.any_of, *schema.one_of]
                waiting += [one for one in (*children, schema.items, schema.values, schema.not_) if one]
    patterns -= {None, ""}
    assert len(patterns) > 20
    for pattern in patterns:
        own = Regex(pattern)
        assert [matches(pattern, text) for text in SAMPLES] == [own.matches(text) for text in SAMPLES], pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^[a&&b]$", "&", True),
        (r"^[a&&b]$", "b", True),
        (r"^[a~~b]$", "~", True),
        (r"a{,2}", "a{,2}", True),
        ("(", "(", False),
        (r"(?<=a)b", "ab", False),
    ],
)
def test_patterns_mean_what_go_takes_them_for(pattern, text, found):
    assert matches(pattern, text) is found
