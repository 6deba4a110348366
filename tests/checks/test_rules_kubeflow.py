"""Rules on Kubeflow's training kinds: what holds for one kind and not for its siblings, and what the set has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.checks.api import Options, check
from generator.checks.rules.kubeflow_trainer.policies import RESERVED
from generator.checks.rules.kubeflow_trainer.spec import CLUSTERWIDE, JOB, RUNTIME, SHIPPED, both, by
from generator.checks.rules.kubeflow_trainer.torchtune import GOOD as TUNE
from generator.checks.rules.kubeflow_training_operator.spec import (
    FORMS,
    JOBS,
    PYTORCH_JOB,
    TF,
    TF_JOB,
    XGBOOST,
    XGBOOST_JOB,
    example,
)

if TYPE_CHECKING:
    from generator.reading.kind import Kind


def found(text: str, previous: str = "", *, complete: bool = False) -> list[str]:
    """The ids of Kubeflow's rules that fire."""
    report = check(text, previous=previous, options=Options(complete=complete))
    assert report.summary.skipped == 0
    return sorted({finding.rule for finding in report.findings if finding.rule.startswith("KFT")})


def whole(kind: Kind) -> str:
    """A job of a kind in which nothing is wrong."""
    return XGBOOST if kind == XGBOOST_JOB else example(kind)


FAULTS = [
    ("a name with a dot", lambda text, _: text.replace("name: digits}", "name: di.gits}"), "KFT001"),
    ("a name of 64 letters", lambda text, _: text.replace("name: digits}", f"name: {'d' * 64}}}"), "KFT001"),
    ("a generated name after a digit", lambda text, _: text.replace("name: digits}", "generateName: 2-}"), "KFT001"),
    ("no spec", lambda text, _: text.split("spec:", maxsplit=1)[0], "KFT002"),
    ("no template", lambda text, _: text.split("      template:", maxsplit=1)[0], "KFT004"),
    ("no containers", lambda text, _: text.split("{containers", maxsplit=1)[0] + "{containers: []}}\n", "KFT004"),
    ("no image", lambda text, _: text.replace(", image: registry.example.com/train:1", ""), "KFT005"),
    ("an empty image", lambda text, _: text.replace("registry.example.com/train:1", '""'), "KFT005"),
    ("another container", lambda text, name: text.replace(f"name: {name}", "name: main"), "KFT006"),
    (
        "a limit that bounds nothing",
        lambda text, _: (
            text.replace("      template:", "      restartPolicy: ExitCode\n      template:")
            + "  runPolicy: {backoffLimit: 3}\n"
        ),
        "KFT022",
    ),
    ("another case", lambda text, _: text + "  runPolicy: {cleanPodPolicy: running}\n", "KFT025"),
    ("an empty word", lambda text, _: text + '  runPolicy: {cleanPodPolicy: ""}\n', "KFT025"),
    (
        "a policy of Jobs",
        lambda text, _: text.replace("      template:", "      restartPolicy: never\n      template:"),
        "KFT025",
    ),
    ("a pod's own policy", lambda text, _: text.replace("{containers", "{restartPolicy: Always, containers"), "KFT023"),
]


