"""What is told is of use: the release that knows a field, the right server, one mistake once."""

from __future__ import annotations

import pytest

from generator.checks.api import Options, check

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: churn, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    logger: {mode: all, url: "s3://logs/churn", storage: {path: /logs, parameters: {type: s3}, key: minio}}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/churn/1, %s}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostnameOverride: x
  containers: [{name: a, image: b:1}]
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits}
spec:
  parentRefs: [{name: models}]
  rules:
    - sessionPersistence: {sessionName: a}
      filters: [{type: CORS, cors: {allowOrigins: ["https://example.com"]}}]
      backendRefs: [{name: digits, port: 80}]
"""


def told(text: str, rule: str, *platforms: str, **options: bool) -> list[tuple[str, str, str]]:
    """Path, message and fix of what a rule says."""
    found = check(text, platforms=platforms, options=Options(**options)).findings
    return [(one.path, one.message, one.fix) for one in found if one.rule == rule]


@pytest.mark.parametrize(
    ("text", "platform", "path", "message"),
    [
        (SERVICE % "x", "kserve@0.15", "spec.predictor.logger.storage", "'storage'; kserve has it since 0.16"),
        (POD, "kubernetes@1.33", "spec.hostnameOverride", "'hostnameOverride'; kubernetes has it since 1.34"),
        (ROUTE, "gateway-api@1.3", "spec.rules[0].sessionPersistence", "gateway-api-experimental@1.3 has it"),
    ],
)
def test_a_field_that_another_release_knows_is_told_as_such(text: str, platform: str, path: str, message: str) -> None:
    found = {where: (says, fix) for where, says, fix in told(text.replace(", x}", "}"), "K8S010", platform)}
    says, fix = found[path]
    assert message in says
    assert "did you mean" not in says
    assert "--platform" in fix


def test_a_field_that_nobody_knows_still_gets_the_nearest_name() -> None:
    ((_, says, fix),) = told(SERVICE % "runtimeversion: '1'", "K8S010", "kserve@0.20")
    assert (says, fix) == (
        "unknown field 'runtimeversion'; did you mean 'runtimeVersion'?",
        "Write runtimeVersion instead of runtimeversion.",
    )


def test_so_is_a_word_that_another_release_takes() -> None:
    ((path, says, _),) = told(ROUTE, "K8S015", "gateway-api@1.3")
    assert path == "spec.rules[0].filters[0].type"
    assert says == "'CORS' is not among the allowed values; gateway-api has it since 1.5"


MODEL = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: digits, namespace: models}
spec: {storageUri: "s3://models/digits/1", requirements: [%s], memory: 100Mi%s}
"""
SERVER = """\
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver, namespace: %s}
spec: {serverConfig: %s, capabilities: [%s]}
"""


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param(MODEL % ("sklearn", ""), set(), id="the chart's own server"),
        pytest.param(MODEL % ("SKLearn", ""), {"SC2102"}, id="misspelt"),
        pytest.param(
            MODEL % ("sklearn", "") + SERVER % ("other", "mlserver", "mlflow"),
            set(),
            id="a Server of another namespace",
        ),
        pytest.param(
            MODEL % ("catboost", "") + SERVER % ("other", "mlserver", "catboost"),
            {"SC2201"},
            id="a Server of another namespace has it",
        ),
        pytest.param(
            MODEL % ("sklearn", "") + SERVER % ("models", "mlserver", "mlflow"),
            {"SC2180"},
            id="a Server in the place of the chart's lacks it",
        ),
        pytest.param(
            MODEL % ("sklearn", ", server: mlserver") + SERVER % ("models", "mlserver", "mlflow"),
            {"SC2180"},
            id="so does the Server that is named",
        ),
        pytest.param(
            MODEL % ("sklern", ", server: mlserver") + SERVER % ("models", "mlserver", "mlflow"),
            {"SC2180"},
            id="and of a misspelt word there is nothing else to say",
        ),
        pytest.param(
            MODEL % ("anything", "") + SERVER.replace("%s]", "]") % ("models", "own-config"),
            set(),
            id="a Server whose configuration nobody knows",
        ),
        pytest.param(MODEL % ("sklearn", ", server: theirs"), set(), id="a server of the cluster"),
    ],
)
def test_a_requirement_is_held_against_the_servers_in_reach(text: str, rules: set[str]) -> None:
    found = check(text, platforms=["seldon-core-2@2.10"]).findings
    assert {one.rule for one in found if one.rule in ("SC2102", "SC2103", "SC2180", "SC2201")} == rules


