"""What holds for every platform alike: the table of capabilities is whole and true, and one service file serves all."""

from __future__ import annotations

import itertools

import pytest

from generator.checks.api import check
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.plan import lock
from generator.platforms import platforms
from generator.platforms.base import FEATURES, Level
from generator.rendering.render import render
from random_services import VARIANTS, pinned

CASES = [
    (platform, mode, release)
    for platform in platforms().values()
    for mode, release in itertools.product(platform.modes, platform.releases)
]
IDS = [f"{platform.id}-{release}-{mode}" for platform, mode, release in CASES]

STRATEGIES = {
    "rolling": ("rolling: {}", 1),
    "canary": ("canary: {stable: one, variant: two, steps: [5, 25, 50, 100]}", 2),
    "canaries": ("canary: {stable: one, variant: two, steps: [5, 25], alongside: [{variant: three, percent: 3}]}", 3),
    "ab-weight": ("ab: {split: {one: 60, two: 40}}", 2),
    "ab-header": ("ab: {default: one, match: [{variant: two, headers: {x-group: beta}}]}", 2),
    "ab-cookie": ("ab: {default: one, match: [{variant: two, cookies: {group: beta}}]}", 2),
    "ab-sticky": ("ab: {split: {one: 60, two: 40}, sticky: arm}", 2),
    "shadow": ("shadow: {stable: one, variant: two}", 2),
    "shadow-percent": ("shadow: {stable: one, variant: two, percent: 10}", 2),
    "blue-green": ("blueGreen: {active: one, preview: two}", 2),
    "preview-host": ("blueGreen: {active: one, preview: two, host: next.example.com}", 2),
    "bandit": ("bandit: {router: epsilon-greedy, variants: [one, two]}", 2),
    "ensemble": ("ensemble: {variants: [one, two]}", 2),
    "combiner": ('ensemble: {variants: [one, two], combiner: "team/mean:1"}', 2),
    "chain": ("chain: {variants: [one, two]}", 2),
    "switch": ("switch: {branches: [{variant: one, when: 'instances.#(big==true)'}, {variant: two}]}", 2),
    "tensors": ("chain: {variants: [one, two], tensors: {one.y: x}}", 2),
    "graph": (
        "graph: {variants: [one, two], spec: {steps: [{name: one}, {name: two, inputs: [one]}], output: {steps: [two]}}}",
        2,
    ),
    "switch-router": ('switch: {branches: [{variant: one}, {variant: two}], router: "team/router:1"}', 2),
}
"""A service's strategy for each row of the table."""

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {{kind: {platform}, version: "{release}", mode: {mode}}}
store: {{url: s3://models}}
model: {{{model}}}
variants: [{variants}]
strategy: {{{strategy}}}
gateway: {{name: models, namespace: gateways, host: digits.example.com, channel: experimental}}
replicas: {{min: 2, max: 6, metric: cpu, target: 70}}
resources: {{requests: {{cpu: 500m, memory: 1Gi}}, limits: {{cpu: "2", memory: 2Gi}}}}
"""
MOVING = ("rolling", "canary", "ab-weight", "shadow")
"""What one service file does on all platforms, unchanged but for ``platform``."""


OWN_WORDS = {
    "kserve": "graph: {variants: [one, two], spec: {nodes: {root: {routerType: Ensemble, steps: "
    "[{name: one, serviceName: one}, {name: two, serviceName: two}]}}}}",
    "seldon-core-1": "graph: {variants: [one, two], spec: {graph: {name: one, children: [{name: two}]}}}",
}
"""The graph in a platform's own words, where they aren't those of a Pipeline."""


def service_of(platform, mode, release, feature, model="format: onnx"):
    strategy, count = STRATEGIES[feature]
    if feature == "graph":
        strategy = OWN_WORDS.get(platform.id, strategy)
    variants = ", ".join(
        f'{{name: {name}, release: "{number}"}}' for number, name in enumerate(VARIANTS[:count], start=1)
    )
    text = SERVICE.format(
        platform=platform.id, release=release, mode=mode, model=model, variants=variants, strategy=strategy
    )
    return build(parse(text, "serinus.yaml"), "serinus.yaml")


def rendered(service):
    return render(service, pinned("digits", service.model.format, len(service.variants)))


def test_every_row_has_a_strategy_here():
    assert set(STRATEGIES) == set(FEATURES)


@pytest.mark.parametrize(("platform", "mode", "release"), CASES, ids=IDS)
def test_the_table_answers_every_row(platform, mode, release):
    said = {cell.feature for cell in platform.cells if cell.holds(mode, release)}
    assert said == set(FEATURES)


@pytest.mark.parametrize("platform", platforms().values(), ids=list(platforms()))
def test_each_cell_is_a_sentence_and_a_no_names_the_alternative(platform):
    for cell in platform.cells:
        assert cell.sentence.endswith("."), cell
        assert set(cell.modes) <= set(platform.modes), cell
        assert {cell.since, cell.until} <= {"", *platform.releases}, cell
        if cell.level is Level.NO:
            assert cell.instead, cell
            assert not cell.instead.endswith("."), cell


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize(("platform", "mode", "release"), CASES, ids=IDS)
def test_what_the_table_says_is_what_happens(platform, mode, release, feature):
    service = service_of(platform, mode, release, feature, model_for(platform, feature))
    refused = first_no(platform, service)
    if refused:
        with pytest.raises(InputError) as raised:
            rendered(service)
        assert refused.sentence in raised.value.message
        assert refused.instead in raised.value.fix
        return
    made = rendered(service)
    report = check(made.text)
    assert (report.summary.errors, report.summary.warnings, report.summary.skipped) == (0, 0, 0), report.findings


def first_no(platform, service):
    """The first cell that refuses what a service needs; a row may need others besides."""
    for feature in service.strategy.chosen.features():
        ways = platform.ways(feature, platform.mode_of(service), platform.release_of(service))
        if all(cell.level is Level.NO for cell in ways):
            return ways[0]
    return None


def model_for(platform, feature):
    """The model with which a row is tried.

    The routers of Seldon Core 1 speak its own protocol alone, and KServe's hands answers on by that of V1.
    """
    if platform.id == "kserve" and feature == "chain":
        return "format: sklearn"
    routed = platform.id == "seldon-core-1" and feature in ("bandit", "combiner", "switch-router")
    return "format: sklearn, runtime: seldon" if routed else "format: onnx"


@pytest.mark.parametrize("feature", MOVING)
@pytest.mark.parametrize(("platform", "mode", "release"), CASES, ids=IDS)
def test_one_service_file_serves_every_platform(platform, mode, release, feature):
    assert platform.ways(feature, mode, release)[0].level is not Level.NO
    assert rendered(service_of(platform, mode, release, feature)).manifests


LONG = {
    "kserve": "ab: {split: {one: 60, two: 40}}",
    "kubernetes": "canary: {stable: one, variant: two, steps: [5]}",
    "seldon-core-1": "ab: {split: {one: 60, two: 40}}",
    "seldon-core-2": "ab: {split: {one: 60, two: 40}}",
}
"""Strategies that make objects of the variants' names."""


@pytest.mark.parametrize("platform", platforms().values(), ids=list(platforms()))
def test_long_names_of_variants_are_shortened_apart(platform):
    name, front = "d" * 40, "variant-" * 6
    text = SERVICE.format(
        platform=platform.id,
        release=platform.releases[-1],
        mode=platform.modes[0],
        model="format: onnx",
        variants=", ".join(
            f'{{name: {front}{each}, release: "{number}"}}' for number, each in ((1, "one"), (2, "two"))
        ),
        strategy=LONG[platform.id].replace("one", f"{front}one").replace("two", f"{front}two"),
    ).replace("name: digits\n", f"name: {name}\n")
    service = build(parse(text, "serinus.yaml"), "serinus.yaml")
    pins = pinned(name, "onnx", 2).services[name]
    locked = lock.Lock().with_section(name, {f"{front}{key}": each for key, each in pins.items()})
    made = render(service, locked)
    assert all(len(each.name) <= 63 for each in made.manifests)
    assert len({(each.kind, each.name) for each in made.manifests}) == len(made.manifests)
    assert check(made.text).summary.errors == 0


def test_a_variants_own_runtime_has_to_be_published_on_request():
    text = SERVICE.format(
        platform="kserve",
        release="0.20",
        mode="standard",
        model="format: sklearn",
        variants='{name: one, release: "1"}, {name: two, release: "2", runtime: mlserver}',
        strategy=STRATEGIES["ab-weight"][0],
    )
    pins = pinned("digits", "sklearn", 2).services["digits"]
    plain = {name: lock.Pin(**{**vars(pin), "layouts": ("plain",)}) for name, pin in pins.items()}
    with pytest.raises(InputError) as raised:
        render(build(parse(text, "serinus.yaml"), "serinus.yaml"), lock.Lock().with_section("digits", plain))
    assert "add mlserver to model.runtimes, then serinus publish" in raised.value.fix
    assert raised.value.place.line == 8
