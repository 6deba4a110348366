"""What the rules on Seldon Core decide beyond their own examples: borders, neighbours, and what must stay silent."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.rules.seldon_core_1.graph import BANDIT, TWO
from generator.checks.rules.seldon_core_1.spec import CUSTOM, GOOD
from generator.checks.rules.seldon_core_1.storage import STORE, WITH_SECRET
from generator.checks.rules.seldon_core_1.traffic import ONE, SHADOW
from generator.checks.rules.seldon_core_2.experiment import MIRRORED, NEXT, SET
from generator.checks.rules.seldon_core_2.pipeline import GOOD as PIPELINE
from generator.checks.rules.seldon_core_2.pipeline_input import well_formed
from generator.checks.rules.seldon_core_2.spec import GOOD_MODEL
from generator.checks.sources.find import find
from generator.checks.sources.read import read as read_files

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def loud(text: str, *platforms: str, **options: bool) -> set[str]:
    found = check(text, platforms=platforms, options=Options(**options)).findings
    return {finding.rule for finding in found if finding.severity > Severity.NOTE}


def notes(text: str) -> set[str]:
    return {finding.rule for finding in check(text).findings if finding.severity == Severity.NOTE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GOOD, set(), id="two shares that sum to 100"),
        pytest.param(SHADOW.replace("traffic: 10", "traffic: 0"), set(), id="a shadow of everything"),
        pytest.param(SHADOW.replace("name: stable", "name: stable\n      traffic: 7"), set(), id="one main, any share"),
        pytest.param(ONE.replace("stable", "stable\n      traffic: 0", 1), set(), id="alone, share 0"),
        pytest.param(ONE.replace("stable", "stable\n      traffic: 99", 1), {"SC1020"}, id="alone, share 99"),
        pytest.param(ONE.replace("stable", "stable\n      traffic: 101", 1), set(), id="alone, share 101"),
        pytest.param(ONE.replace("stable", "stable\n      traffic: -1", 1), {"SC1102"}, id="alone, share -1"),
        pytest.param(GOOD.replace("      traffic: 90\n", "").replace("      traffic: 10\n", ""), {"SC1019"}, id="none"),
        pytest.param(GOOD.replace("protocol: v2", "protocol: ''"), set(), id="an empty protocol is the default"),
        pytest.param(CUSTOM.replace("type: MODEL", "implementation: ''"), set(), id="an empty implementation skips"),
        pytest.param(
            CUSTOM.replace("type: MODEL", "implementation: UNKNOWN_IMPLEMENTATION"), set(), id="unknown, with container"
        ),
        pytest.param(
            ONE.replace("SKLEARN", "HUGGINGFACE").replace(", modelUri: s3://models/digits/1", ""), set(), id="hub model"
        ),
        pytest.param(
            ONE.replace("protocol: v2", "protocol: tensorflow").replace("SKLEARN", "TENSORFLOW"), set(), id="TF on TF"
        ),
        pytest.param(ONE.replace("SKLEARN", "TENSORFLOW"), {"SC1111"}, id="TensorFlow has no image for v2"),
        pytest.param(ONE.replace("v2", "kfserving").replace("SKLEARN", "TRITON"), set(), id="kfserving is v2"),
        pytest.param(TWO.replace("'0.9'", "'1.1'"), {"SC1122"}, id="a ratio above 1"),
        pytest.param(TWO.replace("'0.9'", "'9e-1'"), set(), id="a ratio as Go reads it"),
        pytest.param(
            BANDIT.replace("seldonio/mab_epsilon_greedy:1.17.1", "example.com/router:1"), set(), id="a router"
        ),
        pytest.param(
            BANDIT.replace("value: 'true'", "valueFrom: {configMapKeyRef: {name: a, key: b}}"),
            set(),
            id="set elsewhere",
        ),
        pytest.param(WITH_SECRET + STORE.replace("S3_TYPE", "s3_type"), set(), id="case of the remote's variables"),
    ],
)
def test_seldon_core_1(text: str, expected: set[str]) -> None:
    assert loud(text) == expected


@pytest.mark.parametrize("release", ["1.17.1", "1.18.2"])
def test_the_webhook_is_the_same_in_every_release(release: str) -> None:
    assert loud(GOOD.replace("traffic: 10", "traffic: 11"), f"seldon-core-1@{release}") == {"SC1019"}


def test_without_webhooks_a_wrong_sum_is_accepted() -> None:
    assert loud(GOOD.replace("traffic: 10", "traffic: 11"), webhooks=False) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GOOD_MODEL.replace("[sklearn]", "[' sklearn ']"), set(), id="white space is trimmed"),
        pytest.param(GOOD_MODEL.replace("[sklearn]", "[scikit-learn]"), {"SC2101"}, id="a package without a version"),
        pytest.param(GOOD_MODEL.replace("[sklearn]", "['tensorflow>=2.1']"), {"SC2101"}, id="a package with one"),
        pytest.param(GOOD_MODEL.replace("[sklearn]", "[tensorflow]"), set(), id="a capability named as a package"),
        pytest.param(GOOD_MODEL.replace("[sklearn]", "[spark-mllib]"), {"SC2102"}, id="the chart's own slip"),
        pytest.param(GOOD_MODEL.replace("[sklearn]", "[python]"), {"SC2104"}, id="python is on both servers"),
        pytest.param(GOOD_MODEL.replace("[sklearn]", "[python, mlserver]"), set(), id="python on MLServer"),
        pytest.param(GOOD_MODEL.replace("requirements: [sklearn]", "modelType: sklearn"), set(), id="modelType counts"),
        pytest.param(GOOD_MODEL.replace("requirements: [sklearn]", "server: mine"), set(), id="a server by name"),
        pytest.param(GOOD_MODEL.replace("100Mi", "1e2"), set(), id="memory with an exponent"),
        pytest.param(GOOD_MODEL.replace("100Mi", "'0.5'"), {"SC2108"}, id="half a byte"),
        pytest.param(GOOD_MODEL.replace("100Mi", "0.5Gi"), set(), id="half a gibibyte"),
        pytest.param(GOOD_MODEL + "  minReplicas: 2\n", set(), id="replicas is the minimum where it isn't set"),
        pytest.param(GOOD_MODEL + "  minReplicas: 2\n  replicas: 1\n", {"SC2120"}, id="below the minimum"),
        pytest.param(GOOD_MODEL + "  minReplicas: 2\n  replicas: 0\n", {"SC2120"}, id="nothing, with a minimum"),
        pytest.param(GOOD_MODEL + "  minReplicas: 3\n  maxReplicas: 2\n", {"SC2120"}, id="bounds the wrong way round"),
        pytest.param(GOOD_MODEL + "  replicas: -1\n", {"K8S047"}, id="negative replicas never reach the operator"),
        pytest.param(GOOD_MODEL + "  logger: {}\n", set(), id="payload logging"),
        pytest.param(GOOD_MODEL + "  preloaded: false\n", set(), id="a wish that isn't one"),
        pytest.param(SET.replace("weight: 90", "weight: -1"), {"SC2111"}, id="a negative weight"),
        pytest.param(MIRRORED.replace("percent: 100", "percent: 101"), {"SC2134"}, id="a mirror above 100"),
        pytest.param(SET.replace("default: digits", "default: Digits"), {"SC2130"}, id="a default in capitals"),
        pytest.param(PIPELINE.replace("inputs: [cleaner]", "inputs: [reading]"), set(), id="the pipeline's own inputs"),
        pytest.param(PIPELINE.replace("steps: [digits]}", "steps: [reading]}"), {"SC2154"}, id="not as an output"),
        pytest.param(PIPELINE.replace("inputs: [cleaner]", "inputs: [digits]"), {"SC2156"}, id="a step of itself"),
        pytest.param(PIPELINE.replace("inputs: [cleaner]", "inputs: [.cleaner]"), {"SC2153"}, id="a leading dot"),
        pytest.param(PIPELINE.replace("inputs: [cleaner]", "inputs: ['']"), {"SC2153"}, id="nothing at all"),
        pytest.param(PIPELINE.replace("outputs.scores", "outputs.a.b"), {"SC2153"}, id="a part too many"),
        pytest.param(
            PIPELINE.replace("    - name: cleaner\n", "    - name: cleaner\n      triggers: [auditor]\n"),
            {"SC2156"},
            id="a circle of three, through a trigger",
        ),
    ],
)
def test_seldon_core_2(text: str, expected: set[str]) -> None:
    assert loud(text) == expected


@pytest.mark.parametrize(("release", "expected"), [("2.6.0", {"SC2120"}), ("2.10.2", set())])
def test_a_maximum_of_zero_was_a_bound_once(release: str, expected: set[str]) -> None:
    assert loud(GOOD_MODEL + "  maxReplicas: 0\n", f"seldon-core-2@{release}") == expected


@pytest.mark.parametrize(("release", "expected"), [("2.6.0", set()), ("2.10.2", {"SC2105"})])
def test_dots_in_names_were_taken_once(release: str, expected: set[str]) -> None:
    assert loud(GOOD_MODEL.replace("name: digits", "name: digits.v1"), f"seldon-core-2@{release}") == expected


def test_what_is_not_in_the_set_is_a_note_and_a_warning_where_the_set_is_complete() -> None:
    alone = SET.replace(NEXT, "\n", 1)
    assert "SC2206" in notes(alone)
    assert "SC2206" not in notes(SET)
    assert loud(alone) == set()
    assert loud(alone, complete=True) == {"SC2206"}


def test_an_object_of_another_namespace_does_not_help() -> None:
    placed = SET.replace("metadata: {name: ", "metadata: {namespace: a, name: ")
    assert "SC2206" not in notes(placed)
    assert "SC2206" in notes(placed.replace("namespace: a, name: digits-next", "namespace: b, name: digits-next"))


def test_a_server_of_the_set_has_its_own_capabilities() -> None:
    model = GOOD_MODEL.replace("[sklearn]", "[mlserver, my-gpu]")
    server = """---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver-gpu}