@pytest.mark.parametrize("word", ["SKLearn", "sk-learn", "xgbost", "Huggingface"])
def test_no_word_is_suggested_that_stands_there(word: str) -> None:
    ((_, says, _),) = told(MODEL % (word, ""), "SC2102")
    assert f"did you mean '{word}'" not in says


RUNTIME = """\
---
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: nim}
spec:
  supportedModelFormats: [{name: nim, autoSelect: true}]
  containers: [{name: kserve-container, image: "registry.example.com/nim:1"%s}]
"""
BARE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llama, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec: {predictor: {model: {modelFormat: {name: nim}%s}}}
"""
ASKS = ', resources: {limits: {memory: 32Gi, nvidia.com/gpu: "1"}}'


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        pytest.param(BARE % "", False, id="nobody knows"),
        pytest.param(BARE % "" + RUNTIME % ASKS, True, id="the runtime of its format says the resources"),
        pytest.param(BARE % ", runtime: nim" + RUNTIME % ASKS, True, id="the runtime that it names does"),
        pytest.param(BARE % ", runtime: other" + RUNTIME % ASKS, False, id="it names another"),
        pytest.param(BARE % "" + RUNTIME % "", False, id="the runtime says none"),
    ],
)
def test_resources_may_stand_in_the_runtime(text: str, silent: bool) -> None:
    assert (told(text, "POL012") == []) == silent


GRAPH = """\
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: {name: triage}
spec:
  nodes:
    root: {routerType: Sequence, steps: [{serviceName: a}, {serviceName: b}, {serviceName: a}, {serviceName: c}]}
"""
BACKENDS = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: b, port: 80}, {name: c, port: 80}]}]}
"""
PIPELINE = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Pipeline
metadata: {name: a}
spec: {steps: [{name: b}, {name: c, inputs: [b]}], output: {steps: [c]}}
"""
EXPERIMENT = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Experiment
metadata: {name: a}
spec: {candidates: [{name: b, weight: 1}, {name: c, weight: 1}], mirror: {name: d, percent: 1}}
"""


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        (GRAPH, "REF010", "no InferenceService a, b or c in"),
        (BACKENDS, "REF003", "no Service b or c in"),
        (PIPELINE, "SC2208", "no Model b or c in"),
        (EXPERIMENT, "SC2206", "no Model b, c or d in"),
    ],
)
def test_what_an_object_misses_is_said_once(text: str, rule: str, words: str) -> None:
    ((_, says, _),) = told(text, rule)
    assert says.startswith(words)


def test_s3_annotations_belong_on_the_secret() -> None:
    text = (BARE % "").replace("Mode: Standard", "Mode: Standard, serving.kserve.io/s3-region: x")
    ((_, _, fix),) = told(text, "KSV112")
    assert fix == (
        "Remove it, or move it to the Secret with the credentials (a ServiceAccount counts only beside an IAM role)."
    )


def advice(text: str, *platforms: str) -> dict[str, str]:
    """Of each error its path and what to do."""
    return {one.path: one.fix for one in check(text, platforms=platforms).findings if one.severity > 2}


PODS = """\
apiVersion: batch/v1
kind: Job
metadata: {name: a}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: a, image: "b:1", %s}]
"""
CONTAINER = "spec.template.spec.containers[0]"


