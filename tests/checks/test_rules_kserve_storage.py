"""What KServe makes of addresses, storage specs, Secrets and format versions: the cases beside the rules' examples."""

from __future__ import annotations

import base64

import pytest

from generator.checks.api import check
from generator.checks.rules.kserve.runtimes_shipped import offer, shipped
from generator.schemas.versions import parse_version

NEWEST = "0.20"


def service(
    model: str = "modelFormat: {name: sklearn}", predictor: str = "", name: str = "digits", more: str = ""
) -> str:
    return f"""\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: {name}
  annotations: {{serving.kserve.io/deploymentMode: Standard{more}}}
spec:
  predictor:
    {predictor or "minReplicas: 1"}
    model: {{{model}}}
"""


def at(uri: str, form: str = "sklearn", name: str = "digits") -> str:
    return service(f"modelFormat: {{name: {form}}}, storageUri: '{uri}'", name=name)


def warnings(*documents: str, release: str = NEWEST) -> list[str]:
    report = check("---\n".join(documents), platforms=[f"kserve@{release}"])
    return [one.rule for one in report.findings if str(one.severity) != "note"]


class TestFormatVersions:
    @pytest.mark.parametrize(
        ("form", "version", "release", "found"),
        [
            ("xgboost", "1", "0.16", []),
            ("xgboost", "1", "0.17", ["KSV138"]),
            ("xgboost", "2", "0.16", ["KSV138"]),
            ("xgboost", "2", "0.17", []),
            ("lightgbm", "3", "0.16", []),
            ("lightgbm", "3", "0.17", ["KSV138"]),
            ("sklearn", "1.4", "0.20", ["KSV138"]),
            ("sklearn", "0", "0.20", ["KSV138"]),
            ("ours", "7", "0.20", []),
        ],
    )
    def test_by_release(self, form: str, version: str, release: str, found: list[str]) -> None:
        document = service(f"modelFormat: {{name: {form}, version: '{version}'}}, storageUri: 's3://m/1'")
        assert warnings(document, release=release) == found

    def test_the_protocol_has_a_say(self) -> None:
        model = "modelFormat: {name: sklearn, version: '0'}, protocolVersion: v2, storageUri: 's3://m/1'"
        assert warnings(service(model)) == []

    def test_a_runtime_of_the_set_is_left_alone(self) -> None:
        runtime = """\
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: ours}
spec:
  supportedModelFormats: [{name: sklearn, version: '1.4', autoSelect: true}]
  protocolVersions: [v1]
  containers: [{name: kserve-container, image: 'registry.example.com/ours:1'}]
"""
        model = "modelFormat: {name: sklearn, version: '1.4'}, storageUri: 's3://m/1'"
        assert warnings(service(model), runtime) == []

    @pytest.mark.parametrize(
        ("model", "problem"),
        [
            ("runtime: kserve-mlserver, modelFormat: {name: sklearn, version: '2'}", "version 2"),
            ("runtime: kserve-mlserver, modelFormat: {name: sklearn}, protocolVersion: v1", "speaks v2, not v1"),
            ("runtime: kserve-tritonserver, modelFormat: {name: pytorch, version: '1'}", None),
        ],
    )
    def test_a_shipped_runtime_that_is_named(self, model: str, problem: str | None) -> None:
        report = check(service(f"{model}, storageUri: 's3://m/1'"), platforms=["kserve@0.20"])
        found = [one.message for one in report.findings if one.rule == "KSV125"]
        assert [problem in message for message in found if problem] == [True] * bool(problem)
        assert len(found) == bool(problem)

    @pytest.mark.parametrize(("form", "protocol"), [("sklearn", "grpc-v2"), ("triton", "v1"), ("onnx", "v1")])
    def test_a_protocol_that_nobody_speaks(self, form: str, protocol: str) -> None:
        model = f"modelFormat: {{name: {form}}}, protocolVersion: {protocol}, storageUri: 's3://m/1'"
        assert warnings(service(model)) == ["KSV110"]


def test_every_release_has_each_runtime_once_and_only_the_newest_all() -> None:
    counts = {release: len(shipped(parse_version(release))) for release in ("0.15", "0.16", "0.17", "0.19", "0.20")}
    assert counts == {"0.15": 11, "0.16": 11, "0.17": 12, "0.19": 12, "0.20": 14}
    assert shipped(None) == shipped(parse_version("0.20"))


