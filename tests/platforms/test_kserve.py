"""KServe: what is rendered, held against golden files and against what the controller makes of it."""

from __future__ import annotations

import copy
import itertools

import pytest
import yaml

from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.rendering.render import render
from goldens import golden
from kit import ROLLING, SERVICE, locked, pin


def rendered(text=SERVICE, lock=None, **options):
    return render(build(parse(text, "serinus.yaml"), "serinus.yaml", **options), lock or locked())


def documents(*args, **options):
    return list(yaml.safe_load_all(rendered(*args, **options).text))


KNATIVE = ["platform.mode=knative"]
CASES = {
    "standard-canary": {},
    "standard-canary-step-0": {"sets": ["strategy.canary.step=0"]},
    "standard-canary-last-step": {"sets": ["strategy.canary.step=4"]},
    "standard-canary-staging": {"environment": "staging"},
    "standard-canary-one-release": {"lock": locked(stable=pin("1", 1, "a"), canary=pin("latest", 1, "a"))},
    "standard-rolling": {"text": ROLLING, "lock": locked(stable=pin("1", 1, "a"))},
    "standard-rolling-without-gateway": {
        "text": ROLLING.replace("gateway: {name: models, namespace: gateways, host: digits.example.com}\n", ""),
        "lock": locked(stable=pin("1", 1, "a")),
    },
    "knative-canary": {"sets": KNATIVE},
    "knative-rolling-to-zero": {
        "text": ROLLING.replace("{min: 2, max: 6, metric: cpu, target: 70}", "{min: 0, max: 6, metric: concurrency}"),
        "lock": locked(stable=pin("1", 1, "a")),
        "sets": KNATIVE,
    },
    "minimal": {
        "text": """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve}
store: {url: s3://models}
model: {format: savedmodel}
variants: [{name: stable, release: latest}]
""",
        "lock": locked(stable=pin("latest", 1, "a", runtimes={})),
    },
}


@pytest.mark.parametrize("case", CASES)
def test_golden(case):
    golden(f"kserve/{case}.yaml", rendered(**CASES[case]).text)


@pytest.mark.parametrize("step", range(5))
def test_the_share_asked_for_is_the_share_that_flows(step):
    service, route = documents(sets=[f"strategy.canary.step={step}"])
    (canary,) = service["spec"]["canary"]
    weights = {ref["name"]: ref["weight"] for ref in route["spec"]["rules"][0]["backendRefs"]}
    percent = [0, 5, 25, 50, 100][step]
    assert weights == {"digits-r1-predictor": 100 - percent, "digits-r2-predictor": percent}
    assert canary["trafficPercent"] == percent


def test_a_step_changes_nothing_but_the_percent_and_the_weights():
    for before, after in itertools.pairwise(range(5)):
        old, new = (rendered(sets=[f"strategy.canary.step={step}"]).text.splitlines() for step in (before, after))
        changed = [
            line.strip().split(":")[0].removeprefix("- ") for one, line in zip(old, new, strict=True) if one != line
        ]
        assert changed == ["trafficPercent", "weight", "weight"]


def test_the_controller_leaves_the_stable_its_pods():
    """The controller takes the canaries' minReplicas off the stable's, and leaves at least 1."""
    for sets in ([], ["strategy.canary.replicas=1"], ["replicas.min=1"]):
        spec = documents(sets=sets)[0]["spec"]
        canary = spec["canary"][0]["predictor"]["minReplicas"]
        wanted = 1 if sets == ["replicas.min=1"] else 2
        assert max(spec["predictor"]["minReplicas"] - canary, 1) == wanted
        assert canary <= spec["predictor"]["minReplicas"] <= spec["predictor"]["maxReplicas"]


def what_feeds_the_stable_pods(service: dict) -> dict:
    """All of an InferenceService but its canaries, and the minReplicas that the controller corrects by them."""
    fed = copy.deepcopy(service)
    fed["spec"].pop("canary", None)
    return fed


def test_another_canary_release_leaves_all_that_feeds_the_stables_pods_as_it_was():
    first = documents()[0]
    second = documents(lock=locked(stable=pin("1", 1, "a"), canary=pin("latest", 3, "c")))[0]
    assert first["spec"]["canary"] != second["spec"]["canary"]
    assert what_feeds_the_stable_pods(first) == what_feeds_the_stable_pods(second)


