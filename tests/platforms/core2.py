"""A service for Seldon Core 2, in all the forms that the tests look at."""

from __future__ import annotations

import yaml

from generator.decoding.nodes import parse
from generator.loading.load import build
from generator.rendering.render import render
from kit import fitting, locked, owned, pin

RELEASES = ("2.6", "2.7", "2.8", "2.9", "2.10")

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: seldon-core-2, version: "2.10"}
store: {url: s3://models}
"""
ONNX = HEAD + "model: {format: onnx, memory: 200Mi}\n"
SKLEARN = HEAD + "model: {format: sklearn, memory: 200Mi}\n"
ONE = "variants: [{name: stable, release: latest}]\n"
TWO = "variants: [{name: stable, release: '1'}, {name: canary, release: latest}]\n"
THREE = "variants: [{name: a, release: '1'}, {name: b, release: '2'}, {name: c, release: '3'}]\n"
GATEWAY = "gateway: {name: models, namespace: gateways, host: digits.example.com}\n"
ISTIO = "gateway: {name: models, namespace: gateways, host: digits.example.com, api: istio}\n"
SECRET = "access: {secret: models-s3}\n"

CANARY = (
    ONNX + TWO + SECRET + "strategy: {canary: {stable: stable, variant: canary, steps: [5, 25, 50, 100], step: 1}}\n"
)
ROUTED = CANARY.replace("step: 1}", "step: 1, by: gateway}") + GATEWAY
ROLLING = ONNX + ONE + SECRET
AB = ONNX + THREE
BLUE_GREEN = ONNX + THREE.replace(", {name: c, release: '3'}", "")
GRAPH = ONNX + THREE
SHADOW = ONNX + TWO + "strategy: {shadow: {stable: stable, variant: canary, percent: 20}}\n"
OWN = """\
replicas: {min: 2, max: 4, available: "1"}
resources: {requests: {cpu: "1", memory: 4Gi}, limits: {memory: 4Gi}}
container: {env: [{name: MLSERVER_PARALLEL_WORKERS, value: "2"}]}
pod: {nodeSelector: {pool: models}}
access: {identity: {azure: 11111111-2222-3333-4444-555555555555}}
server: {config: mlserver, replicas: 2, capabilities: [digits-only], pod: {priorityClassName: serving}}
"""
KEDA = (
    "replicas: {min: 2, max: 6, metric: prometheus, target: 50, server: 'http://prometheus.monitoring:9090',"
    " query: 'sum(rate(seldon_model_infer_total{model=\"digits\"}[1m]))'}\n"
)
AROUND = """\
logger: {}
explainer: {type: anchor_tabular, uri: s3://models/explainers/digits/3, parameters: {seed: "7"}}
access: {secret: models-s3, external: {store: vault, keys: {rclone: models/s3}}}
"""

CASES: dict[str, str] = {
    "rolling": ROLLING,
    "rolling-gateway": ROLLING + GATEWAY,
    "rolling-own-server": SKLEARN.replace("memory: 200Mi", 'memory: 200Mi, runtimeVersion: "1.7.1"') + ONE + OWN,
    "rolling-own-server-2-8": SKLEARN.replace("2.10", "2.8")
    + ONE
    + OWN.replace("replicas: 2, cap", "replicas: 4, cap"),
    "rolling-keda": ROLLING + KEDA,
    "rolling-named-server": SKLEARN.replace("memory", "requirements: [big], parameters: {threads: '4'}, memory")
    + ONE
    + "server: {name: mlserver-big}\nreplicas: {min: 2, max: 3}\n",
    "rolling-around": SKLEARN + ONE + AROUND,
    "rolling-onnx-on-mlserver": ONNX.replace("format: onnx", "format: onnx, runtime: mlserver") + ONE,
    "rolling-uri": ONNX.replace("store: {url: s3://models}\n", "")
    + "variants: [{name: stable, uri: 'gs://models/public/digits'}]\n",
    "minimal": """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: seldon-core-2}
store: {url: s3://models}
model: {format: sklearn}
variants: [{name: stable, release: latest}]
""",
    "canary": CANARY,
    "canary-step-0": CANARY.replace("step: 1", "step: 0"),
    "canary-last-step": CANARY.replace("step: 1", "step: 4"),
    "canary-gateway": ROUTED,
    "canary-istio": ROUTED.replace(GATEWAY, ISTIO),
    "canary-behind-a-gateway": CANARY + GATEWAY,
    "canary-several": ONNX
    + THREE
    + "strategy: {canary: {stable: a, variant: b, steps: [10, 50], replicas: 3, alongside: [{variant: c, percent: 5}]}}\n"
    + "replicas: {min: 2, max: 4}\n",
    "ab": AB + "strategy: {ab: {split: {a: 60, b: 30, c: 10}}}\n",
    "ab-fractions": AB + "strategy: {ab: {split: {a: 98.75, b: 1, c: 0.25}}}\n",
    "ab-match": AB
    + GATEWAY
    + "strategy: {ab: {split: {a: 90, b: 10}, match: [{variant: c, headers: {x-group: beta}, cookies: {arm: c}}]}}\n",
    "ab-match-istio": AB
    + ISTIO
    + "strategy: {ab: {default: a, match: [{variant: b, headers: {x-group: beta}}, {variant: c, cookies: {arm: c}}]}}\n",
    "shadow": SHADOW,
    "shadow-behind-a-gateway": SHADOW + GATEWAY,
    "blue-green": BLUE_GREEN + "strategy: {blueGreen: {active: a, preview: b}}\n",
    "blue-green-switched": BLUE_GREEN + "strategy: {blueGreen: {active: b, preview: a}}\n",
    "blue-green-preview-host": BLUE_GREEN
    + GATEWAY
    + "strategy: {blueGreen: {active: b, preview: a, host: next.example.com}}\n",
    "ensemble": GRAPH
    + "strategy: {ensemble: {variants: [a, b, c], tensors: {a.scores: scores_a, b.scores: scores_b, c.scores: scores_c}}}\n",
    "chain": GRAPH
    + GATEWAY
    + "strategy: {chain: {variants: [a, b, c], tensors: {a.embedding: input_1, c.scores: probabilities}}}\n",
    "graph": HEAD
    + """\
model: {format: custom, requirements: [mlserver, python], memory: 100Mi}
variants:
  - {name: chooser, uri: "s3://models/chooser/1"}
  - {name: small, deployed: small}
  - {name: large, uri: "s3://models/large/1", format: sklearn}
strategy:
  graph:
    variants: [chooser, small, large]
    spec:
      steps:
        - {name: chooser}
        - {name: small, inputs: [digits.inputs], triggers: [chooser.outputs.easy]}
        - {name: large, inputs: [digits.inputs], triggers: [chooser.outputs.hard]}
      output: {steps: [small, large], stepsJoin: any}
""",
    "canary-of-deployed": HEAD.replace("store: {url: s3://models}\n", "")
    + """\
model: {format: sklearn}
variants:
  - {name: stable, deployed: iris}
  - {name: canary, uri: /mnt/models/iris}
strategy: {canary: {stable: stable, variant: canary, steps: [10]}}
""",
    "chain-as-they-are": GRAPH.replace("2.10", "2.6") + "strategy: {chain: {variants: [a, b, c]}}\n",
}
"""Every golden file of the platform."""

LAYOUTS = {"layouts": ("triton", "mlserver"), "runtimes": {"triton": "1.17"}}


def release(requested, number, **changes):
    return pin(requested, number, "abcdef"[number - 1], **{**LAYOUTS, **changes})


LOCK = locked(
    stable=release("latest", 1),
    canary=release("latest", 2),
    a=release("1", 1),
    b=release("2", 2),
    c=release("3", 3),
)


def lock_for(text):
    """The lock as the text asks for it: stable by number where it says so."""
    section = dict(LOCK.services["digits"])
    if "name: stable, release: '1'" in text:
        section["stable"] = release("1", 1)
    return owned(text, LOCK.with_section("digits", section))


def service(text, **options):
    return build(parse(text, "serinus.yaml"), "serinus.yaml", **options)


def rendered(text=CANARY, lock=None, **options):
    asked = service(text, **options)
    return render(asked, fitting(asked, lock or lock_for(text)))


def documents(*args, **options):
    return list(yaml.safe_load_all(rendered(*args, **options).text))


def of_kind(kind, *args, **options):
    return [each for each in documents(*args, **options) if each["kind"] == kind]
