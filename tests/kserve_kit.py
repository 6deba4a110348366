"""What the tests of KServe share: service files of every strategy, and pins for them."""

from __future__ import annotations

import yaml

from generator.checks.api import Options, check
from generator.decoding.nodes import parse
from generator.loading.load import build
from generator.rendering.render import render
from kit import fitting, locked, owned, pin

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: kserve, version: "%s", mode: %s}
store: {url: s3://models}
model: {format: %s}
"""
TAIL = """\
replicas: {min: 2, max: 6}
resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "2", memory: 2Gi}}
serviceAccount: models-reader
"""
GATEWAY = "gateway: {name: models, namespace: gateways, host: digits.example.com%s}\n"
TWO = 'variants: [{name: a, release: "1"}, {name: b, release: "2"}]\n'
THREE = 'variants: [{name: a, release: "1"}, {name: b, release: "2"}, {name: c, release: "3"}]\n'
ONE = 'variants: [{name: a, release: "1"}]\n'
STEPS = "stable: a, variant: b, steps: [5, 25, 50, 100]"
STRATEGIES = {
    "rolling": (ONE, "rolling: {}"),
    "canary": (TWO, f"canary: {{{STEPS}}}"),
    "canaries": (THREE, f"canary: {{{STEPS.replace('100', '90')}, alongside: [{{variant: c, percent: 10}}]}}"),
    "ab-weight": (TWO, "ab: {split: {a: 60, b: 40}}"),
    "ab-header": (TWO, "ab: {default: a, match: [{variant: b, headers: {x-group: beta}}]}"),
    "ab-cookie": (TWO, "ab: {split: {a: 90, b: 10}, match: [{variant: b, cookies: {arm: b}}]}"),
    "ab-sticky": (TWO, "ab: {split: {a: 60, b: 40}, sticky: arm}"),
    "shadow": (TWO, "shadow: {stable: a, variant: b}"),
    "shadow-percent": (TWO, "shadow: {stable: a, variant: b, percent: 10}"),
    "blue-green": (TWO, "blueGreen: {active: a, preview: b}"),
    "preview-host": (TWO, "blueGreen: {active: a, preview: b, host: next.example.com}"),
    "bandit": (TWO, "bandit: {router: epsilon-greedy, variants: [a, b]}"),
    "ensemble": (TWO, "ensemble: {variants: [a, b]}"),
    "combiner": (TWO, "ensemble: {variants: [a, b], combiner: registry.example.com/mean:1}"),
    "chain": (TWO, "chain: {variants: [a, b]}"),
    "tensors": (TWO, "chain: {variants: [a, b], tensors: {a.scores: inputs}}"),
    "switch": (TWO, "switch: {branches: [{variant: a, when: 'instances.#(kind==\"digit\")'}, {variant: b}]}"),
    "graph": (
        TWO,
        """graph: {variants: [a, b], spec: {nodes: {
  root: {routerType: Sequence, steps: [{serviceName: a}, {nodeName: share, data: $response}]},
  share: {routerType: Splitter, steps: [{serviceName: a, weight: 50}, {serviceName: b, weight: 50}]}}}}""",
    ),
    "switch-router": (TWO, "switch: {branches: [{variant: a}, {variant: b}], router: registry.example.com/choose:1}"),
}
LAYOUTS = ("tensorflow-serving", "triton", "mlserver", "torchserve", "plain")


def lock(**changes):
    """Releases 1, 2 and 3 for a, b and c, in every layout."""
    digits = {"a": ("1", 1), "b": ("2", 2), "c": ("3", 3)}
    values = {"layouts": LAYOUTS, "runtimes": {}, **changes}
    return locked(**{name: pin(asked, number, name, **values) for name, (asked, number) in digits.items()})


def text(
    feature="rolling",
    *,
    release="0.20",
    mode="standard",
    model="savedmodel",
    gateway="",
    by="",
    more="",
    tail=TAIL,
    own_routes=False,
):
    """A service file; ``gateway`` None leaves the Gateway out, ``own_routes`` says that KServe's split a canary."""
    variants, strategy = STRATEGIES[feature]
    if by:
        strategy = f"{strategy[:-1]}, by: {by}}}"
    way_in = (
        "" if gateway is None else GATEWAY % (gateway or (", channel: experimental" if "sticky" in feature else ""))
    )
    head = HEAD % (release, mode, model)
    if own_routes:
        head = head.replace("platform: {", "platform: {gatewayApi: true, ")
    return head + variants + f"strategy: {{{strategy}}}\n" + way_in + tail + more


def rendered(written, locks=None, sets=()):
    """The rendering of a service file."""
    service = build(parse(written, "serinus.yaml"), "serinus.yaml", sets=list(sets))
    return render(service, fitting(service, owned(written, locks or lock())))


def documents(*args, **options):
    """Its documents."""
    return list(yaml.safe_load_all(rendered(*args, **options).text))


def of_kind(found, kind):
    """The documents of one kind, by name."""
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def complaints(rendering):
    """What our own checks say of a rendering, but for notes; what no pack knows counts as well."""
    report = check(rendering.text, file="rendered.yaml", options=Options(strict=True))
    return [
        f"{one.rule} {one.kind} {one.path}: {one.message}" for one in report.findings if str(one.severity) != "note"
    ]