def test_nothing_of_a_release_stands_on_the_inferenceservice_itself():
    metadata = str(documents()[0]["metadata"])
    assert "a" * 16 not in metadata
    assert "serinus.dev/" not in metadata


def test_a_promoted_canary_keeps_the_name_of_its_pods():
    before = documents()[0]["spec"]["canary"][0]["predictor"]["name"]
    route, service = documents(
        SERVICE.replace('release: "1"', 'release: "2"'), locked(stable=pin("2", 2, "b"), canary=pin("latest", 2, "b"))
    )
    assert service["spec"]["predictor"]["name"] == before
    assert route["spec"]["rules"][0]["backendRefs"][0]["name"] == f"digits-{before}-predictor"


def test_the_split_is_the_only_way_in():
    service, route = documents()
    assert service["metadata"]["labels"]["networking.kserve.io/visibility"] == "cluster-local"
    assert route["metadata"]["name"] == "digits-split"


def test_knative_says_that_the_stable_release_must_be_rolled_out():
    notes = rendered(sets=KNATIVE).notes
    assert any("release 1 must already be rolled out" in note for note in notes)
    assert any("gateway isn't used" in note for note in notes)
    assert any("to take the canary back, set strategy.canary.step to 0" in note for note in notes)


def test_a_canary_that_nobody_waits_for_and_that_does_not_scale_is_told():
    def told(step):
        return rendered(sets=[f"strategy.canary.step={step}"]).notes

    assert any("digits-r2-predictor are lost until its pods are ready" in note for note in told(1))
    assert not any("are lost" in note for step in (0, 2) for note in told(step))
    assert any("'canary' keeps its number of pods (2) at every step" in note for note in told(2))
    assert not any("at every step" in note for note in rendered(sets=["strategy.canary.replicas=6"]).notes)


ONE_RELEASE = locked(stable=pin("1", 1, "a"), canary=pin("latest", 1, "a"))


def kinds(**options):
    return [each["kind"] for each in documents(**options)]


def test_the_route_leaves_the_old_pods_before_kserve_ends_them():
    """Below the last step the InferenceService alone would end pods to which the route still sends requests."""
    assert kinds() == kinds(sets=["strategy.canary.step=0"]) == ["InferenceService", "HTTPRoute"]
    assert kinds(lock=ONE_RELEASE, sets=["strategy.canary.step=4"]) == ["HTTPRoute", "InferenceService"]
    assert kinds(lock=ONE_RELEASE, sets=["strategy.canary.step=0"]) == ["InferenceService", "HTTPRoute"], "going back"
    gateway = ["strategy.canary.by=gateway"]
    assert kinds(lock=ONE_RELEASE, sets=gateway) == ["InferenceService", "HTTPRoute"], (
        "its pods stay till they're pruned"
    )


def test_a_promotion_below_the_last_step_is_told_the_steps():
    def told(step):
        return [
            note
            for note in rendered(lock=ONE_RELEASE, sets=[f"strategy.canary.step={step}"]).notes
            if "promote" in note
        ]

    assert "had 25 % until now, promote from the last step: 1." in told(2)[0]
    assert not [note for note in told(4) if "from the last step" in note]
    assert not [note for note in told(0) if "from the last step" in note]


@pytest.mark.parametrize("sets", [[], ["strategy.canary.step=0"], ["strategy.canary.by=gateway"]])
def test_a_release_alone_is_told_the_way_back_to_it(sets):
    (note,) = [note for note in rendered(lock=ONE_RELEASE, sets=sets).notes if "aren't there" in note]
    assert "1. 'stable' the release that serves, 'canary' release 1, step: 0; apply, and wait" in note
    assert "2. step: 4; apply." in note
    assert not [note for note in rendered(sets=sets).notes if "aren't there" in note]