@pytest.mark.parametrize("kind", JOBS, ids=lambda kind: kind.kind)
@pytest.mark.parametrize(("bend", "expected"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_fault_is_one_in_every_kind_of_job(kind: Kind, bend, expected: str) -> None:
    assert found(whole(kind)) == []
    assert found(bend(whole(kind), FORMS[kind].container)) == [expected]


@pytest.mark.parametrize(
    ("kind", "role", "expected"),
    [(kind, "Workers", ["KFT021"] if kind == TF_JOB else ["KFT003"]) for kind in JOBS if kind != XGBOOST_JOB]
    + [(XGBOOST_JOB, "Workers", ["KFT003", "KFT010"]), (TF_JOB, "worker", []), (PYTORCH_JOB, "worker", ["KFT003"])],
    ids=str,
)
def test_roles_that_a_kind_has_not(kind: Kind, role: str, expected: list[str]) -> None:
    """TFJob's webhook takes any role, and its operator mends the case of those it knows."""
    assert found(example(kind, role)) == expected


@pytest.mark.parametrize("kind", JOBS, ids=lambda kind: kind.kind)
@pytest.mark.parametrize(
    ("old", "new"),
    [("", "kueue.x-k8s.io/multikueue"), ("kueue.x-k8s.io/multikueue", ""), ("kubeflow.org/training-operator", "")],
)
def test_a_manager_stays_where_the_webhook_compares(kind: Kind, old: str, new: str) -> None:
    """PyTorchJob's compares the new job with itself; JAXJob's doesn't look."""
    texts = [whole(kind) + (f"  runPolicy: {{managedBy: {name}}}\n" if name else "") for name in (old, new)]
    kept = [] if kind in (PYTORCH_JOB, JOBS[-1]) else ["KFT015"]
    ignored = ["KFT020"] if kind == JOBS[-1] and "kueue" in new else []
    assert found(texts[1], previous=texts[0]) == kept + ignored


@pytest.mark.parametrize(
    ("namespace", "labels", "expected"),
    [
        ("{istio-injection: enabled}", "", ["KFT024"]),
        ("{istio.io/rev: stable}", "", ["KFT024"]),
        ("{istio-injection: enabled}", '{sidecar.istio.io/inject: "false"}', []),
        ("{istio-injection: disabled, istio.io/rev: stable}", "", []),
        ("{team: ml}", "", []),
        ("{team: ml}", '{sidecar.istio.io/inject: "true"}', ["KFT024"]),
    ],
)
@pytest.mark.parametrize("where", ["labels", "annotations"])
def test_a_mesh_gets_in_by_the_namespace_or_the_pod(
    namespace: str, labels: str, expected: list[str], where: str
) -> None:
    job = TF.replace("name: digits}", "name: digits, namespace: models}")
    if labels:
        job = job.replace("template: {", f"template: {{metadata: {{{where}: {labels}}}, ")
    around = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: models, labels: {namespace}}}\n---"
    assert found(around + job) == expected


@pytest.mark.parametrize(
    ("job", "runtime", "expected"),
    [
        (JOB, RUNTIME, []),
        (JOB, RUNTIME.replace("namespace: models", "namespace: other"), ["KFT111"]),
        (JOB.replace(", namespace: models", ""), RUNTIME, []),
        (JOB, CLUSTERWIDE, ["KFT111"]),
        (JOB.replace("kind: TrainingRuntime, ", ""), RUNTIME, ["KFT111"]),
        (JOB.replace("kind: TrainingRuntime, ", ""), CLUSTERWIDE, []),
        (JOB.replace("kind: Train", "apiGroup: example.com, kind: Train", 2).replace("apiGroup: example.com, ", "", 1), RUNTIME, ["KFT110"]),
    ],
    ids=["there", "of another namespace", "wherever kubectl is", "of the cluster", "no kind", "the default kind", "another group"],
)  # fmt: skip
def test_the_runtime_that_a_job_names(job: str, runtime: str, expected: list[str]) -> None:
    assert found(both(job, runtime)) == expected


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_runtimes_of_the_manifests_are_taken_to_be_there(name: str) -> None:
    assert found(JOB.replace("kind: TrainingRuntime, name: digits", f"name: {name}"), complete=True) == []


def test_a_job_in_front_of_its_runtime_is_fine_once_either_is_there() -> None:
    wrong = f"{JOB}---{RUNTIME}"
    assert found(wrong) == ["KFT112"]
    assert found(wrong, previous=RUNTIME) == []
    assert found(wrong, previous=wrong) == []


@pytest.mark.parametrize(
    ("policy", "name"), [(policy, name) for policy, names in RESERVED.items() for name in sorted(names)]
)
def test_variables_are_reserved_for_their_own_policy(policy: str, name: str) -> None:
    job = JOB + f"  trainer: {{env: [{{name: {name}, value: x}}]}}\n"
    for each in RESERVED:
        assert found(both(job, by(f"{{{each}: {{}}}}"))) == (["KFT130"] if each == policy else [])


