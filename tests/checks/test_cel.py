"""CEL as Kubernetes has it: the language, its errors, Kubernetes' functions, and what rules of a CRD see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_structure import found, kind_of, thing

from generator.checks.cel import CelError, CostError, UnsupportedError, compile_rule, cost
from generator.checks.structure.seen import escaped
from generator.checks.structure.verdict import Code, violations
from generator.schemas.catalog import SHIPPED


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("7.0 / 2.0", 3.5),
        ("1 == 1.0", True),
        ("1 == true", False),
        ("'1' == 1", False),
        ("1 < 1.5", True),
        ("'a' < 'b'", True),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("!true || true && !false", True),
        ("true ? 1 : 2", 1),
        ("2 in [1, 2]", True),
        ("'a' in {'a': 1}", True),
        ("{'a': {'b': 5}}.a.b", 5),
        ("[1, 2, 3][1]", 2),
        ("'a\\'\\x41\\u00e9'", "a'Aé"),
        ("r'\\d'", "\\d"),
        ('r"""^a"b$"""', '^a"b$'),
        ("b'a'", b"a"),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("null == null", True),
        ("[1, 2, 3].all(x, x > 0)", True),
        ("[1, 2, 3].exists(x, x == 2)", True),
        ("[1, 2, 2].exists_one(x, x == 2)", False),
        ("[1, 2, 3].filter(x, x > 1)", [2, 3]),
        ("[1, 2, 3].map(x, x * 2)", [2, 4, 6]),
        ("[1, 2, 3].map(x, x > 1, x * 2)", [4, 6]),
        ("{'a': 1, 'b': 2}.all(k, k < 'c')", True),
        ("[[1], [2]].all(x, x.all(y, y > 0))", True),
        # One decisive side is enough, even where the other has no value.
        ("{}.x || true", True),
        ("true || {}.x", True),
        ("false && {}.x", False),
        ("{}.x && false", False),
        ("[0, 1].exists(x, 1 / x > 0)", True),
        ("[0, 2].all(x, 1 / x > 0) || true", True),
        ("has({'a': 1}.a)", True),
        ("has({}.a)", False),
        ("{}.?a.orValue(3)", 3),
        ("{'a': 1}.?a.orValue(3)", 1),
        ("[1][?5].hasValue()", False),
        ("size('é😀')", 2),
        ("'abc'.size() == size([1, 2, 3])", True),
        ("'a/b/c'.split('/')", ["a", "b", "c"]),
        ("'a/b/c'.split('/', 2)", ["a", "b/c"]),
        ("['a', 'b'].join('-')", "a-b"),
        ("'hello'.substring(1, 3)", "el"),
        ("'hello'.indexOf('l')", 2),
        ("'hello'.lastIndexOf('l')", 3),
        ("'hello'.charAt(1)", "e"),
        ("'aXb'.lowerAscii() + 'a'.upperAscii()", "axbA"),
        ("'aaa'.replace('a', 'b', 2)", "bba"),
        ("' a '.trim()", "a"),
        ("'abc'.matches('^a.c$')", True),
        ("'abc'.matches('b')", True),
        ("'ABC'.matches('^(?i)abc$')", True),
        ("'abc123'.find('[0-9]+')", "123"),
        ("'a1b2'.findAll('[0-9]')", ["1", "2"]),
        ("'abc'.startsWith('a') && 'abc'.endsWith('c') && 'abc'.contains('b')", True),
        ("duration('1h30m') == duration('90m')", True),
        ("duration('1ms') < duration('1s')", True),
        ("duration('90s').getMinutes()", 1),
        ("timestamp('2020-01-01T00:00:00Z') < timestamp('2020-01-01T00:00:01Z')", True),
        ("timestamp('2020-01-01T00:00:01Z') - timestamp('2020-01-01T00:00:00Z') == duration('1s')", True),
        ("int('5') + int(2.9) + int(timestamp('1970-01-01T00:00:03Z'))", 10),
        ("string(5) + string(1.5) + string(true)", "51.5true"),
        ("double('1.5')", 1.5),
        ("type(1) == int && type('a') == string", True),
        ("[3, 1, 2].min() + [3, 1, 2].max() + [3, 1].sum()", 8),
        ("[1, 2].isSorted() && ![2, 1].isSorted()", True),
        ("['a', 'b', 'a'].lastIndexOf('a')", 2),
        ("sets.contains([1, 2], [2]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 1], [1])", True),
        ("quantity('1Gi').isGreaterThan(quantity('1G'))", True),
        ("quantity('1500m').compareTo(quantity('1.5'))", 0),
        ("isQuantity('1x')", False),
        ("quantity('2k').asInteger()", 2000),
        (
            "quantity('2k').isInteger() && !quantity('1000m').isInteger() && !quantity('9223372036854775808').isInteger()",
            True,
        ),
        ("isQuantity('1e4294967297') && !isQuantity('1Gi\\n') && !isQuantity('1e99999999999999999999')", True),
        ("quantity('1e308').isGreaterThan(quantity('9' + '0'))", True),
        ("quantity('1').sub(2).sign()", -1),
        ("quantity('1').add(quantity('500m')) == quantity('1500m')", True),
        ("isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0.256') && !isIP('010.0.0.1')", True),
        ("ip('::1').family()", 6),
        ("cidr('10.0.0.0/8').containsIP('10.1.2.3')", True),
        ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", True),
        ("cidr('10.1.2.3/8').prefixLength()", 8),
        ("isCIDR('10.0.0.0')", False),
        ("url('https://a.b:80/c?d=e').getHost()", "a.b:80"),
        ("url('https://a.b:80/c?d=e').getPort()", "80"),
        ("isURL('a b')", False),
        ("format.dns1123Label().validate('a-b').hasValue()", False),
        ("format.dns1123Label().validate('A').hasValue()", True),
        ("format.named('uuid').hasValue()", True),
        ("self.a.map(x, x + 1)", [2]),
    ],
)
def test_values(expression: str, value: Any) -> None:
    result = compile_rule(expression).evaluate({"a": [1]})
    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize(
    "expression",
    [
        "{}.x",
        "[1][1]",
        "1 / 0",
        "1 % 0",
        "9223372036854775807 + 1",
        "1 + 1.0",
        "1 + 'a'",
        "1 < 'a'",
        "!1",
        "1 && true",
        "[0, 1].all(x, 1 / x > 0)",
        "[1].exists_one(x, x)",
        "'a'.matches('(')",
        "duration('5')",
        "int('x')",
        "'abc'.substring(5)",
        "self.nothing.below",
        "size(1)",
        "has(self)",
        "1 +",
        "(1",
        "'unclosed",
        "a b",
        "1 ? 2",
        "@",
        "(" * 300 + "1" + ")" * 300,  # Kubernetes' parser ends at 250
        "'" * 3 + "a" * 50_000,
        "1 == 1" + " " * 100_000,
        "9" * 5000 + " == 1",
        "0x" + "f" * 5000 + " == 1",
        "bool('x')",
        "bool(1)",
        "'a'.find('(')",
        "int('" + "9" * 5000 + "')",
    ],
)
def test_errors(expression: str) -> None:
    with pytest.raises(CelError):
        compile_rule(expression).evaluate({})