@pytest.mark.parametrize(
    ("text", "path", "fix"),
    [
        pytest.param(
            PODS % "ports: [{containerPort: 99999999999}]",
            f"{CONTAINER}.ports[0].containerPort",
            "Write a number less than or equal to 65535.",
            id="a port beyond 32 bits",
        ),
        pytest.param(
            PODS % "ports: [{containerPort: -99999999999}]",
            f"{CONTAINER}.ports[0].containerPort",
            "Write a number greater than or equal to 1.",
            id="a port below them",
        ),
        pytest.param(
            (PODS % "tty: true").replace("spec:\n", "spec:\n  backoffLimit: -99999999999\n", 1),
            "spec.backoffLimit",
            "Write a number greater than or equal to 0.",
            id="no count is below nought",
        ),
        pytest.param(
            PODS % "resources: {claims: [{name: gpu}]}",
            f"{CONTAINER}.resources.claims[0].name",
            "Add it to spec.template.spec.resourceClaims.",
            id="the claims of a Job's pods",
        ),
        pytest.param(
            PODS % "resources: {limits: {cpu: lots}}",
            f"{CONTAINER}.resources.limits.cpu",
            "Write a quantity, such as 500m, 2 or 1Gi.",
            id="no quantity",
        ),
        pytest.param(
            PODS % "resources: {limits: {cpu: true}}",
            f"{CONTAINER}.resources.limits.cpu",
            "Write a quantity, such as 500m, 2 or 1Gi.",
            id="quotes make no quantity of a boolean",
        ),
        pytest.param(
            PODS % "livenessProbe: {httpGet: {port: 80.5}}",
            f"{CONTAINER}.livenessProbe.httpGet.port",
            "Write a whole number, or a text such as 25% or the name of a port.",
            id="nor a port of a fraction",
        ),
        pytest.param(
            PODS % "imagePullPolicy: Always, env: [{name: A, value: 1}]",
            f"{CONTAINER}.env[0].value",
            'Put it in quotes: "1".',
            id="a number where a text is meant",
        ),
        *(
            pytest.param(PODS % f"{field}: {value}", f"{CONTAINER}.{field}", fix, id=f"nor one of a word of {field}")
            for field, value, fix in (
                ("imagePullPolicy", "true", "Write Always, IfNotPresent or Never."),
                ("terminationMessagePolicy", "5", "Write File or FallbackToLogsOnError."),
            )
        ),
        pytest.param(
            PODS % "ports: [{containerPort: 80, protocol: 6}]",
            f"{CONTAINER}.ports[0].protocol",
            "Write TCP, UDP or SCTP.",
            id="nor of a protocol",
        ),
        pytest.param(
            ROUTE.replace("type: CORS", "type: 5"),
            "spec.rules[0].filters[0].type",
            "Write RequestHeaderModifier, ResponseHeaderModifier, RequestMirror, RequestRedirect, URLRewrite, "
            "ExtensionRef or CORS.",
            id="quotes make no choice of a number",
        ),
        pytest.param(
            SERVICE.replace("storage: {path: /logs, parameters: {type: s3}, key: minio}", "x: 1").replace(", %s", "")
            + "    containers: [{name: a, image: 'b:1', ports: [{containerPort: 99999999999}]}]\n",
            "spec.predictor.containers[0].ports[0].containerPort",
            "Write a number from 1 to 65535.",
            id="a port inside an InferenceService",
        ),
    ],
)
def test_advice_is_right_for_the_field(text: str, path: str, fix: str) -> None:
    assert advice(text, "kserve@0.20", "gateway-api@1.5").get(path) == fix


WRONG_MATCH = ROUTE.replace(
    '    - sessionPersistence: {sessionName: a}\n      filters: [{type: CORS, cors: {allowOrigins: ["https://example.com"]}}]\n',
    "    - matches: [{path: {type: prefix, value: /a}}]\n",
)
WITHOUT_GRAPH = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: a, namespace: b}
spec: {predictors: [{name: one, componentSpecs: [{spec: {containers: [{name: c, image: "d:1"}]}}]}]}
"""


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param(WRONG_MATCH, ["K8S015"], id="a word that the schema and a CEL rule refuse"),
        pytest.param(
            WRONG_MATCH.replace("type: prefix, value: /a", "type: PathPrefix, value: a"),
            ["K8S032"],
            id="the rule alone",
        ),
        pytest.param(WITHOUT_GRAPH, ["K8S014"], id="of what is missing nothing else is missing"),
    ],
)
def test_one_mistake_is_told_by_one_rule(text: str, rules: list[str]) -> None:
    found = check(text, platforms=["gateway-api@1.5", "seldon-core-1@1.18"]).findings
    assert [one.rule for one in found if one.severity > 2] == rules


TENSORFLOW = (BARE % "").replace("{name: nim}", "{name: tensorflow}, storageUri: s3://models/llama/1")
OWN_TENSORFLOW = (RUNTIME % "").replace("{name: nim, autoSelect", "{name: tensorflow, autoSelect")


@pytest.mark.parametrize(
    ("text", "told_of"),
    [
        pytest.param(TENSORFLOW, True, id="KServe's own"),
        pytest.param(TENSORFLOW + OWN_TENSORFLOW, False, id="a runtime of the given files takes the format"),
        pytest.param(TENSORFLOW + (RUNTIME % ""), True, id="one that takes another"),
    ],
)
def test_what_kserves_own_server_does_is_said_where_it_serves(text: str, told_of: bool) -> None:
    assert bool(told(text, "KSV105")) == told_of