@pytest.mark.parametrize(("text", "expected"), [(RUNTIME, []), (CLUSTERWIDE, ["KFT102"])])
def test_the_change_of_a_runtime_is_looked_at_where_it_is_the_clusters(text: str, expected: list[str]) -> None:
    changed = text.replace("[{name: node", "[{name: main")
    assert found(changed) == ["KFT102"]
    assert found(changed, previous=text) == expected


PATCH = """  suspend: %s
  runtimePatches:
    - manager: example.com/team
      %s
      trainingRuntimeSpec:
        template:
          spec: {replicatedJobs: [{name: node, template: {spec: {template: {spec: {nodeSelector: {pool: %s}}}}}}]}
"""


def test_patches_change_while_the_job_is_suspended_only() -> None:
    time = 'time: "2026-01-01T00:00:00Z"'
    before = both(JOB + PATCH % ("false", time, "gpu"))
    assert found(both(JOB + PATCH % ("false", 'time: "2026-02-02T00:00:00Z"', "gpu")), previous=before) == []
    assert found(both(JOB + PATCH % ("false", time, "cpu")), previous=before) == ["KFT123"]
    assert found(both(JOB + PATCH % ("true", time, "cpu")), previous=before) == []


@pytest.mark.parametrize(
    ("bend", "expected"),
    [
        (lambda text: text, []),
        (lambda text: text.replace("llama3.2-1b", "llama3.3-70b").replace("numNodes: 1", "numNodes: 4"), []),
        (lambda text: text.replace("numNodes: 1", "numNodes: 4"), ["KFT141"]),
        (lambda text: text.replace("llama3.2-1b", "llama3.3-70b").replace("numNodes: 1", "numNodes: 4").replace("dataset=alpaca", "model.lora_attn_modules=q"), ["KFT141"]),
        (lambda text: text.replace("dataset=alpaca", "model.quantize_base=true"), []),
        (lambda text: text.replace("dataset=alpaca", "model.quantize_base=true").replace("Node: 1", "Node: 2"), ["KFT143"]),
        (lambda text: text.replace("dataset=alpaca", "model.quantize_base=true, model.use_dora=True").replace("Node: 1", "Node: 2"), []),
        (lambda text: text.replace("dataset=alpaca", "model.quantize_base=true").replace("numProcPerNode: 1", "resourcesPerNode: {limits: {nvidia.com/gpu: 1}}"), []),
        (lambda text: text.replace("llama3.2-1b", "qwen2.5-1.5b").replace("dataset=alpaca", "model.quantize_base=true"), ["KFT143"]),
        (lambda text: text.replace("llama3.2-1b", "mine"), ["KFT140"]),
        (lambda text: text.replace("[tune, run]", "[tune, ls]").replace("llama3.2-1b", "mine"), []),
    ],
)  # fmt: skip
def test_what_torchtune_can_do(bend, expected: list[str]) -> None:
    assert found(bend(TUNE)) == expected


def test_mpi_jobs_of_the_other_operator_are_left_alone() -> None:
    report = check("apiVersion: kubeflow.org/v2beta1\nkind: MPIJob\nmetadata: {name: digits}\nspec: {}\n")
    assert (report.summary.skipped, report.summary.errors) == (1, 0)


@pytest.mark.parametrize(
    ("policy", "nodes", "expected"),
    [
        ("{numNodes: 1}", "0", ["KFT116"]),
        ("{torch: {}}", "-1", ["KFT116"]),
        ("{mpi: {runLauncherAsNode: true}}", "0", []),
        ("{mpi: {}}", "0", ["KFT116"]),
        ("{numNodes: 0}", "1", []),
        ("{flux: {}}", "1", []),
        ("{flux: {}}", "null", ["KFT117"]),
    ],
)
def test_a_training_has_nodes(policy: str, nodes: str, expected: list[str]) -> None:
    assert found(both(JOB + f"  trainer: {{numNodes: {nodes}}}\n", by(policy))) == expected
