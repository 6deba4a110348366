"""Traffic arithmetic: shares are whole percentages and sum to 100, at every step of every list of steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.decoding.nodes import parse
from generator.loading.load import build
from generator.plan.lock import Lock
from generator.plan.plan import Role, plan
from kit import ROLLING, SERVICE, locked, pin


def planned(text=SERVICE, lock=None, **options):
    return plan(build(parse(text, "serinus.yaml"), "serinus.yaml", **options), lock or locked())


@given(st.sets(st.integers(1, 100), min_size=1, max_size=12), st.data())
def test_shares_sum_to_100_at_every_step(steps, data):
    rising = sorted(steps)
    step = data.draw(st.integers(0, len(rising)))
    shares = planned(
        sets=[f"strategy.canary.steps={','.join(map(str, rising))}", f"strategy.canary.step={step}"]
    ).shares
    assert sum(share.percent for share in shares) == 100
    assert {share.role: share.percent for share in shares}[Role.CANARY] == (rising[step - 1] if step else 0)


@pytest.mark.parametrize(
    ("sets", "stable", "canary"),
    [([], 2, 2), (["strategy.canary.replicas=1"], 2, 1), (["replicas.min=5"], 5, 5)],
    ids=["as many as the stable", "as many as asked for", "more"],
)
def test_each_variant_keeps_its_own_pods(sets, stable, canary):
    result = planned(sets=sets)
    assert (result.stable.replicas, result.canary.replicas) == (stable, canary)


def test_replicas_do_not_change_with_the_step():
    counts = {
        tuple(share.replicas for share in planned(sets=[f"strategy.canary.step={step}"]).shares) for step in range(5)
    }
    assert len(counts) == 1


def test_rolling_gives_all_to_one():
    (share,) = planned(ROLLING, locked(stable=pin("1", 1, "a"))).shares
    assert (share.percent, share.role, share.replicas) == (100, Role.STABLE, 2)


def test_two_variants_at_one_release_are_not_split_and_it_is_said():
    result = planned(lock=locked(stable=pin("1", 1, "a"), canary=pin("latest", 1, "a")))
    assert [share.percent for share in result.shares] == [100]
    assert "nothing to split" in result.notes[0]
    assert result.promoted.variant == "canary"
    assert (result.promoted.files, result.promoted.percent) == (result.stable.files, 100)


@pytest.mark.parametrize(("more", "percents"), [("", [100]), (", container: {env: []}", [95, 5])])
def test_two_variants_at_one_address_are_not_split_unless_they_differ_otherwise(more, percents):
    both = SERVICE.replace('release: "1"}', "uri: s3://models/1}").replace(
        "release: latest}", f"uri: s3://models/1{more}}}"
    )
    result = planned(both, lock=Lock())
    assert [share.percent for share in result.shares] == percents
    assert bool(result.notes) == (len(percents) == 1)


def test_at_step_0_nothing_is_left_of_a_promoted_canary():
    lock = locked(stable=pin("1", 1, "a"), canary=pin("latest", 1, "a"))
    assert planned(lock=lock, sets=["strategy.canary.step=0"]).promoted is None


THREE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve}
store: {url: s3://models/}
variants:
  - {name: a, release: "1"}
  - {name: b, release: "2"}
  - {name: c, uri: "gs://bucket/model/", format: onnx, resources: {requests: {cpu: "2"}}}
replicas: {min: 0}
"""
BOTH = locked(a=pin("1", 1, "a"), b=pin("2", 2, "b"))


def three(strategy):
    return planned(f"{THREE}strategy: {{{strategy}}}\n", BOTH)


def test_several_canaries_leave_the_rest_to_the_stable_one():
    made = three("canary: {stable: a, variant: b, steps: [5, 25], step: 2, alongside: [{variant: c, percent: 3}]}")
    assert dict(made.traffic.split) == {"a": 72, "b": 25, "c": 3}
    assert [share.role for share in made.shares] == [Role.STABLE, Role.CANARY, Role.CANARY]


@pytest.mark.parametrize(
    ("strategy", "split", "replicas"),
    [
        ("ab: {split: {a: 33.3, b: 33.3, c: 33.3}}", {"a": 33, "b": 33, "c": 33}, [0, 1, 1]),
        (
            "ab: {default: a, match: [{variant: b, headers: {x: one}}, {variant: c, cookies: {x: two}}]}",
            {"a": 100},
            [0, 1, 1],
        ),
    ],
    ids=["by weight", "by match"],
)
def test_arms_of_an_ab_test(strategy, split, replicas):
    made = three(strategy)
    assert {name: int(share) for name, share in made.traffic.split.items()} == split
    assert sum(made.traffic.split.values()) == 100
    assert [share.replicas for share in made.shares] == replicas
    assert {share.role for share in made.shares} == {Role.ARM}


def two(strategy):
    text = "\n".join(line for line in THREE.splitlines() if "name: c" not in line)
    return planned(f"{text}\nstrategy: {{{strategy}}}\n", BOTH)


def test_a_shadow_takes_no_share():
    made = two("shadow: {stable: a, variant: b, percent: 10}")
    assert made.traffic.mirror == ("b", 10)
    assert (made.shadow.variant, made.shadow.percent, made.shadow.replicas) == ("b", 0, 1)


def test_blue_and_green_are_equal_but_for_the_traffic():
    made = two("blueGreen: {active: b, preview: a, host: next.example.com}")
    assert [(share.variant, share.role, share.percent) for share in made.shares] == [
        ("b", Role.ACTIVE, 100),
        ("a", Role.PREVIEW, 0),
    ]
    assert made.traffic.preview == ("next.example.com", "a")


@pytest.mark.parametrize(
    "strategy",
    [
        "bandit: {router: epsilon-greedy, variants: [b, a]}",
        "ensemble: {variants: [b, a]}",
        "chain: {variants: [b, a]}",
        "switch: {branches: [{variant: b, when: x}, {variant: a}]}",
    ],
)
def test_the_nodes_of_a_graph_stand_in_its_order_and_share_nothing_out(strategy):
    made = two(strategy)
    assert [share.variant for share in made.shares] == ["b", "a"]
    assert made.traffic.split == {}


def test_a_release_knows_its_layouts_and_a_uri_is_taken_as_it_is():
    made = three("ab: {split: {a: 50, b: 25, c: 25}}")
    release, uri = made.share("a").files, made.share("c").files
    assert release.uri("tensorflow-serving") == f"s3://models/digits/1/{'a' * 16}/tensorflow-serving"
    assert uri.uri("tensorflow-serving") == "gs://bucket/model/"
    assert (release.id, uri.id[0], uri.version) == ("r1", "u", None)


def test_a_variant_may_differ_from_the_service():
    share = three("ab: {split: {a: 50, b: 25, c: 25}}").share("c")
    assert (share.format, share.resources.requests) == ("onnx", {"cpu": "2"})
