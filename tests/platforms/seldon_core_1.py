"""What the tests of Seldon Core 1 share: a service file in parts, and its pins."""

from __future__ import annotations

import re

import yaml

from generator.decoding.nodes import parse
from generator.loading.load import build
from generator.rendering.render import render
from kit import fitting, locked, owned, pin

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {{kind: seldon-core-1, version: "1.18", mode: {mode}}}
store: {{url: s3://models}}
model: {{{model}}}
variants: [{variants}]
strategy: {strategy}
resources: {{requests: {{cpu: 500m, memory: 1Gi}}, limits: {{cpu: "2", memory: 2Gi}}}}
"""

GATEWAY = "gateway: {name: models, namespace: gateways, host: digits.example.com}\n"
ISTIO = "gateway: {name: models, namespace: istio-system, host: digits.example.com, api: istio}\n"

RELEASES = {"a": '{name: a, release: "1"}', "b": '{name: b, release: "2"}', "c": '{name: c, release: "3"}'}
PINS = {name: pin(str(number), number, name) for number, name in enumerate("abc", start=1)}

ROLLING = "{rolling: {}}"
CANARY = "{canary: {stable: a, variant: b, steps: [5, 25, 50, 100], step: 1}}"
CANARIES = "{canary: {stable: a, variant: b, steps: [5, 25], step: 1, alongside: [{variant: c, percent: 10}]}}"
AB = "{ab: {split: {a: 70, b: 30}}}"
HEADER = "{ab: {default: a, match: [{variant: b, headers: {x-group: beta}}]}}"
COOKIE = "{ab: {default: a, match: [{variant: b, cookies: {group: beta}}]}}"
SHADOW = "{shadow: {stable: a, variant: b, percent: 20}}"
BLUE_GREEN = "{blueGreen: {active: a, preview: b}}"
BANDIT = "{bandit: {router: epsilon-greedy, variants: [a, b], parameters: {epsilon: '0.1'}}}"
CHAIN = "{chain: {variants: [a, b]}}"
GRAPH = """{graph: {variants: [a, b], spec: {name: both, graph: {name: a, children: [{name: b, logger: {mode: all}}]},
  componentSpecs: [{spec: {containers: [{name: a, args: [--x]}], terminationGracePeriodSeconds: 60}, replicas: 4}]}}}"""
COMBINER = "{ensemble: {variants: [a, b], combiner: 'registry.example.com/mean:3'}}"
ROUTER = "{switch: {router: 'registry.example.com/by-language:2', branches: [{variant: a}, {variant: b}]}}"

SKLEARN = "format: sklearn, runtime: seldon"


def text(strategy=ROLLING, *, mode="istio", model="format: savedmodel", more=""):
    """A service file; the variants are those that the strategy names."""
    used = [name for name in RELEASES if re.search(rf"\b{name}\b", strategy)] or ["a"]
    variants = ", ".join(RELEASES[name] for name in used)
    return HEAD.format(mode=mode, model=model, variants=variants, strategy=strategy) + more


def rendered(written, lock=None, **options):
    """What a service file gives; by default every layout is there."""
    service = build(parse(written, "serinus.yaml"), "serinus.yaml", **options)
    layouts = ("tensorflow-serving", "triton", "mlserver", "plain")
    full = {name: pin(one.requested, one.version, name, layouts=layouts) for name, one in PINS.items()}
    return render(service, fitting(service, lock or owned(written, locked(**full))))


def documents(*args, **options):
    return list(yaml.safe_load_all(rendered(*args, **options).text))


def predictors(*args, **options):
    return documents(*args, **options)[0]["spec"]["predictors"]