def test_the_way_from_rolling_is_told_where_kserve_refuses_the_short_one():
    def told(*sets, **options):
        return [note for note in rendered(sets=sets, **options).notes if "strategy rolling" in note]

    assert "3. Remove the InferenceService digits." in told(lock=ONE_RELEASE)[0]
    assert told("strategy.canary.step=0")
    assert not told("strategy.canary.step=1")
    assert not told("platform.version=0.19", "strategy.canary.step=0")
    assert not told("strategy.canary.by=gateway", "strategy.canary.step=0")


def test_a_stable_that_may_grow_past_max_is_told():
    later = "strategy.canary.step=2"
    rendering = rendered(environment="staging", sets=["replicas.max=1", later])
    assert any("may scale to 2 instead of 1" in note for note in rendering.notes)
    assert not any("may scale" in note for note in rendered(environment="staging", sets=[later]).notes)


REFUSED = {
    "no gateway": (
        SERVICE.replace("gateway: {name: models, namespace: gateways, host: digits.example.com}\n", ""),
        "needs a Gateway",
    ),
    "an unknown platform": (SERVICE.replace("kind: kserve", "kind: kserv"), "Did you mean 'kserve'?"),
    "an unknown release": (SERVICE.replace('"0.20"', '"0.2"'), 'Known releases: "0.15"'),
    "an unknown mode": (SERVICE.replace("mode: standard", "mode: Standard"), "Did you mean 'standard'?"),
    "scale to zero": (SERVICE.replace("min: 2", "min: 0"), "can't scale to zero"),
    "requests a second": (SERVICE.replace("metric: cpu", "metric: rps"), "can't scale by rps"),
    "a server too old": (
        SERVICE.replace("format: savedmodel", 'runtimeVersion: "2.6.2"'),
        "can't load a model that tensorflow 2.20 wrote",
    ),
    "an unknown runtime": (
        SERVICE.replace("format: savedmodel", "runtime: mlserver"),
        "Known runtimes for it: tensorflow-serving, triton, custom",
    ),
    "an unknown format": (
        SERVICE.replace("format: savedmodel", "format: pickle"),
        "Did you mean 'sklearn'? Known formats: savedmodel",
    ),
    "a name too long": (
        SERVICE.replace("name: digits\n", f"name: {'d' * 46}\nlabels: {{}}\n").replace("namespace: models\n", ""),
        "Shorten",
    ),
    "an annotation of ours": (
        SERVICE.replace("serviceAccount:", "annotations: {serving.kserve.io/deploymentMode: x}\nserviceAccount:"),
        "Say it by platform.mode",
    ),
    "a host label too long": (
        SERVICE.replace("namespace: models\n", f"namespace: {'m' * 47}\n"),
        "Shorten one of them",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_kserve_cannot_do_is_refused_when_the_file_is_loaded(case):
    text, message = REFUSED[case]
    section = locked().services["digits"]
    lock = locked().with_section("d" * 46, section)
    with pytest.raises(InputError) as raised:
        rendered(text, lock)
    assert message in str(raised.value)
    assert raised.value.place.line


def test_a_release_without_the_layout_is_refused():
    with pytest.raises(InputError, match="no layout tensorflow-serving"):
        rendered(lock=locked(stable=pin("1", 1, "a", layouts=("triton",)), canary=pin("latest", 2, "b")))


@pytest.mark.parametrize(
    "assignment",
    ["replicas.min=3", "replicas.max=7", "replicas.target=71", "replicas.metric=memory", "resources.limits.cpu=3", "serviceAccount=other",
     "labels.team=a", "annotations.a=b", "namespace=other", "gateway.host=a.example.com", "gateway.name=other", "gateway.namespace=other",
     "gateway.version=1.4", "gateway.version=1.6.3", "gateway.version=1.7", "gateway.path=/digits", "platform.version=0.21", "store.url=s3://other", "model.runtimeVersion=2.20.1", "strategy.canary.step=2", "strategy.canary.steps=7,100",
     "strategy.canary.replicas=1", "platform.mode=knative"],
)  # fmt: skip
def test_every_option_changes_what_is_rendered(assignment):
    assert rendered(sets=[assignment]).text != rendered().text


def test_a_server_newer_than_the_model_is_taken():
    assert "2.21.0" in rendered(sets=["model.runtimeVersion=2.21.0"]).text
