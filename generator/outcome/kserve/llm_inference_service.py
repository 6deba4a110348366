"""What becomes of an LLMInferenceService: workloads, scheduler, routes, scalers and accounts.

kserve/kserve, pkg/controller/v1alpha1/llmisvc at v0.16.0, pkg/controller/v1alpha2/llmisvc from v0.17.0 on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome import Maker
from generator.outcome.child import Child, Gap, Outcome
from generator.outcome.kserve import config
from generator.outcome.kserve.inference_graph import STOP
from generator.outcome.kserve.llm import accounts, devices, route, scaling, scheduler, storage, tokenizer, workload
from generator.outcome.kserve.llm.combined import combined
from generator.outcome.kserve.values import words
from generator.reading.kind import Kind
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from generator.outcome.given import Given
    from generator.outcome.part import Part

_SINCE, _STOPPED = Version(0, 16), Version(0, 17)


def make(root: Part, given: Given, release: Version) -> Outcome:
    """The children of an LLMInferenceService; see ``generator.outcome.Maker``."""
    if release < _SINCE:
        return Outcome()
    if release >= _STOPPED and words(root.get("metadata", "annotations", STOP)).lower() == "true":
        return Outcome()
    settings = config.settings(given, release)
    found = combined(root, given, settings, release)
    if isinstance(found, Gap):
        return Outcome((), (found,))
    if refused := storage.refusal(found) if found.whole else "":
        return Outcome((), (Gap(("spec", "model"), refused),))
    if refused := devices.refusal(root, release):
        return Outcome((), (Gap(("metadata", "annotations", devices.COUNT), refused),))
    stopped = scaling.stopped(found)
    makers = [workload.made, devices.made, accounts.made, scaling.made]
    if stopped is None:
        makers += [accounts.of_scheduler, tokenizer.made, scheduler.made, route.made]
    words_ = f"KServe {release.major}.{release.minor}"
    # A certificate is another one each time, so its Secret is known without its data.
    children = tuple(
        Child.of(tree, words_, whole=found.whole and tree["kind"] != "Secret")
        for made in makers
        for tree in made(found)
    )
    gaps = (stopped,) if stopped else (*route.gaps(found), *scheduler.gaps(found), *tokenizer.gaps(found))
    return Outcome(children, (*found.gaps, *gaps))


MAKER = Maker(product="kserve", kind=Kind("serving.kserve.io", "LLMInferenceService"), make=make)