@pytest.mark.parametrize(
    "expression",
    [
        *("nobody", "unheardOf(1)", "Message{}", "self.unheardOf()", "math.abs(1)"),
        "1" + " + 1" * 20_000,
        "self" + ".a" * 20_000,
        "(" * 150 + "1" + ")" * 150,
    ],
)
def test_what_is_not_implemented_is_said_and_not_guessed(expression: str) -> None:
    with pytest.raises(UnsupportedError):
        compile_rule(expression)


def test_every_rule_that_ships_can_be_evaluated() -> None:
    rules = [
        text
        for file in SHIPPED.glob("*/*.pack")
        for line in file.read_text().splitlines()
        for rule in json.loads(line).get("x-kubernetes-validations", ())
        for text in (rule["rule"], rule.get("messageExpression"))
        if text
    ]
    assert len(rules) > 1000
    for rule in rules:
        compile_rule(rule)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("namespace", "__namespace__"),
        ("in", "__in__"),
        ("plain", "plain"),
        ("a-b", "a__dash__b"),
        ("a.b/c", "a__dot__b__slash__c"),
        ("a__b", "a__underscores__b"),
        ("1a", None),
        ("a b", None),
    ],
)
def test_names_that_cel_cannot_write(name: str, seen: str | None) -> None:
    assert escaped(name) == seen


