"""``serinus expand``, as a user types it."""

from __future__ import annotations

import io
import json
import sys

import pytest
import yaml

from kit import ROOT

EXAMPLES = ROOT / "examples"
SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: churn
  namespace: models
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/churn/1
      resources: {requests: {cpu: 2}, limits: {cpu: 2}}
"""
SERVER = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: own}
spec: {serverConfig: mine}
"""


@pytest.fixture
def manifest(tmp_path):
    """An InferenceService in a file."""
    file = tmp_path / "churn.yaml"
    file.write_text(SERVICE)
    return file


def test_children_are_a_yaml_stream_that_says_whose_they_are(run, manifest):
    ended = run("expand", manifest, "--platform", "kserve@0.20")
    assert ended.code == 0
    found = {(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(ended.out)}
    assert {("Deployment", "churn-predictor"), ("Service", "churn-predictor")} <= found
    assert f"# made by KServe 0.20 of InferenceService churn ({manifest}:1)\n" in ended.out


def test_origins_stand_in_comments_and_change_no_value(run, manifest):
    plain, told = (run("expand", manifest, "--platform", "kserve@0.20", *more).out for more in ((), ("--origins",)))
    assert list(yaml.safe_load_all(told)) == list(yaml.safe_load_all(plain))
    assert f"# {manifest}:12 spec.predictor.model.resources" in told
    assert "kserve-sklearnserver" in told


def test_json_has_each_object_with_the_origin_of_its_fields(run, manifest):
    told = json.loads(run("expand", manifest, "--platform", "kserve@0.20", "--format", "json").out)
    (deployment,) = [one for one in told["children"] if one["object"]["kind"] == "Deployment"]
    assert deployment["of"] == {"file": str(manifest), "document": 0, "kind": "InferenceService", "name": "churn"}
    here = {"file": str(manifest), "line": 5, "path": "metadata.namespace"}
    assert deployment["origins"]["metadata.namespace"] == here
    assert all(set(origin) in ({"file", "line", "path"}, {"from", "path"}) for origin in deployment["origins"].values())


def test_what_is_not_known_is_told_beside_what_is(run, tmp_path):
    file = tmp_path / "server.yaml"
    file.write_text(SERVER)
    ended = run("expand", file)
    assert ended.code == 0
    assert f"note: {file}:4:22: the ServerConfig 'mine' isn't in the set" in ended.err
    assert "kind: StatefulSet" in ended.out
    assert json.loads(run("expand", file, "--format", "json").out)["unknown"][0]["path"] == "spec.serverConfig"


def test_what_is_not_known_of_many_is_told_once(run, tmp_path):
    file = tmp_path / "many.yaml"
    file.write_text("---\n".join(SERVER.replace("own", f"own-{number}") for number in range(3)))
    ended = run("expand", file)
    assert ended.err.count("isn't in the set") == 1
    assert f"{file}:4:22 (and 2 more): " in ended.err


def test_a_service_file_that_is_named_is_rendered_first(run):
    ended = run("expand", EXAMPLES / "seldon-core-1-canary" / "serinus.yaml")
    assert ended.code == 0
    assert {"Deployment", "Service", "VirtualService"} <= {one["kind"] for one in yaml.safe_load_all(ended.out)}
    assert "(seldondeployment-fraud.yaml:" in ended.out


def test_one_that_a_folder_holds_is_passed_over(run, tmp_path, manifest):
    (tmp_path / "serinus.yaml").write_text((EXAMPLES / "kserve-rolling" / "serinus.yaml").read_text())
    ended = run("expand", tmp_path, "--platform", "kserve@0.20")
    assert ended.code == 0
    assert "churn-predictor" in ended.out
    assert "note: 1 service file skipped" in ended.err


def test_an_origin_is_where_the_user_wrote_it_not_where_the_webhook_moved_it(run, tmp_path):
    file = tmp_path / "old.yaml"
    file.write_text(SERVICE.replace("    model:\n      modelFormat: {name: sklearn}\n", "    sklearn:\n"))
    told = json.loads(run("expand", file, "--platform", "kserve@0.20", "--format", "json").out)
    (deployment,) = [one for one in told["children"] if one["object"]["kind"] == "Deployment"]
    found = [one["path"] for one in deployment["origins"].values() if one.get("file") == str(file)]
    assert any(path.startswith("spec.predictor.sklearn.resources") for path in found)
    assert not any(path.startswith("spec.predictor.model") for path in found)


def test_standard_input_is_read(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SERVICE.encode())))
    assert "churn-predictor" in run("expand", "-", "--platform", "kserve@0.20").out


