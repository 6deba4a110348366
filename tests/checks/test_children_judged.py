"""What becomes of an accepted document is judged too, and told at the user's own line (a small maker of the test's)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from generator import outcome
from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.outcome import Child, Maker, Outcome, Part
from generator.outcome.given import named
from generator.outcome.merging import laid_over
from generator.reading.documents import read
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from generator.outcome import Given
    from generator.schemas import Version

INFERENCE_SERVICE = Kind("serving.kserve.io", "InferenceService")
RUNTIME = Kind("serving.kserve.io", "ServingRuntime")

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    volumes: [{name: shm, emptyDir: {}}]
    containers:
      - name: kserve-container
        image: models/digits:1.0
        resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
"""
MODEL = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: digits}
      runtime: mine
      storageUri: s3://models/digits/1
"""
OTHER = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
OWN = """\
---
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: mine}
spec:
  supportedModelFormats: [{name: digits, version: "1", autoSelect: true}]
  containers:
    - name: kserve-container
      image: models/server:1.0
"""


def _deployment(name: str, pod: Any) -> Child:
    labels = {"app": name}
    tree = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    return Child.of(tree, "KServe")


def _make(root: Part, given: Given, release: Version) -> Outcome:
    """A Deployment of the predictor, a second one beside it, and a pod: as real makers write one thing in many places.

    Below a runtime of the set the model is laid over its container; the maker's own container is broken.
    """
    del release
    name, predictor = root.text("metadata", "name"), root.get("spec", "predictor")
    assert predictor is not None
    pod = dict(predictor.without("model").fields())
    model = predictor.get("model")
    if model is not None:
        runtime = named(given, RUNTIME, model.text("runtime"))
        lower = Part.of(runtime).fields("spec") if runtime else {}
        base = next(lower["containers"].each()) if lower else {"name": "kserve-container", "image": "image"}
        over = model.without("modelFormat", "runtime", "storageUri")
        pod["containers"] = [laid_over(base, over)]
    broken = {"containers": [{"name": "Broken By Us", "image": "x"}]}
    first = _deployment(f"{name}-predictor", pod)
    return Outcome((first, _deployment(f"{name}-next-predictor", pod), _deployment(f"{name}-own", broken)))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """KServe makes what the test says."""
    maker = Maker(product="kserve", kind=INFERENCE_SERVICE, make=_make)
    found = lambda product, kind: maker if (product, kind) == ("kserve", INFERENCE_SERVICE) else None  # noqa: E731
    monkeypatch.setattr(outcome, "maker", found)


def told(text: str, *platforms: str, **options: bool) -> list[tuple[str, str, int]]:
    """Rule, path and document of what is told of children."""
    report = check(text, platforms=platforms, options=Options(**options))
    said = [one for one in report.findings if "that KServe makes of this" in one.message or "no pod of" in one.message]
    assert all(one.severity is Severity.WARNING for one in said)
    return [(one.rule, one.path, one.document) for one in said]


def with_field(field: str) -> str:
    """The service with one more field in its container."""
    return f"{SERVICE}        {field}\n"


BASE = "spec.predictor.containers[0]"
FAULTS = {
    "a mount without a volume": (
        "volumeMounts: [{name: devshm, mountPath: /dev/shm}]",
        ("K8S075", f"{BASE}.volumeMounts[0].name"),
    ),
    "a probe that does nothing": ("livenessProbe: {periodSeconds: 5}", ("K8S077", f"{BASE}.livenessProbe")),
    "a port's name that is too long": (
        "ports: [{containerPort: 8080, name: a-name-that-is-too-long}]",
        ("K8S060", f"{BASE}.ports[0].name"),
    ),
}


@pytest.mark.parametrize(("field", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_user_s_is_told_once_at_the_user_s_line(field: str, expected: tuple[str, str]) -> None:
    assert told(with_field(field)) == [(*expected, 0)]


def test_it_says_what_is_refused_and_whose_it_is() -> None:
    (found,) = (one for one in check(with_field(FAULTS["a mount without a volume"][0])).findings if one.severity > 1)
    assert found.message == (
        "the Deployment digits-predictor that KServe makes of this is refused: the pod has no volume 'devshm'"
    )
    assert found.line == 13


def test_what_the_platform_brings_is_not_told() -> None:
    assert told(SERVICE) == []


def test_what_is_told_of_the_document_is_not_told_again() -> None:
    text = SERVICE.replace("requests: {cpu: 1,", "requests: {cpu: 2,")
    rules = [one.rule for one in check(text).findings if one.severity > Severity.NOTE]
    assert rules == ["KSV496"]


def test_what_is_refused_has_no_children() -> None:
    assert told(with_field(f"{FAULTS['a mount without a volume'][0]}\n        nonsense: 1")) == []


def test_a_bare_cluster_has_no_controller() -> None:
    assert told(with_field(FAULTS["a mount without a volume"][0]), webhooks=False) == []


def test_an_object_may_silence_it() -> None:
    text = with_field(FAULTS["a mount without a volume"][0])
    assert told(text.replace("annotations: {", "annotations: {serinus.dev/ignore: K8S075, ")) == []


def test_several_releases_say_it_once() -> None:
    text = with_field(FAULTS["a mount without a volume"][0])
    assert told(text, "kserve@0.17", "kserve@0.20") == [("K8S075", f"{BASE}.volumeMounts[0].name", 0)]
    assert told(text, "kubernetes@1.33", "kubernetes@1.35") == [("K8S075", f"{BASE}.volumeMounts[0].name", 0)]


class TestOtherDocuments:
    """What another document of the set brings is told where it can be mended."""

    def test_a_runtime_is_judged_by_itself(self) -> None:
        runtime = f"{OWN}      livenessProbe: {{periodSeconds: 5}}\n"
        assert told(MODEL + runtime) == [("K8S077", "spec.containers[0].livenessProbe", 1)]

    def test_what_only_its_service_has_wrong_is_told_at_the_service_and_names_the_place(self) -> None:
        runtime = f"{OWN}      volumeMounts: [{{name: devshm, mountPath: /dev/shm}}]\n"
        model = f"{MODEL}      env: [{{name: A, value: b}}]\n"
        assert told(model + runtime) == [("K8S075", "spec.predictor.model.env", 0)]
        (found,) = (one for one in check(model + runtime).findings if one.rule == "K8S075")
        assert found.message.endswith("(-: spec.containers[0].volumeMounts[0].name)")

    def test_a_limit_of_the_user_s_below_a_request_of_the_runtime_s(self) -> None:
        runtime = f"{OWN}      resources: {{requests: {{nvidia.com/gpu: 2}}, limits: {{nvidia.com/gpu: 2}}}}\n"
        model = f"{MODEL}      resources: {{limits: {{nvidia.com/gpu: 1}}}}\n"
        text = model + runtime
        places = [(one.path, one.document) for one in check(text).findings if one.severity > Severity.NOTE]
        assert places == [('spec.predictor.model.resources.limits["nvidia.com/gpu"]', 0)]

    def test_what_a_service_may_add_is_no_fault_of_a_runtime(self) -> None:
        runtime = OWN.replace("      image: models/server:1.0\n", "      volumeMounts: [{name: a, mountPath: /a}]\n")
        assert told(runtime) == []


class TestChildrenNotKnownAsAWhole:
    """Where a runtime isn't known, what it may mend isn't told; what the user says against it is."""

    @pytest.fixture(autouse=True)
    def unknown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing that is made is known as a whole."""

        def make(root: Part, given: Given, release: Version) -> Outcome:
            every = _make(root, given, release).children
            return Outcome(tuple(replace(child, whole=False) for child in every))

        maker = Maker(product="kserve", kind=INFERENCE_SERVICE, make=make)
        monkeypatch.setattr(outcome, "maker", lambda *_: maker)

    @pytest.mark.parametrize("fault", ["a mount without a volume", "a probe that does nothing"])
    def test_what_may_be_mended_below(self, fault: str) -> None:
        assert told(with_field(FAULTS[fault][0])) == []

    def test_a_value_that_is_wrong_whatever_stands_beside_it(self) -> None:
        field, expected = FAULTS["a port's name that is too long"]
        assert told(with_field(field)) == [(*expected, 0)]

    def test_a_request_and_a_limit_that_are_both_the_user_s(self) -> None:
        field = "resources: {requests: {a.b/c: 1}, limits: {a.b/c: 2}}"
        base = SERVICE[: SERVICE.index("        resources")]
        assert told(f"{base}        {field}\n") == [("K8S066", f'{BASE}.resources.requests["a.b/c"]', 0)]


def test_many_alike_are_looked_at_once_and_counted_each() -> None:
    many = [entry for number in range(3) for entry in read(SERVICE.replace("digits", f"digits-{number}"), f"{number}")]
    summary = check(many).summary
    assert (summary.made, summary.refused, summary.makers) == (9, 0, ("KServe",))


class TestTheLastLine:
    def test_it_counts_what_was_looked_at(self) -> None:
        line = str(check(with_field(FAULTS["a mount without a volume"][0])).summary)
        assert line == ("1 document: 1 valid; 3 objects that KServe makes of it: 2 would be refused; 1 warning, 1 note")

    def test_of_several_documents(self) -> None:
        line = str(check(f"{with_field(FAULTS['a mount without a volume'][0])}---\n{OTHER}").summary)
        assert line.startswith("2 documents: 2 valid; 3 objects that KServe makes of them: 2 would be refused; ")

    def test_it_is_silent_where_all_is_well(self) -> None:
        assert str(check(SERVICE).summary) == "1 document: 1 valid; 1 note"

    def test_it_is_silent_where_nothing_was(self) -> None:
        assert str(check(with_field("nonsense: 1")).summary) == "1 document: 1 invalid; 1 error, 1 note"