spec: {serverConfig: mlserver, extraCapabilities: [my-gpu]}
"""
    assert "SC2201" in notes(model)
    assert "SC2201" not in notes(model + server)
    assert loud(model + server) == set()


@pytest.mark.parametrize(
    ("reference", "fine"),
    [
        *(
            (text, True)
            for text in ("p", "p.outputs", "p.inputs.x", "p.step.s", "p.step.s.outputs", "p.step.s.inputs.x")
        ),
        *((text, False) for text in ("", ".p", "p.x", "p.step", "p.step.", "p.outputs.x.y", "p.step.s.outputs.x.y")),
    ],
)
def test_the_form_of_external_inputs(reference: str, fine: bool) -> None:
    assert well_formed(reference) == fine


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (GOOD_MODEL + "  resources: {}\n", "podSpec"),
        (GOOD_MODEL + "  replicas: {min: 1}\n", "minReplicas"),
        (GOOD_MODEL + "  protocol: v2\n", "Open Inference Protocol"),
        (GOOD.replace("  protocol:", "  resources: {}\n  protocol:"), "componentSpecs[].spec.containers[].resources"),
        (GOOD.replace("modelUri", "storageUri", 1), "Write modelUri"),
        (MIRRORED.replace("percent", "percentage"), "Write percent."),
    ],
)
def test_fields_in_the_wrong_place_are_told_the_right_one(text: str, advice: str) -> None:
    found = [finding.fix for finding in check(text).findings if finding.rule == "K8S010"]
    assert any(advice in fix for fix in found), found


def test_the_corpus_is_judged_the_same_without_webhooks_and_no_sample_warns_by_mistake() -> None:
    """What fires in the platforms' own samples was read one by one; a new one has to be read, too."""
    folders = [str(CORPUS / name) for name in ("seldon-core-1", "seldon-core-2")]
    if not all(Path(folder).is_dir() for folder in folders):
        pytest.skip("no corpus beside the project")
    entries = [entry for folder in folders for entry in read_files(find([folder]).names, io.BytesIO()).entries]
    bare = check(entries, options=Options(webhooks=False))
    assert not [finding for finding in bare.findings if finding.rule.startswith("SC")]
    found = [finding for finding in check(entries).findings if finding.rule.startswith("SC")]
    warned = {Path(one.file).stem[-10:]: one.rule for one in found if one.severity == Severity.WARNING}
    of_core_2 = {"bda0bbfd6b": "SC2106", "096722cf76": "SC2154", "460734da1d": "SC2154"}
    assert warned == of_core_2 | {"0c22017013": "SC1147"}  # the timeout of the engine in Java
