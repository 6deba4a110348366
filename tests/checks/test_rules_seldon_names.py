"""Seldon Core: names that become Services, containers that belong to nothing, overrides of nothing."""

from __future__ import annotations

import pytest

from generator.checks.api import check

DEPLOYMENT = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {{name: {name}}}
spec:
  predictors:
    - name: {predictor}
      {more}
      graph: {{name: classifier, implementation: SKLEARN_SERVER, modelUri: 's3://b/x'}}
      componentSpecs: [{{spec: {{containers: [{{name: {container}}}]}}}}]
"""


def told(text: str, *rules: str) -> list[tuple[str, str]]:
    return [(one.rule, one.path) for one in check(text).findings if one.rule in rules]


@pytest.mark.parametrize(
    ("name", "predictor", "more", "found"),
    [
        ("digits", "main", "replicas: 1", None),
        ("digits.v1", "main", "replicas: 1", "metadata.name"),
        ("1digits", "main", "replicas: 1", "metadata.name"),
        ("digits", "main.v1", "replicas: 1", "spec.predictors[0].name"),
        ("digits.v1", "main", "annotations: {seldon.io/svc-name: digits}", None),
    ],
)
def test_the_service_of_a_predictor(name: str, predictor: str, more: str, found: str | None) -> None:
    text = DEPLOYMENT.format(name=name, predictor=predictor, more=more, container="classifier")
    assert told(text, "SC1146") == ([("SC1146", found)] if found else [])


@pytest.mark.parametrize(
    ("container", "found"),
    [("classifier", 0), ("clasifier", 1), ("clasifier, image: 'example/a:1'", 0), ("sidecar", 1)],
)
def test_a_container_of_no_unit(container: str, found: int) -> None:
    text = DEPLOYMENT.format(name="digits", predictor="main", more="replicas: 1", container=container)
    assert len(told(text, "SC1145")) == found


@pytest.mark.parametrize(("name", "found"), [("mlserver", 0), ("mlserver.a", 1), ("1mlserver", 1), ("ml-server-2", 0)])
def test_the_services_of_a_server(name: str, found: int) -> None:
    text = f"apiVersion: mlops.seldon.io/v1alpha1\nkind: Server\nmetadata: {{name: {name}}}\nspec: {{serverConfig: mlserver}}\n"
    assert len(told(text, "SC2114")) == found


@pytest.mark.parametrize(("name", "found"), [("chat", 0), ("chat.v1", 1), ("7b-chat", 1)])
def test_the_service_of_an_llm(name: str, found: int) -> None:
    text = (
        "apiVersion: serving.kserve.io/v1alpha2\nkind: LLMInferenceService\n"
        f"metadata: {{name: {name}}}\nspec: {{model: {{uri: hf://a/b}}}}\n"
    )
    assert len(told(text, "KSV552")) == found


RUNTIME = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: SeldonRuntime
metadata: {{name: seldon}}
spec: {{seldonConfig: {config}, overrides: [{{name: {component}, replicas: 1}}]}}
"""
CONFIG = """---
apiVersion: mlops.seldon.io/v1alpha1
kind: SeldonConfig
metadata: {name: own}
spec: {components: [{name: our-gateway}]}
"""


@pytest.mark.parametrize(
    ("config", "component", "more", "found"),
    [
        ("default", "seldon-scheduler", "", 0),
        ("default", "mlserver", "", 1),
        ("default", "our-gateway", "", 1),
        ("own", "our-gateway", CONFIG, 0),
        ("own", "seldon-scheduler", CONFIG, 1),
        ("own", "seldon-scheduler", "", 0),
    ],
)
def test_an_override_of_no_component(config: str, component: str, more: str, found: int) -> None:
    assert len(told(RUNTIME.format(config=config, component=component) + more, "SC2113")) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("seldon.io/rest-timeout", 0),
        ("seldon.io/rest-read-timeout", 1),
        ("seldon.io/rest-timeouts", 1),
        ("seldon.io/engine-log-level", 0),
        ("seldon.io/team", 0),
    ],
)
def test_an_annotation_that_nobody_reads(name: str, found: int) -> None:
    text = DEPLOYMENT.format(
        name="digits", predictor="main", more=f"annotations: {{{name}: x}}", container="classifier"
    )
    assert len(told(text, "SC1147")) == found


@pytest.mark.parametrize(
    ("uri", "found"),
    [("models/digits", 1), ("/models/digits", 1), ("s3//b/x", 1), ("s3:b/x", 0), ("s3:/b/x", 0), ("pvc://a/b", 0)],
)
def test_a_model_uri_s_remote(uri: str, found: int) -> None:
    text = DEPLOYMENT.format(name="digits", predictor="main", more="replicas: 1", container="classifier")
    assert len(told(text.replace("s3://b/x", uri), "SC1148")) == found
    own = text.replace("name: classifier, impl", "storageInitializerImage: 'example/own:1', name: classifier, impl")
    assert told(own.replace("s3://b/x", uri), "SC1148") == []


@pytest.mark.parametrize(("uri", "found"), [("models/digits", 1), ("/mnt/models", 0), ("s3:b/x", 0), ("gs://b/x", 0)])
def test_a_storage_uri_s_remote(uri: str, found: int) -> None:
    text = f"apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {{name: a}}\nspec: {{storageUri: '{uri}'}}\n"
    assert len(told(text, "SC2115")) == found