STRING = {"type": "string"}


def ruled(rule: str, **more: Any) -> dict[str, Any]:
    properties = {
        "namespace": STRING,
        "size": {"type": "integer"},
        "ratio": {"type": "number"},
        "wait": {"type": "string", "format": "duration"},
        "kept": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "maybe": {"type": "string", "nullable": True},
        "filled": {"type": "string", "default": "x"},
        "any": {"x-kubernetes-int-or-string": True},
    }
    return {"type": "object", "properties": properties, "x-kubernetes-validations": [{"rule": rule, **more}]}


@pytest.mark.parametrize(
    ("rule", "value", "codes"),
    [
        ("self.__namespace__ == 'a'", {"namespace": "a"}, []),
        ("self.__namespace__ == 'a'", {"namespace": "b"}, [Code.CEL_RULE]),
        ("has(self.size)", {}, [Code.CEL_RULE]),
        ("self.size > 1", {}, [Code.CEL_ERROR]),
        ("self.filled == 'x'", {}, []),
        ("!has(self.size)", {"size": None}, []),
        ("self.ratio == 1.0 && type(self.ratio) == double", {"ratio": 1}, []),
        ("self.wait < duration('1h')", {"wait": "30m"}, []),
        ("!has(self.kept.inner)", {"kept": {"inner": 1}}, []),
        ("self.maybe == null", {"maybe": None}, []),
        ("self.any == 5 || self.any == '5'", {"any": 5}, []),
        ("self == oldSelf", {}, []),
        ("unheardOf(self)", {}, [Code.CEL_UNCHECKED]),
        # 1.0 is an integer for the schema, not for CEL; and only a rule that reads it minds.
        ("self.size == 1", {"size": 1.0}, [Code.CEL_ERROR]),
        ("!has(self.maybe)", {"size": 1.0}, []),
    ],
)
def test_what_a_rule_sees(rule: str, value: Any, codes: list[Code]) -> None:
    kind = kind_of({"type": "object", "properties": {"a": ruled(rule)}})
    assert [code for code, _ in found(thing({"a": value}), kind)] == codes


def test_a_rule_on_a_change_that_also_holds_at_creation() -> None:
    rule = ruled("oldSelf.hasValue() || self.size == 1", optionalOldSelf=True)
    kind = kind_of({"type": "object", "properties": {"a": rule}})
    assert [code for code, _ in found(thing({"a": {"size": 2}}), kind)] == [Code.CEL_RULE]
    assert found(thing({"a": {"size": 1}}), kind) == []


def test_rules_do_not_run_where_the_object_is_wrong_already() -> None:
    kind = kind_of({"type": "object", "properties": {"a": ruled("self.size == 1") | {"required": ["size"]}}})
    assert [code for code, _ in found(thing({"a": {}}), kind)] == [Code.MISSING_FIELD]


def test_a_null_has_no_rules() -> None:
    kind = kind_of({"type": "object", "properties": {"a": ruled("false") | {"nullable": True}}})
    assert found(thing({"a": None}), kind) == []


def test_messages_and_places() -> None:
    rule = ruled("self.size == 1", message="size must be 1", fieldPath=".size")
    kind = kind_of({"type": "object", "properties": {"a": {"type": "array", "items": rule}}})
    (problem,) = violations(thing({"a": [{"size": 1}, {"size": 2}]}), kind)
    assert (problem.path, problem.values["message"]) == (("spec", "a", 1, "size"), "size must be 1")
    spoken = ruled("self.size == 1", message="no", messageExpression="'size is ' + string(self.size)")
    (problem,) = violations(thing({"a": {"size": 3}}), kind_of({"type": "object", "properties": {"a": spoken}}))
    assert problem.values["message"] == "size is 3"
    plain = ruled("self.size == 1")
    (problem,) = violations(thing({"a": {"size": 3}}), kind_of({"type": "object", "properties": {"a": plain}}))
    assert problem.values["message"] == "failed rule: self.size == 1"