def test_a_runtime_without_protocols_speaks_all() -> None:
    found = offer(parse_version("0.20"), "vLLM")
    assert found is not None
    assert found.speaks("grpc-v2")
    assert found.taken("v1") == ("1",)


class TestAddresses:
    @pytest.mark.parametrize(
        ("uri", "found"),
        [
            ("s3://m/model.joblib", []),
            ("s3://m/model.tar.gz", []),
            ("s3://m/model.zip", []),
            ("s3://m/model.pkl.gz", ["KSV131"]),
            ("s3://m/model.tar.zst", ["KSV131"]),
            ("pvc://m/model.tar.gz", ["KSV121"]),
            ("pvc://m/model.gz", ["KSV121"]),
            ("hf://acme/digits", []),
            ("hf://acme/digits/", ["KSV122"]),
            ("hf://acme/digits:refs/pr/1", ["KSV122"]),
            ("hf://digits", ["KSV122"]),
            ("https://example.com/acme/model.joblib", []),
            ("https://example.com/acme/digits.git", []),
            ("https://www.github.com/acme/digits/raw/main/model.joblib", ["KSV123"]),
            ("https://acme.github.io/model.joblib", ["KSV123"]),
            ("https://my.gitlab.example.com/acme/model.joblib", ["KSV123"]),
            ("https://acme.blob.core.windows.net/models/x.github/model", []),
        ],
    )
    def test_form(self, uri: str, found: list[str]) -> None:
        assert warnings(at(uri)) == found

    def test_a_server_of_ones_own_may_unpack(self) -> None:
        model = "runtime: ours, modelFormat: {name: ours}, storageUri: 's3://m/model.gz'"
        assert warnings(service(model)) == []

    @pytest.mark.parametrize(
        ("uri", "found"),
        [
            ("abfs://m/1", ["KSV114"]),
            ("hf://acme/digits/x", ["KSV122"]),
            ("pvc://m", []),
            ("pvc://m/", []),
            ("pvc://m/1", ["KSV130"]),
        ],
    )
    def test_the_entries_of_a_list(self, uri: str, found: list[str]) -> None:
        predictor = (
            f"storageUris: [{{uri: 's3://m/base', mountPath: /mnt/m/base}}, {{uri: '{uri}', mountPath: /mnt/m/x}}]"
        )
        assert warnings(service(predictor=predictor)) == found

    @pytest.mark.parametrize(
        ("first", "second", "found"),
        [
            ("s3://m/digits/1", "s3://m/digits/10", ["KSV132"]),
            ("s3://m/digits/1", "s3://m/digits/1-old", ["KSV132"]),
            ("s3://m/digits/1/", "s3://m/digits/10", []),
            ("s3://m/digits/1", "s3://m/digits/1/part", []),
            ("s3://m/digits/1", "s3://m/digits/1", []),
            ("s3://m/digits", "s3://n/digits-2", []),
            ("s3://m", "s3://mm/digits", []),
            ("s3://m/a.joblib", "s3://m/a.joblib.old", []),
            ("gs://m/digits/1", "gs://m/digits/10", []),
            (
                "https://acme.blob.core.windows.net/m/digits/1/",
                "https://acme.blob.core.windows.net/m/digits/10",
                ["KSV132"],
            ),
        ],
    )
    def test_neighbours(self, first: str, second: str, found: list[str]) -> None:
        assert warnings(at(first), at(second, name="next")) == found

    def test_a_canary_is_a_neighbour_too(self) -> None:
        document = at("s3://m/digits/1") + (
            "  canary:\n    - trafficPercent: 0\n      predictor:\n        name: next\n"
            "        model: {modelFormat: {name: sklearn}, storageUri: 's3://m/digits/10'}\n"
        )
        assert "KSV132" in warnings(document)


def secret(keys: str, name: str = "storage-config", field: str = "stringData", more: str = "") -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\n{more}{field}: {{{keys}}}\n"


def stored(storage: str) -> str:
    return service(f"modelFormat: {{name: sklearn}}, storage: {{{storage}}}")


