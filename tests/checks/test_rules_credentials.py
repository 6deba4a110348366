"""Credentials one hop further: annotations of Secrets and accounts, roles of clouds, tokens on the wrong container."""

from __future__ import annotations

import pytest

from generator.checks.api import check

KSERVE = "serving.kserve.io/"
SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: digits, annotations: {{serving.kserve.io/deploymentMode: Standard}}}}
spec:
  predictor:
    {predictor}
    model: {{modelFormat: {{name: sklearn}}, storageUri: '{uri}', {model}}}
---
"""
SELDON = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits}
spec:
  predictors: [{name: a, graph: {name: b, implementation: SKLEARN_SERVER, modelUri: 's3://b/x'}}]
---
"""
OTHERS = {"": "", "kserve": SERVICE.format(predictor="minReplicas: 1", uri="s3://b/x", model=""), "seldon": SELDON}


def noted(kind: str, **annotations: str) -> str:
    notes = "".join(f"    {key}: '{value}'\n" for key, value in annotations.items())
    return f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: store\n  annotations:\n{notes}"


def told(text: str, *rules: str, release: str = "0.20") -> list[tuple[str, str]]:
    found = check(text, platforms=[f"kserve@{release}"]).findings
    return [(one.rule, f"{one.message} {one.fix}") for one in found if one.rule.startswith(rules)]


@pytest.mark.parametrize("kind", ["Secret", "ServiceAccount"])
@pytest.mark.parametrize(
    ("key", "beside", "right"),
    [
        ("serving.kserve.org/s3-endpoint", "", f"{KSERVE}s3-endpoint"),
        ("kserve.io/s3-region", "", f"{KSERVE}s3-region"),
        ("s3-endpoint", "", f"{KSERVE}s3-endpoint"),
        (f"{KSERVE}s3-endpiont", "", f"{KSERVE}s3-endpoint"),
        (f"{KSERVE}s3-use-https", "", f"{KSERVE}s3-usehttps"),
        ("serving.kubeflow.org/s3-endpoint", "kserve", f"{KSERVE}s3-endpoint"),
        ("serving.kubeflow.org/s3-endpoint", "seldon", None),
        ("serving.kubeflow.org/s3-endpoint", "", None),
        (f"{KSERVE}s3-endpoint", "seldon", "machinelearning.seldon.io/s3-endpoint"),
        ("machinelearning.seldon.io/s3-endpoint", "kserve", f"{KSERVE}s3-endpoint"),
        ("backup.example.com/s3-endpoint", "kserve", None),
        ("example.com/owner", "kserve", None),
    ],
)
def test_an_annotation_where_nobody_reads_it(kind: str, key: str, beside: str, right: str | None) -> None:
    found = told(OTHERS[beside] + noted(kind, **{key: "x"}), "REF030")
    assert [right in message for _, message in found] == ([True] if right else [])


@pytest.mark.parametrize(("value", "found"), [("0", 0), ("1", 0), ("false", 1), ("no", 1)])
def test_only_zero_means_http(value: str, found: int) -> None:
    text = noted("Secret", **{f"{KSERVE}s3-usehttps": value, f"{KSERVE}s3-endpoint": "minio:9000"})
    assert len(told(text, "REF031")) == found


@pytest.mark.parametrize(
    ("role", "found"), [({}, 1), ({"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/x"}, 0)]
)
def test_an_account_counts_only_beside_its_role(role: dict[str, str], found: int) -> None:
    assert len(told(noted("ServiceAccount", **{f"{KSERVE}s3-endpoint": "minio:9000"}, **role), "REF032")) == found


@pytest.mark.parametrize(
    ("key", "value", "rules"),
    [
        ("eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/x", []),
        ("eks.amazonaws.com/role-arn", "arn:aws-cn:iam::123456789012:role/a/b", []),
        ("eks.amazonaws.com/role-arn", "reader", ["REF034"]),
        ("eks.amazonaws.com/role-arn", "${ROLE}", []),
        ("eks.amazonaws.com/rolearn", "x", ["REF033"]),
        ("eks.amazon.com/role-arn", "x", ["REF033"]),
        ("iam.gke.io/gcp-service-account", "reader@acme.iam.gserviceaccount.com", []),
        ("iam.gke.io/gcp-service-account", "reader", ["REF034"]),
        ("azure.workload.identity/client-id", "11111111-2222-3333-4444-555555555555", []),
        ("azure.workload.identity/clientid", "x", ["REF033"]),
    ],
)
def test_roles_of_accounts(key: str, value: str, rules: list[str]) -> None:
    assert [rule for rule, _ in told(noted("ServiceAccount", **{key: value}), "REF033", "REF034")] == rules


