"""Seldon Core 1's own code on what is rendered: its webhook takes it, and its engines aren't told of a step.

``tests/oracle/seldon-core-1`` is a small Go program around the operator's published module. Run on request:
``pytest -m oracle``.
"""

from __future__ import annotations

import base64
import json
import subprocess

import pytest
from seldon_core_1 import CANARY, documents, text
from test_seldon_core_1 import CASES, SCALED

import oracles
from generator.platforms.seldon_core_1.servers import SERVERS
from kit import locked, pin

pytestmark = pytest.mark.oracle

KNOWN = sorted({server.runtime for each in SERVERS.values() for server in each.values() if server.prepackaged})


@pytest.fixture(scope="module")
def ask():
    program = oracles.build("seldon-core-1")

    def asked(found):
        lines = "\n".join(json.dumps({"id": "", "document": one}) for one in found)
        done = subprocess.run([program, *KNOWN], input=lines, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return asked


def deployments(written, lock=None):
    return [each for each in documents(written, lock) if each["kind"] == "SeldonDeployment"]


@pytest.mark.parametrize("case", CASES)
def test_the_webhook_takes_it(ask, case):
    found = deployments(CASES[case])
    assert [each["refused"] for each in ask(found)] == [""] * len(found)


def test_no_step_of_a_canary_changes_what_an_engine_is_told(ask):
    for mode in ("istio", "ambassador"):
        files = [text(CANARY.replace("step: 1", f"step: {step}"), mode=mode, more=SCALED) for step in range(5)]
        told = [ask(deployments(each))[0]["engines"] for each in files]
        assert len({each["r1"] for each in told}) == 1
        assert len({each["r2"] for each in told if "r2" in each}) == 1


@pytest.mark.parametrize(
    "model", ["format: savedmodel", "format: sklearn", "format: onnx", "format: sklearn, runtime: seldon"]
)
def test_a_promoted_canary_keeps_its_pods(ask, model):
    """It moves from second place to first: without a port of its own its metrics' number would change."""
    layouts = ("tensorflow-serving", "triton", "mlserver", "plain")
    after = locked(a=pin("2", 2, "b", layouts=layouts), b=pin("2", 2, "b", layouts=layouts))
    before = ask(deployments(text(CANARY, model=model)))[0]["engines"]["r2"]
    promoted = text(CANARY, model=model).replace('release: "1"', 'release: "2"')
    assert ask(deployments(promoted, after))[0]["engines"] == {"r2": before}
    assert '"containerPort":6000' in base64.b64decode(before).decode()


def test_the_switch_from_blue_to_green_restarts_nothing(ask):
    for mode in ("istio", "ambassador"):
        one, two = (
            text(f"{{blueGreen: {pair}}}", mode=mode) for pair in ("{active: a, preview: b}", "{active: b, preview: a}")
        )
        assert ask(deployments(one))[0]["engines"] == ask(deployments(two))[0]["engines"]
