"""The first few objects of a kind are looked at exactly, the many by a compiled schema: nobody can tell which it was."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from itertools import count

import pytest

from generator.checks.structure.fast import FEW, fast_kind
from generator.checks.structure.patterns import _rust, matcher
from generator.reading import lanes
from generator.schemas import load
from generator.schemas.catalog import newest

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: m, namespace: x}
spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: s3://m/1%s}}}
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: x}
spec: {hostnames: [%s], rules: [{backendRefs: [{name: m, port: 80}]}]}
"""
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: x%s}\n"


@pytest.mark.parametrize(
    "text",
    [
        SERVICE % "",
        SERVICE % ", storage_uri: s3://m/2",
        SERVICE % ", resources: {limits: {cpu: 1, memory: 2Gb}}",
        SERVICE % ", env: [{name: A}, {name: A}]",
        SERVICE.replace("name: m,", "name: M,") % "",
        ROUTE % "a.example.com",
        ROUTE % "UPPER.example.com",
        ROUTE.replace("port: 80", "port: 80, weight: -1") % "a.example.com",
        ROUTE.replace("name: m, ", "kind: Service, name: m, ").replace(", port: 80", "") % "a.example.com",
        MAP % "",
        MAP % ", label: {}",
    ],
)
def test_each_object_of_many_alike_is_told_the_same(text):
    code = (
        "import sys\n"
        "from generator.checks.api import check\n"
        "for one in check('---\\n'.join([sys.argv[1]] * int(sys.argv[2]))).verdicts:\n"
        "    print([(f.rule, f.message, f.path) for f in one.findings if f.rule != 'REF004'])"
    )
    command = [sys.executable, "-c", code, text, str(FEW + 3)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(told) == FEW + 3
    assert len(set(told)) == 1


def test_a_schema_is_compiled_for_many_and_not_for_few():
    kind = load("kserve", newest("kserve")).kind("serving.kserve.io", "v1beta1", "InferenceService")
    fast = dataclasses.replace(fast_kind(kind), _met=count())
    assert [fast.pays() for _ in range(FEW + 2)] == [False] * FEW + [True] * 2
    assert not fast.ready
    assert not fast.valid({})
    assert fast.ready


@pytest.mark.parametrize("text", ["1", "100Mi", "1e3", "x", "", "1.5.5", "\n1"])
def test_both_engines_say_the_same_of_a_quantity(text, monkeypatch):
    pattern = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?$"
    fast = _rust(pattern)
    monkeypatch.setattr(lanes, "json_schema_at_hand", lambda: False)
    assert fast is not None
    assert matcher(pattern)(text) == fast(text)
