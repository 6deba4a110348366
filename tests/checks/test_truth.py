"""Objects on which we once differed from a real API server 1.35, or from the webhooks of the platforms: its verdict on each.

Each file is a single creation. What is refused is refused by the rule that names the mistake, and by no fault of ours.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks.api import check
from generator.checks.finding import Severity

FOLDER = Path(__file__).parent / "data" / "truth"

ACCEPTED = (
    "crash-quantity-1e308",  # of pods there may be any amount of cpu
    "generation-negative",  # a Deployment's generation is set by the server
    "managedfields-operation",  # what can't be decoded is dropped
    "owners-same-twice",  # merged into one
    "pv-two-sources-flexvolume",
    "servicemonitor-1e18",  # kubectl sends it without its exponent, as an integer
    "trainjob-generatename",  # the rules on metadata.name see the name that is made of it
    "yaml-empty-doc-dots",
)
REFUSED = {
    "crash-quantity-40-digits": "K8S119",
    "endpointslice-hints": "K8S122",
    "generation-negative-configmap": "K8S046",
    "hostprocess-hostnetwork": "K8S129",
    "nodeport-clusterip": "K8S097",
    "ns-finalizers": "K8S126",
    "ns-generatename-64": "POL003",  # as bad as what it covers: so many x are a placeholder, and no name (K8S050)
    "owners-apiversion": "K8S046",
    "pod-apparmor-annotation": "K8S128",
    "pod-deletion-cost-plus": "K8S128",
    "pv-gce-pdname": "K8S116",
    "quota-services-1e-3": "K8S119",
    "rc-no-selector": "K8S051",
    "rollout-negative-replicas": "K8S047",
    "sc2-model-negative-replicas": "K8S047",
    "sc2-server-negative": "K8S047",
    "seldon-no-spec": "SC1007",
    "seldon-spec-null": "SC1007",
    "yaml-surrogate-pair": "K8S001",
}


def errors(name: str) -> list[str]:
    report = check((FOLDER / f"{name}.yaml").read_bytes())
    return [finding.rule for finding in report.findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_server_takes_is_valid(name: str) -> None:
    assert errors(name) == []


@pytest.mark.parametrize(("name", "rule"), REFUSED.items())
def test_what_the_server_refuses_is_refused_with_its_reason(name: str, rule: str) -> None:
    assert errors(name) == [rule]


def test_every_file_has_its_verdict() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == {*ACCEPTED, *REFUSED}