def test_a_rule_at_the_root_sees_type_and_name_only() -> None:
    kind = kind_of({"type": "object"}, schema={"openAPIV3Schema": {
        "type": "object",
        "x-kubernetes-validations": [{"rule": "self.metadata.name == 'x' && self.kind == 'Thing' && !has(self.metadata.labels)"}],
        "properties": {"spec": {"type": "object"}},
    }})  # fmt: skip
    assert found(thing({}, labels={"a": "b"}), kind) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!" * 20_000 + "true", True),
        ("!" * 20_001 + "true", False),
        ("-" * 3001 + "1", -1),
        (" && ".join(["self.a != 'y'"] * 5000), True),
        (" || ".join(["self.a == 'y'"] * 5000), False),
        ("self.a.find('(a+)+$')", ""),
        ("self.a.findAll('a{2}', 2)", ["aa", "aa"]),
        ("bool('T')", True),
    ],
)
def test_long_and_greedy_expressions_have_a_value(expression: str, value: object) -> None:
    assert compile_rule(expression).evaluate({"a": "a" * 5000 + "!"}) == value


NUMBERS = list(range(2000))


@pytest.mark.parametrize(
    "expression",
    [
        "self.all(a, self.all(b, self.all(c, self.all(d, a + b + c + d >= 0))))",
        "self.map(a, self.map(b, a * b)).size() > 0",
        "self.exists_one(a, self.filter(b, a == b).size() == 2)",
        "self.all(a, a in self)",
        "self.all(a, self == self)",
        "sets.contains(self, self)",
        "self.all(a, self.isSorted())",
        "true || self.all(a, self.all(b, self.all(c, true)))",
    ],
)
def test_what_runs_wild_ends_as_on_the_server(expression: str) -> None:
    rule = compile_rule(expression)
    if expression.startswith("true"):
        assert rule.evaluate(NUMBERS) is True  # never evaluated
        return
    with pytest.raises(CostError, match="actual cost limit exceeded"):
        rule.evaluate(NUMBERS)


@pytest.mark.parametrize(
    "expression", ["self.replace('a', self).replace('a', self) == ''", "self.split('').map(a, self).join() == ''"]
)
def test_no_expression_makes_what_no_request_could_hold(expression: str) -> None:
    with pytest.raises(CostError):
        compile_rule(expression).evaluate("a" * 5000)


def test_what_costs_too_much_is_an_error_and_ends_the_rules_of_the_object() -> None:
    deep = {"rule": "self.all(a, self.all(b, self.all(c, self.all(d, true))))"}
    false = {"rule": "false"}
    spec = {
        "type": "object",
        "properties": {"n": {"type": "array", "items": {"type": "integer"}, "x-kubernetes-validations": [deep, false]}},
    }
    (problem,) = violations(thing({"n": NUMBERS}), kind_of(spec))
    assert (problem.code, problem.path) == (Code.CEL_ERROR, ("spec", "n"))
    assert "no further validation rules are run" in problem.values["error"]


def test_the_rules_of_one_object_have_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "PER_OBJECT", 200_000)
    item = {
        "type": "array",
        "items": {"type": "integer"},
        "x-kubernetes-validations": [{"rule": "self.all(a, [1,2,3,4,5,6,7,8,9].all(b, true))"}],
    }
    spec = {"type": "object", "properties": {"n": {"type": "array", "items": item}}}
    problems = violations(thing({"n": [NUMBERS] * 20}), kind_of(spec))
    assert [problem.code for problem in problems] == [Code.CEL_ERROR]
    assert "running out of cost budget" in problems[0].values["error"]
