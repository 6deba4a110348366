"""``serinus render --training``: a service's training as a job of an engine on a cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from generator.checks.api import check
from kit import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: kserve, version: "0.20", mode: standard}
store: {url: s3://models}
model:
  train: {task: image-classification, data: digits}
training: {image: registry.example.com/train:1}
variants: [{name: stable, release: latest}]
"""
ENGINES = ("trainer", "training-operator")


def written(folder: Path, training: str = "", text: str = SERVICE) -> Path:
    path = folder / "serinus.yaml"
    path.write_text(text.replace("train:1}", f"train:1{training}}}"))
    return path


def rendered(run: Any, path: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """The documents by kind, each valid."""
    ended = run("render", "--training", path, *arguments)
    assert ended.code == 0, ended.err
    report = check(ended.out, file="-")
    assert [finding.message for finding in report.findings if finding.severity != "note"] == []
    assert [finding.message for finding in report.findings if finding.rule.startswith("KFT")] == []
    assert report.summary.skipped == 0
    return {document["kind"]: document for document in yaml.safe_load_all(ended.out)}


def pods(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The pods' spec of either engine."""
    if "TFJob" in found:
        return found["TFJob"]["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]
    (job,) = found["TrainingRuntime"]["spec"]["template"]["spec"]["replicatedJobs"]
    return job["template"]["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    ("engine", "kinds"),
    [("trainer", ["ConfigMap", "TrainingRuntime", "TrainJob"]), ("training-operator", ["ConfigMap", "TFJob"])],
)
def test_each_engine_gets_its_objects_and_the_pods_the_service_file(run, tmp_path, engine, kinds) -> None:
    path = written(tmp_path, f", engine: {engine}")
    found = rendered(run, path)
    assert list(found) == kinds
    assert found["ConfigMap"]["data"] == {"serinus.yaml": path.read_text()}
    (container,) = pods(found)["containers"]
    assert container["command"] == ["serinus", "release", "/serinus/serinus.yaml"]
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/serinus", "/serinus/serinus.yaml"}
    assert len({document["metadata"]["name"] for document in found.values()}) == 1


def test_trainer_finds_its_job_and_container_by_the_names_that_it_wants(run, tmp_path) -> None:
    found = rendered(run, written(tmp_path, ", workers: 3"))
    (job,) = found["TrainingRuntime"]["spec"]["template"]["spec"]["replicatedJobs"]
    assert job["template"]["metadata"]["labels"] == {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}
    assert (job["name"], pods(found)["containers"][0]["name"]) == ("node", "node")
    assert found["TrainJob"]["spec"] == {
        "runtimeRef": {
            "apiGroup": "trainer.kubeflow.org",
            "kind": "TrainingRuntime",
            "name": found["TrainingRuntime"]["metadata"]["name"],
        },
        "activeDeadlineSeconds": 86_400,
        "trainer": {"numNodes": 3},
    }


def test_each_pod_of_trainer_learns_who_it_is(run, tmp_path) -> None:
    """As Kubernetes fills the variable in: the index from the pod's annotation."""
    found = rendered(run, written(tmp_path, ", workers: 2"))
    job = found["TrainJob"]["metadata"]["name"]
    index, config = pods(found)["containers"][0]["env"]
    assert index["valueFrom"]["fieldRef"]["fieldPath"].endswith("['batch.kubernetes.io/job-completion-index']")
    for number in range(2):
        told = json.loads(config["value"].replace(f"$({index['name']})", str(number)))
        assert told == {
            "cluster": {"worker": [f"{job}-node-0-0.{job}:2222", f"{job}-node-0-1.{job}:2222"]},
            "task": {"type": "worker", "index": number},
        }


def test_one_worker_needs_nobody(run, tmp_path) -> None:
    assert "env" not in pods(rendered(run, written(tmp_path)))["containers"][0]


def test_the_training_operator_sets_it_itself(run, tmp_path) -> None:
    found = rendered(run, written(tmp_path, ", engine: training-operator, workers: 2"))
    assert found["TFJob"]["spec"]["tfReplicaSpecs"]["Worker"]["replicas"] == 2
    container = pods(found)["containers"][0]
    assert (container["name"], container["ports"][0]["name"]) == ("tensorflow", "tfjob-port")
    assert "env" not in container


CHANGES = [
    ("image", lambda pod: pod["containers"][0]["image"] == "other:2", "image=other:2"),
    ("command", lambda pod: pod["containers"][0]["command"][1] == "train", "command=train"),
    ("claim", lambda pod: {"claimName": "build"} in [each.get("persistentVolumeClaim") for each in pod["volumes"]], "claim=build"),
    ("serviceAccount", lambda pod: pod["serviceAccountName"] == "trainer", "serviceAccount=trainer"),
    ("resources", lambda pod: pod["containers"][0]["resources"] == {"limits": {"nvidia.com/gpu": "1"}}, 'resources.limits."nvidia.com/gpu"=1'),
]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("key", "holds", "assignment"), CHANGES, ids=[key for key, *_ in CHANGES])
def test_each_key_has_an_effect_on_both(run, tmp_path, engine, key, holds, assignment) -> None:
    path = written(tmp_path, f", engine: {engine}")
    assert not (key != "image" and holds({"volumes": [], "serviceAccountName": "", **_safe(pods(rendered(run, path)))}))
    assert holds(pods(rendered(run, path, "--set", f"training.{assignment}")))


def _safe(pod: dict[str, Any]) -> dict[str, Any]:
    pod["containers"][0].setdefault("resources", {})
    return pod


def test_no_job_goes_on_for_ever(run, tmp_path) -> None:
    """A worker without memory enough is ended by a signal and begun again, each time."""
    path = written(tmp_path, ", deadline: 7200")
    assert rendered(run, path)["TrainJob"]["spec"]["activeDeadlineSeconds"] == 7200
    tfjob = rendered(run, path, "--set", "training.engine=training-operator")["TFJob"]
    assert tfjob["spec"]["runPolicy"]["activeDeadlineSeconds"] == 7200


def test_the_users_fields_go_over_ours(run, tmp_path) -> None:
    more = ", container: {env: [{name: A, value: b}]}, pod: {nodeSelector: {gpu: a100}, priorityClassName: low}"
    pod = pods(rendered(run, written(tmp_path, more)))
    assert (pod["nodeSelector"], pod["priorityClassName"]) == ({"gpu": "a100"}, "low")
    assert {"name": "A", "value": "b"} in pod["containers"][0]["env"]


def test_environment_and_sets_are_the_jobs_too(run, tmp_path) -> None:
    path = written(tmp_path, text=SERVICE + "environments: {prod: {namespace: prod}}\n")
    found = rendered(run, path, "-e", "prod", "--set", "model.train.epochs=3")
    assert found["TrainJob"]["metadata"]["namespace"] == "prod"
    assert pods(found)["containers"][0]["command"][3:] == ["-e", "prod", "--set", "model.train.epochs=3"]


def test_the_same_training_is_the_same_job_and_another_one_another(run, tmp_path) -> None:
    """A job's fields can't change, and an apply must not train again for nothing."""
    path = written(tmp_path)
    first, second = (rendered(run, path)["TrainJob"]["metadata"]["name"] for _ in range(2))
    assert first == second
    path.write_text(path.read_text().replace("data: digits", "data: digits, seed: 8"))
    assert rendered(run, path)["TrainJob"]["metadata"]["name"] != first


def test_the_longest_name_leaves_room_for_the_pods(run, tmp_path) -> None:
    path = written(tmp_path, text=SERVICE.replace("name: digits", f"name: {'a' * 40}"))
    name = rendered(run, path)["TrainJob"]["metadata"]["name"]
    assert len(f"{name}-node-0-999-abcde") <= 63


def test_the_repositorys_defaults_come_along(run, tmp_path) -> None:
    (tmp_path / "serinus.toml").write_text('[service]\nlabels = {team = "a"}\n')
    found = rendered(run, written(tmp_path))
    assert set(found["ConfigMap"]["data"]) == {"serinus.yaml", "serinus.toml"}
    assert found["TrainJob"]["metadata"]["labels"]["team"] == "a"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SERVICE.replace("  train: {task: image-classification, data: digits}", "  format: onnx"), "trains nothing"),
        (SERVICE.replace("training:", "#"), "nothing says in which image a cluster trains"),
        (SERVICE.replace("train:1}", "train:1, engine: slurm}"), "training-operator"),
        (SERVICE.replace("train:1}", "train:1, workers: 0}"), "0 is below 1"),
        (SERVICE.replace("train:1}", "train:1, container: {command: [sh]}}"), "command is Serinus' own here"),
        (SERVICE.replace("train:1}", "train:1, pod: {containers: []}}"), "containers is Serinus' own here"),
        (SERVICE + "# " + "ü" * 600_000 + "\n", "a ConfigMap holds less than 1,048,576"),
    ],
)
def test_what_cant_be_a_job_is_said_at_its_place(run, tmp_path, text, says) -> None:
    path = written(tmp_path, text=text)
    ended = run("render", "--training", path)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert str(path) in ended.err


def test_templates_of_the_repository_cant_come_along(run, tmp_path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "serinus.toml").write_text('[render]\ntemplates = "own"\n')
    ended = run("render", "--training", written(tmp_path))
    assert (ended.code, "can't bring the repository's templates along" in ended.err) == (2, True)
    assert run("render", "--training", written(tmp_path, ", command: train")).code == 0


@pytest.mark.parametrize(
    ("training", "old", "new", "note"),
    [
        ("", "", "", "a killed training begins anew"),
        ("", "s3://models}", "s3://models, publish: ./store}", "the job publishes to ./store in its own pod"),
        ("", "data: digits", "data: ./mine.npz", "the image has to hold the data ./mine.npz"),
    ],
)
def test_what_would_be_lost_is_said(run, tmp_path, training, old, new, note) -> None:
    ended = run("render", "--training", written(tmp_path, training, SERVICE.replace(old, new) if old else SERVICE))
    assert note in ended.err


def test_the_example_is_rendered_for_both(run) -> None:
    for engine in ENGINES:
        rendered(run, ROOT / "examples/training-cluster/serinus.yaml", "--set", f"training.engine={engine}")