def test_objects_of_which_nothing_becomes_are_said_to_be_such(run, tmp_path):
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    ended = run("expand", tmp_path / "a.yaml")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing is made of 1 document" in ended.err


def test_a_document_that_can_not_be_read_is_told_after_the_others(run, tmp_path):
    (tmp_path / "a.yaml").write_text(f"{SERVICE}---\nkind: [\n")
    ended = run("expand", tmp_path / "a.yaml", "--platform", "kserve@0.20")
    assert ended.code == 2
    assert "churn-predictor" in ended.out
    assert "a.yaml:" in ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "toml"), "--format toml isn't known here"),
        (("--format", "text"), "--format text isn't known here"),
        (("--format", "json", "--origins"), "--origins has no effect beside --format json"),
        (("-e", "prod"), "-e and --set are for service files"),
        (("--platform", "kserve@9"), "kserve"),
        (("--steps", "--origins"), "--origins has no effect beside --steps"),
        (("--steps", "--platform", "kserve@0.20"), "--platform has no effect beside --steps"),
        (("--steps", "--format", "yaml"), "--format yaml isn't known here"),
    ],
)
def test_options_without_an_effect_are_refused(run, manifest, arguments, words):
    ended = run("expand", manifest, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


@pytest.mark.parametrize("path", ["nowhere.yaml", "."])
def test_nothing_to_expand_is_a_mistake_of_the_command(run, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    assert run("expand", path).code in (2, 3)


def test_the_steps_of_a_canary_tell_traffic_pods_and_dangers(run):
    ended = run("expand", "--steps", EXAMPLES / "kserve-canary" / "serinus.yaml")
    assert ended.code == 0
    told = ended.out.split("\n\n")
    assert told[0].startswith("before: 'stable' alone\n  runs: Deployment fraud-predictor, ")
    assert "danger: once HTTPRoute fraud-split is applied, HTTPRoute fraud-split gives 100 % to " in told[1]
    assert told[3] == (
        "step 2 of 4: 'canary' gets 10 %\n"
        "  HTTPRoute fraud-split: fraud-r12-predictor 99 % → 90 %, fraud-r13-predictor 1 % → 10 %"
    )
    assert "<- the service file as it stands" in told[2]


def test_the_steps_as_json_hold_every_object_of_every_state(run):
    told = json.loads(run("expand", "--steps", "--format", "json", EXAMPLES / "kserve-canary" / "serinus.yaml").out)
    assert [step["current"] for step in told["steps"]].count(True) == 1
    for step in told["steps"]:
        made = [one["object"]["kind"] for one in step["objects"] if one["madeByController"]]
        assert "Deployment" in made


STEPPED = sorted(
    file.parent.name
    for file in EXAMPLES.glob("*/serinus.yaml")
    if file.parent.name.startswith(("kserve-", "kubernetes-", "seldon-"))
)


@pytest.mark.parametrize("example", STEPPED)
def test_every_example_has_its_steps_and_its_pods_stay_from_step_to_step(run, example):
    told = json.loads(run("expand", "--steps", "--format", "json", EXAMPLES / example / "serinus.yaml").out)["steps"]
    assert told
    for step in told:
        if step["state"].startswith("step ") and not step["state"].startswith("step 0"):
            assert not step["dangers"], step["state"]
            assert not [line for line in step["changes"] if "restart" in line], step["state"]