HDFS = base64.b64encode(b'{"type": "gcs"}').decode()


class TestStorageSpec:
    @pytest.mark.parametrize(
        ("storage", "others", "found"),
        [
            ("key: minio, path: digits/1", [], []),
            ("path: digits/1", [], []),
            ("path: digits/1, parameters: {type: hdfs}", [], []),
            ("key: minio, path: digits/1, parameters: {type: s3}", [], ["KSV136"]),
            ("key: minio, path: digits/1", [secret('minio: \'{"type": "s3"}\'')], ["KSV136"]),
            ("key: minio, path: digits/1, parameters: {bucket: m}", [secret('minio: \'{"type": "s3"}\'')], []),
            ("key: minio, path: digits/1", [secret("minio: not json")], []),
            ("key: minio, path: digits/1", [secret("other: '{}'")], ["KSV137"]),
            ("key: minio, path: digits/1", [secret("other: '{}'", name="elsewhere")], []),
            ("key: minio, path: digits/1", [secret(f"minio: {HDFS}", field="data")], ["KSV135"]),
            ("key: minio", [], ["KSV133"]),
        ],
    )
    def test_beside_a_secret(self, storage: str, others: list[str], found: list[str]) -> None:
        assert warnings(stored(storage), *others) == found

    def test_a_key_beside_an_address_names_credentials(self) -> None:
        assert warnings(service("modelFormat: {name: sklearn}, storageUri: 's3://m/1', storage: {key: minio}")) == []

    def test_modelmesh_reads_it_in_its_own_way(self) -> None:
        assert warnings(stored("key: minio").replace("Standard", "ModelMesh")) == []


ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader}\nsecrets: [{name: store}]\n"


class TestCredentials:
    @pytest.mark.parametrize(
        ("uri", "others", "found"),
        [
            ("s3://m/1", [ACCOUNT, secret("user: x", "store")], ["KSV141"]),
            ("hf://acme/digits", [ACCOUNT, secret("token: x", "store")], ["KSV141"]),
            ("hf://acme/digits", [ACCOUNT, secret("HF_TOKEN: x", "store")], []),
            ("s3://m/1", [ACCOUNT, secret("HF_TOKEN: x", "store")], []),
            ("https://example.com/m/model.joblib", [ACCOUNT, secret("user: x", "store")], []),
            ("s3://m/1", [ACCOUNT], []),
            ("s3://m/1", [ACCOUNT, secret("", "store")], []),
            (
                "s3://m/1",
                [ACCOUNT, secret(".dockerconfigjson: '{}'", "store", more="type: kubernetes.io/dockerconfigjson\n")],
                [],
            ),
            (
                "s3://m/1",
                [
                    ACCOUNT.replace(
                        "reader}",
                        'reader, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::123456789012:role/reader"}}',
                    ),
                    secret("user: x"),
                ],
                [],
            ),
        ],
    )
    def test_of_an_account(self, uri: str, others: list[str], found: list[str]) -> None:
        model = f"modelFormat: {{name: sklearn}}, storageUri: '{uri}'"
        assert warnings(service(model, "serviceAccountName: reader"), *others) == found

    def test_of_an_annotation(self) -> None:
        document = service(
            "modelFormat: {name: sklearn}, storageUri: 's3://m/1'", more=", serving.kserve.io/storageSecretName: store"
        )
        assert warnings(document, secret("user: x", "store")) == ["KSV141"]


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ("", ["KSV139"]),
        ("modelFormat: {}, ", ["KSV139"]),
        ("modelFormat: {name: ''}, ", ["KSV139"]),
        ("modelFormat: sklearn, ", ["K8S012"]),  # a format in a wrong form is one mistake, and no missing format
        ("modelFormat: {name: 3}, ", ["K8S012"]),
    ],
)
def test_a_missing_format_is_told_where_none_is_said(said: str, rules: list[str]) -> None:
    text = (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a}\n"
        f"spec: {{predictor: {{model: {{{said}storageUri: 's3://a/b'}}}}}}\n"
    )
    found = check(text, platforms=[f"kserve@{NEWEST}"]).findings
    assert [one.rule for one in found if one.rule in ("KSV139", "K8S012")] == rules
