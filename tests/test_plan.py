"""Traffic arithmetic: shares are whole percentages and sum to 100, at every step of every list of steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import service_file
from generator.nodes import parse
from generator.plan import Role, plan
from kit import ROLLING, SERVICE, locked, pin


def planned(text=SERVICE, lock=None, **options):
    return plan(service_file.build(parse(text, "serinus.yaml"), "serinus.yaml", **options), lock or locked())


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
