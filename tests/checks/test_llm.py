"""One LLMInferenceService, several answers: by release, and by the version of the API that it is written in."""

from __future__ import annotations

import pytest

from generator.checks.api import check
from generator.checks.finding import Severity

HEAD = "apiVersion: serving.kserve.io/{version}\nkind: {kind}\nmetadata: {{name: chat}}\nspec:\n"
PARENTS = """
  model: {uri: hf://example/chat}
  router:
    gateway: {refs: [{name: models, namespace: gateways}]}
    route: {http: {spec: {parentRefs: [{name: models, namespace: gateways}]}}}
"""
SECTIONS = PARENTS.replace("gateways}]}\n", "gateways, sectionName: https}]}\n", 1)
ADAPTERS = "  model: {uri: hf://example/chat, lora: {adapters: [{uri: hf://example/legal}]}}\n"
NO_URI = "  model: {name: chat}\n"
FLOAT = (
    "  model: {uri: hf://example/chat}\n  template: {containers: [{name: main, resources: {requests: {cpu: 0.1}}}]}\n"
)
NEW_FUNCTION = "  template: {containers: [{name: main, args: ['{{ kvTransferConfig .Spec.Prefill }}']}]}\n"
NAMED_AS_SERVICE = ADAPTERS.replace("{uri: hf://example/legal}", "{name: chat, uri: hf://example/legal}")


@pytest.mark.parametrize(
    ("spec", "version", "release", "rules"),
    [
        # 0.16 takes no spec beside gateways, v1alpha1 no parents, v1alpha2 those that are the gateways.
        (PARENTS, "v1alpha1", "0.16", {"KSV402"}),
        (PARENTS, "v1alpha1", "0.20", {"KSV402"}),
        (PARENTS, "v1alpha2", "0.17", set()),
        (PARENTS, "v1alpha2", "0.20", set()),
        (SECTIONS, "v1alpha2", "0.20", {"KSV402"}),
        # Only the webhook of v1alpha2 looks at adapters, since 0.19.
        (ADAPTERS, "v1alpha2", "0.18", set()),
        (ADAPTERS, "v1alpha2", "0.19", {"KSV412"}),
        (ADAPTERS, "v1alpha1", "0.20", set()),
        # Since 0.19 a webhook names the model after the service, and writes back what Go decodes.
        (NAMED_AS_SERVICE, "v1alpha2", "0.20", {"KSV413"}),
        (NO_URI, "v1alpha2", "0.18", {"K8S014"}),
        (NO_URI, "v1alpha2", "0.20", set()),
        (FLOAT, "v1alpha2", "0.18", {"K8S012"}),
        (FLOAT, "v1alpha2", "0.20", set()),
    ],
)
def test_what_a_service_is_told(spec: str, version: str, release: str, rules: set[str]) -> None:
    assert errors(HEAD.format(version=version, kind="LLMInferenceService") + spec, release) == rules


ROLLOUT = "  model: {uri: hf://example/chat}\n  rolloutStrategy: "
WORKERS = "\n  worker: {containers: [{name: main, image: a/b:1}]}\n  parallelism: {pipeline: 2}"


@pytest.mark.parametrize(
    ("strategy", "refused"),
    [
        ("{maxUnavailable: 0, maxSurge: 0}", True),
        ("{maxUnavailable: 0%, maxSurge: 0%}", True),
        ("{maxUnavailable: 0, maxSurge: 1%}", False),
        ("{maxUnavailable: 1, maxSurge: 0}", False),
        ("{maxUnavailable: 100%, maxSurge: 0}", False),
        # A percentage is taken of one pod; of those that may be missing it is rounded down.
        ("{maxUnavailable: 99%, maxSurge: 0}", True),
        ("{maxUnavailable: 25%, maxSurge: 0%}", True),
        ("{maxUnavailable: 25%, maxSurge: 25%}", False),
        # With workers the surge's default is none.
        ("{maxUnavailable: 0}", False),
        (f"{{maxUnavailable: 0}}{WORKERS}", True),
        (f"{{maxUnavailable: 50%}}{WORKERS}", True),
        (f"{{maxUnavailable: 100%}}{WORKERS}", False),
        (f"{{maxUnavailable: 50%, maxSurge: 1}}{WORKERS}", False),
        (f"{{maxSurge: 0}}{WORKERS}", False),
    ],
)
def test_a_rollout_has_to_move(strategy: str, refused: bool) -> None:
    text = HEAD.format(version="v1alpha2", kind="LLMInferenceService") + f"{ROLLOUT}{strategy}\n"
    assert errors(text, "0.21") == ({"KSV491"} if refused else set())


@pytest.mark.parametrize(("release", "rules"), [("0.19", {"KSV441"}), ("0.20", set())])
def test_a_config_of_a_newer_release(release: str, rules: set[str]) -> None:
    assert errors(HEAD.format(version="v1alpha2", kind="LLMInferenceServiceConfig") + NEW_FUNCTION, release) == rules


def errors(text: str, release: str) -> set[str]:
    found = check(text, platforms=[f"kserve@{release}"]).findings
    return {one.rule for one in found if one.severity == Severity.ERROR}


SMALL = HEAD.format(version="v1alpha2", kind="LLMInferenceService") + "  model: {uri: hf://example/chat}\n"


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ("", "parallelism: {data: 1, dataLocal: 1}", False),
        ("", "parallelism: {data: 2, dataLocal: 1}", True),
        ("parallelism: {pipeline: 2}", "parallelism: {data: 4, dataLocal: 2}", False),
        ("parallelism: {pipeline: 2}", "", True),
        ("parallelism: {data: 7, dataLocal: 2}", "parallelism: {data: 3, dataLocal: 1}", False),
        ("", "prefill: {parallelism: {pipeline: 4}}", False),
        ("prefill: {}", "prefill: {parallelism: {pipeline: 4}}", True),
        ("prefill: {parallelism: {pipeline: 4}}", "", False),
    ],
)
def test_the_nodes_of_a_replica_stay(before: str, after: str, refused: bool) -> None:
    old, new = (f"{SMALL}  {more}\n" if more else SMALL for more in (before, after))
    found = check(new, platforms=["kserve@0.20"], previous=old).findings
    assert [one.rule for one in found if one.severity == Severity.ERROR] == ["KSV407"] * refused