def test_a_role_on_a_secret_is_on_the_wrong_object() -> None:
    assert len(told(noted("Secret", **{"eks.amazonaws.com/role-arn": "x"}), "REF035")) == 1


@pytest.mark.parametrize(
    ("uri", "predictor", "name", "found"),
    [
        ("hf://a/b", "minReplicas: 1", "HF_TOKEN", 1),
        ("hf://a/b", "serviceAccountName: reader", "HF_TOKEN", 0),
        ("s3://a/b", "minReplicas: 1", "AWS_SECRET_ACCESS_KEY", 1),
        ("s3://a/b", "minReplicas: 1", "HF_TOKEN", 0),
        ("pvc://a/b", "minReplicas: 1", "HF_TOKEN", 0),
    ],
)
def test_a_token_for_what_fetches(uri: str, predictor: str, name: str, found: int) -> None:
    text = SERVICE.format(predictor=predictor, uri=uri, model=f"env: [{{name: {name}, value: x}}]")
    assert len(told(text, "KSV560")) == found


LLM = """\
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {{name: chat}}
spec:
  model: {{uri: "{uri}", name: chat}}
  {more}
  {where}: {{containers: [{{name: main, env: [{{name: {name}, value: x}}]}}], {pod}}}
"""


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, "spec.template.containers[0].env[0].name"),
        ({"where": "worker"}, "spec.worker.containers[0].env[0].name"),
        ({"uri": "s3://a/b", "name": "AWS_SECRET_ACCESS_KEY"}, "spec.template.containers[0].env[0].name"),
        ({"uri": "s3://a/b"}, None),
        ({"uri": "pvc://a/b"}, None),
        ({"name": "HF_HOME"}, None),
        ({"pod": "serviceAccountName: reader"}, None),
        ({"more": "storageInitializer: {enabled: false}"}, None),
        ({"more": "baseRefs: [{name: ours}]"}, None),
        ({"where": "worker", "more": "template: {serviceAccountName: reader}"}, None),
        ({"pod": "initContainers: [{name: storage-initializer, image: a}]"}, None),
    ],
)
def test_a_token_for_what_fetches_an_llm(changes: dict[str, str], path: str | None) -> None:
    usual = {"uri": "hf://a/b", "name": "HF_TOKEN", "where": "template", "more": "replicas: 1", "pod": ""}
    found = check(LLM.format(**(usual | changes)), platforms=("kserve@0.20",)).findings
    assert [one.path for one in found if one.rule == "KSV565"] == ([path] if path else [])


@pytest.mark.parametrize(
    ("model", "rules"),
    [
        ("env: [{name: AWS_ACCESS_KEY_ID, value: x}]", ["KSV560"]),
        ("env: [{name: WORKERS, value: '2'}]", ["POL014"]),
        ("storage: {key: store}", []),
    ],
)
def test_what_the_server_has_in_its_environment_opens_no_bucket(model: str, rules: list[str]) -> None:
    text = SERVICE.format(predictor="minReplicas: 1", uri="s3://a/b", model=model)
    assert [rule for rule in ("KSV560", "POL014") if told(text, rule)] == rules


@pytest.mark.parametrize(("release", "found"), [("0.16", 1), ("0.17", 0)])
def test_an_endpoint_s_scheme_by_release(release: str, found: int) -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader}\nsecrets: [{name: store}]\n---\n"
    secret = (
        noted("Secret", **{f"{KSERVE}s3-endpoint": "http://minio:9000"}) + "stringData: {AWS_SECRET_ACCESS_KEY: x}\n"
    )
    service = SERVICE.format(predictor="serviceAccountName: reader", uri="s3://b/x", model="")
    assert len(told(service + account + secret, "KSV561", release=release)) == found
