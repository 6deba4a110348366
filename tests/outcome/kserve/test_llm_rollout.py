"""How an LLMInferenceService's pods are replaced: what its ``rolloutStrategy`` becomes in each kind of workload."""

from __future__ import annotations

from typing import Any

import pytest

from llm_outcome import MODEL, configs, one, outcome
from outcome_components import V0_20, V0_21

WORKER = "worker: {containers: [{name: main}]}, parallelism: {data: 2, dataLocal: 1}"
DEPLOYMENT, NODES = "Deployment", "LeaderWorkerSet"


@pytest.mark.parametrize(
    ("said", "deployment", "nodes"),
    [
        ("", None, None),
        ("rolloutStrategy: {}", None, None),
        ("rolloutStrategy: {maxSurge: null}", None, None),
        (
            "rolloutStrategy: {maxUnavailable: 0, maxSurge: 1}",
            {"maxUnavailable": 0, "maxSurge": 1},
            {"maxUnavailable": 0, "maxSurge": 1},
        ),
        ("rolloutStrategy: {maxSurge: 50%}", {"maxSurge": "50%"}, {"maxUnavailable": 1, "maxSurge": "50%"}),
        ("rolloutStrategy: {maxUnavailable: 2}", {"maxUnavailable": 2}, {"maxUnavailable": 2, "maxSurge": 0}),
    ],
)
@pytest.mark.parametrize("prefill", [False, True])
def test_one_node_is_told_what_is_said_and_several_the_other_number_too(
    said: str, deployment: dict[str, Any] | None, nodes: dict[str, Any] | None, *, prefill: bool
) -> None:
    def child(kind: str, more: str, name: str) -> dict[str, Any]:
        inner = ", ".join(part for part in (more, said) if part)
        spec = f"{MODEL}, prefill: {{{inner}}}" if prefill else f"{MODEL}, {inner}"
        return one(outcome(spec, V0_21), kind, name).data["spec"]

    found = child(DEPLOYMENT, "replicas: 2", "chat-kserve-prefill" if prefill else "chat-kserve")
    assert found.get("strategy") == (deployment and {"type": "RollingUpdate", "rollingUpdate": deployment})
    found = child(NODES, WORKER, "chat-kserve-mn-prefill" if prefill else "chat-kserve-mn")
    assert found["rolloutStrategy"] == {
        "type": "RollingUpdate",
        **({"rollingUpdateConfiguration": nodes} if nodes else {}),
    }


def test_each_workload_has_its_own() -> None:
    spec = f"{MODEL}, rolloutStrategy: {{maxSurge: 1}}, prefill: {{}}"
    found = outcome(spec, V0_21)
    assert one(found, DEPLOYMENT, "chat-kserve").data["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1}
    assert "strategy" not in one(found, DEPLOYMENT, "chat-kserve-prefill").data["spec"]


def test_before_0_21_nothing_is_read() -> None:
    strategy = "rolloutStrategy: {maxSurge: 1}"
    found = outcome(f"{MODEL}, {strategy}", V0_20)
    assert "strategy" not in one(found, DEPLOYMENT, "chat-kserve").data["spec"]
    found = outcome(f"{MODEL}, {WORKER}, {strategy}", V0_20)
    assert one(found, NODES).data["spec"]["rolloutStrategy"] == {"type": "RollingUpdate"}


def test_each_number_says_where_it_is_from() -> None:
    given = configs(base="rolloutStrategy: {maxUnavailable: 1, maxSurge: 3}")
    spec = f"{MODEL}, baseRefs: [{{name: base}}], rolloutStrategy: {{maxSurge: 2}}"
    child = one(outcome(spec, V0_21, given), DEPLOYMENT, "chat-kserve")
    place = ("spec", "strategy", "rollingUpdate")
    assert child.data["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 2}
    assert str(child.origin((*place, "maxSurge"))) == "llm.yaml: spec.rolloutStrategy.maxSurge"
    assert str(child.origin((*place, "maxUnavailable"))) == "base.yaml: spec.rolloutStrategy.maxUnavailable"

    child = one(outcome(f"{MODEL}, {WORKER}, rolloutStrategy: {{maxSurge: 2}}", V0_21), NODES)
    place = ("spec", "rolloutStrategy", "rollingUpdateConfiguration")
    assert str(child.origin((*place, "maxSurge"))) == "llm.yaml: spec.rolloutStrategy.maxSurge"
    assert str(child.origin((*place, "maxUnavailable"))) == "KServe 0.21"
