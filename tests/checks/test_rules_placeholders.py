"""Placeholders and exports: what is told once, and what is no placeholder although it looks like one."""

from __future__ import annotations

import pytest

from generator.checks.api import check
from generator.checks.finding import Severity
from generator.checks.placeholders import filled, placeholders

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {{serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    model:
      modelFormat: {{name: sklearn}}
      storageUri: "{uri}"
      args: [{args}]
      env:
        - {{name: SETTING, value: "{value}"}}
"""


def told(uri: str = "pvc://m/1", args: str = "", value: str = "x") -> list[tuple[str, str]]:
    report = check(SERVICE.format(uri=uri, args=args, value=value), platforms=["kserve@0.20"])
    return [(one.rule, one.message) for one in report.findings if one.rule in ("POL003", "POL004")]


@pytest.mark.parametrize(
    "text",
    [
        *("<your-bucket>", "s3://<bucket>/model", "registry/<name>:<tag>", "<path/to/model>", "my-<env>-models"),
        *("CHANGEME", "change-me", "s3://REPLACE_ME/x", "replaceme", "REPLACE-ME"),
        *("gs://your-bucket/x", "YOUR_REGISTRY/image:1", "yourTaintKeyHere"),
        *("arn:aws:iam::xxxxxxxxxxxx:role/reader", "sk-XXXXXXXX"),
        *("${BUCKET}", "${BUCKET:-models}/1", "pvc://$(CLAIM)/x", "$BUCKET/model"),
        *("{{ .Values.image }}", "registry/{{.Values.name}}:{{ .Release.Name }}", "{{- .Values.a | default 1 }}"),
    ],
)
def test_a_placeholder(text: str) -> None:
    assert not filled(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "s3://models/digits/1", "your", "yourself", "todo-app", "todos", "changement", "replacement", "xxx"),
        *("not-the-namespace-youre-looking-for", "my-bucket", "example.com"),
        *("/(?<id>[0-9]+)/x", "/(?P<id>[0-9]+)", "^/api$", "a<b", "<|im_start|>", "List<String>", "<b>bold</b>"),
        *("$request", "$response", "cost: 5$", "$$(NAME)", "{{.Name}}", "{{ .Namespace }}-x", "{{args.host}}"),
        *('{"a":"<b>"}', '["<a>"]', "write <name> into it", "if a < b and c > d", "x" * 400 + "<your-bucket>"),
    ],
)
def test_no_placeholder(text: str) -> None:
    assert filled(text)


class TestOneMessage:
    def test_several_placeholders_of_an_object_are_one_warning(self) -> None:
        message = "nobody has filled in '<your-bucket>', '<path>' and 'CHANGEME'"
        assert told("s3://<your-bucket>/<path>", value="CHANGEME") == [("POL003", message)]

    def test_many_are_counted(self) -> None:
        assert "'<a>', '<b>', '<c>' and 2 more" in told("s3://<a>/<b>/<c>/<d>/<e>")[0][1]

    def test_variables_are_a_note_of_their_own(self) -> None:
        found = told("s3://${BUCKET}/<path>")
        assert [rule for rule, _ in found] == ["POL003", "POL004"]

    def test_an_address_with_a_placeholder_gets_no_other_finding(self) -> None:
        report = check(SERVICE.format(uri="<scheme>://models", args="", value="x"), platforms=["kserve@0.20"])
        assert {one.rule for one in report.findings if one.path.endswith("storageUri")} == {"POL003"}

    def test_what_follows_from_it_is_told_by_it_alone(self) -> None:
        """The name would be refused: the one message is as bad as that."""
        text = SERVICE.format(uri="s3://<bucket>", args="", value="x").replace("name: digits", "name: <service>")
        found = {one.rule: one for one in check(text, platforms=["kserve@0.20"]).findings}
        assert "K8S041" not in found
        assert (found["POL003"].path, found["POL003"].severity) == ("metadata.name", Severity.ERROR)
        assert found["POL003"].message == "nobody has filled in '<service>' and '<bucket>'"

    def test_who_silences_it_still_hears_what_it_covers(self) -> None:
        text = SERVICE.format(uri="s3://<bucket>", args="", value="x").replace("name: digits", "name: <service>")
        quiet = text.replace("annotations: {", "annotations: {serinus.dev/ignore: POL003, ")
        found = {one.rule: one.severity for one in check(quiet, platforms=["kserve@0.20"]).findings}
        assert found["K8S041"] == Severity.ERROR
        assert "POL003" not in found

    def test_an_unknown_key_is_told_beside_it(self) -> None:
        text = SERVICE.format(uri="s3://<bucket>", args="", value="x").replace("storageUri", "storageUrl")
        assert {"K8S010", "POL003"} <= {one.rule for one in check(text, platforms=["kserve@0.20"]).findings}

    def test_a_key_can_be_one(self) -> None:
        assert [(one.path, one.in_key) for one in placeholders({"a": [{"<key>": "b"}]})] == [(("a", 0, "<key>"), True)]


class TestWhereThingsAreFilledInLater:
    @pytest.mark.parametrize("args", ['"--id=$(NAME)"', '"sh", "-c", "echo ${HOME} <file"', '"--stop=<end>"'])
    def test_arguments(self, args: str) -> None:
        assert told(args=args) == []

    @pytest.mark.parametrize("value", ["$(OTHER)", "${HOME}/x", "<think>"])
    def test_variables_of_containers(self, value: str) -> None:
        assert told(value=value) == []

    @pytest.mark.parametrize("value", ["<your-token>", "<HF_TOKEN>", "CHANGEME", "hf_xxxxxxxx"])
    def test_but_not_what_a_person_has_to_write(self, value: str) -> None:
        assert [rule for rule, _ in told(value=value)] == ["POL003"]


ROUTE = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}


@pytest.mark.parametrize(
    ("metadata", "others", "names"),
    [
        ({"uid": "1", "resourceVersion": "2"}, {}, "uid and resourceVersion have"),
        ({"managedFields": [{"manager": "x"}]}, {"status": {"parents": [{}]}}, "managedFields and status have"),
        (
            {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
            {},
            "last-applied-configuration has",
        ),
        ({"creationTimestamp": None, "resourceVersion": ""}, {"status": {}}, None),
        ({"annotations": {"status": "fine"}}, {}, None),
    ],
)
def test_an_export_is_told_once_with_all_that_the_cluster_wrote(
    metadata: dict[str, object], others: dict[str, object], names: str | None
) -> None:
    report = check({**ROUTE, "metadata": {"name": "a", **metadata}, "spec": {}, **others})
    messages = [one.message for one in report.findings if one.rule == "POL005"]
    assert len(messages) == (0 if names is None else 1)
    assert all(names in message for message in messages if names)


def test_kserve_s_own_annotations_are_filled_in_by_kserve() -> None:
    key = "internal.serving.kserve.io/storage-initializer-sourceuri"
    text = f'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations: {{{key}: "<scheme-placeholder>://x"}}\n'
    text += "spec: {containers: [{name: c, image: 'i:1'}]}\n"
    assert "POL003" not in {one.rule for one in check(text).findings}
    assert "POL003" in {one.rule for one in check(text.replace("internal.", "")).findings}
