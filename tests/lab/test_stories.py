"""Whole roll-outs on KServe and plain Kubernetes behind a real gateway, each step as a user makes it.

A client asks all the while, after a warm-up of the gateway. At no moment a Service that gets requests leads to fewer
ready pods than are wanted, no request fails, and the pods of what serves aren't restarted by a step. What happened is
written into ``build/lab/``, for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tales
from rollouts import KSERVE, KUBERNETES
from stories import tell, transcript

from kit import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from stories import Tale

    from conftest import Site

pytestmark = pytest.mark.lab

IN_CI = (tales.KSERVE_BY_GATEWAY, tales.KUBERNETES_CANARY)
MORE = (
    tales.KSERVE_INSIDE,
    tales.KSERVE_TAKEN_BACK,
    tales.KSERVE_BLUE_GREEN,
    tales.KUBERNETES_BLUE_GREEN,
    tales.KSERVE_SCALED,
    tales.replaced(KSERVE, "kserve-rolling", "digits-predictor"),
    tales.replaced(KUBERNETES, "kubernetes-rolling", "digits"),
)
TALES = (
    *(pytest.param(each, id=each.name) for each in IN_CI),
    *(pytest.param(each, id=each.name, marks=pytest.mark.more) for each in MORE),
)


@pytest.mark.parametrize("tale", TALES)
def test_a_roll_out_loses_nothing(site: Site, tale: Tale, run, tmp_path: Path) -> None:
    story, made, kept = tell(site.lab.objects, site.network, tale, run, tmp_path)
    told = transcript(story)
    into = ROOT / "build/lab"
    into.mkdir(parents=True, exist_ok=True)
    (into / f"{tale.name}.txt").write_text(told)
    print(told)
    assert [each for each in made if each.failed] == []
    wanted = max(tale.steps[0].ready.values())
    few = {
        told.step.title: told.least for told in story.told[1:] if any(count < wanted for count in told.least.values())
    }
    assert few == {}, "fewer pods than wanted behind a route that has traffic"
    assert all(told.answered for told in story.told[1:])
    assert kept.replaced() == tale.restarted
    stepwise = [told.step.title for told in story.told if told.stepwise]
    assert stepwise == [each.title for each in tale.steps if each.kinds], "what goes in steps is what render says so of"
