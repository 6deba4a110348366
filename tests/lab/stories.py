"""A roll-out as a user makes it, step by step, with a client that asks all the while; and what is told of it afterwards.

Each step is a service file and a lock, rendered by ``serinus render`` and applied in the order of its documents, as
``kubectl apply`` does: what is refused doesn't keep the rest from being applied, and nothing is waited for in between.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import calls
import journal
import yaml
from rollouts import Setting, release_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from namespaces import Network
    from objects import Objects

PODS = 2
RATE = 60
"""Requests a second."""
PATIENCE = 240.0
"""Seconds until a step's pods have to be ready."""
AFTER = 3.0
"""Seconds that a step is looked at once its pods are ready."""


@dataclass(frozen=True)
class Step:
    """One step of a roll-out.

    Attributes:
        title: What a person calls it.
        strategy: ``strategy`` of the service file, as YAML.
        releases: Variant to release.
        ready: Service to the pods that it has to lead to once the step is done; of those with traffic never fewer.
        kinds: The kinds of what is rendered that are applied now; empty for all.
        prune: Whether what isn't rendered any more is deleted, after all is ready.
    """

    title: str
    strategy: str
    releases: Mapping[str, int]
    ready: Mapping[str, int]
    kinds: tuple[str, ...] = ()
    prune: bool = False


@dataclass(frozen=True)
class Tale:
    """A story before it is told.

    Attributes:
        name: Its namespace, and the name of its transcript.
        title: What a person calls it.
        platform: ``platform`` of the service file.
        steps: Its steps; the first one begins with nothing, before anyone asks.
        restarted: Deployments whose pods are meant to be replaced, and how often.
        replicas: ``replicas`` of the service file.
    """

    name: str
    title: str
    platform: str
    steps: tuple[Step, ...]
    restarted: Mapping[str, int]
    replicas: str = f"{{min: {PODS}}}"


@dataclass
class Told:
    """What a step did.

    Attributes:
        step: The step.
        notes: What ``serinus render`` said.
        warnings: What ``serinus validate --previous`` said of the change, the rules alone.
        applied: Kind and name of each object, and what the server did with it.
        began: When it was applied.
        ended: When it was looked at for the last time.
        ready: Seconds until all its pods were ready.
        answered: Release to the requests that it answered.
        failed: The requests that failed.
        least: The fewest ready pods of each Service while it got requests.
    """

    step: Step
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    ready: float = 0.0
    answered: Counter[str] = field(default_factory=Counter)
    failed: list[calls.Call] = field(default_factory=list)
    least: dict[str, int] = field(default_factory=dict)

    @property
    def stepwise(self) -> bool:
        """Whether ``serinus render`` said that this can't be applied at once."""
        return any("applied over what this folder held" in each for each in self.notes)


def endpoints(objects: Objects, namespace: str) -> Counter[str]:
    """Service to the pods that are ready behind it."""
    found: Counter[str] = Counter()
    for each in objects.every("discovery.k8s.io/v1", "EndpointSlice", namespace):
        found[each["metadata"]["labels"][journal.OF_SERVICE]] += len(set(journal.ready_addresses(each)))
    return found


def complete(objects: Objects, namespace: str) -> bool:
    """Whether every Deployment has all its pods, of its newest template, and they are ready."""
    for each in objects.every("apps/v1", "Deployment", namespace):
        status, wanted = each.get("status", {}), each["spec"]["replicas"]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas")]
        if status.get("observedGeneration") != each["metadata"]["generation"] or counts != [wanted] * 3:
            return False
    return True


def wait(objects: Objects, namespace: str, ready: Mapping[str, int]) -> None:
    """Until these Services lead to so many ready pods, and all Deployments are complete, for a second.

    Raises:
        AssertionError: That takes too long.
    """
    end, since = time.monotonic() + PATIENCE, None
    while since is None or time.monotonic() < since + 1:
        found = endpoints(objects, namespace)
        done = all(found[service] >= count for service, count in ready.items()) and complete(objects, namespace)
        since = None if not done else since or time.monotonic()
        assert time.monotonic() < end, f"not ready: {dict(found)}, wanted {dict(ready)}"
        time.sleep(0.1)


@dataclass
class Story:
    """A roll-out under way.

    Attributes:
        title: What a person calls it.
        setting: What stays the same.
        objects: The admin's connection to the cluster.
        run: Runs ``serinus``.
        folder: Where service files and manifests are written.
        told: The steps so far.
    """

    title: str
    setting: Setting
    objects: Objects
    run: Callable[..., Any]
    folder: Path
    told: list[Told] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)

    def take(self, step: Step, after: float = AFTER) -> Told:
        """Render a step, apply it, wait until its pods are ready, and look at it a little longer."""
        here = self.folder / f"{len(self.told):02}"
        file = self.setting.write(here, step.strategy, step.releases)
        rendered = self.run("render", file)
        assert rendered.code == 0, rendered.err
        # Over what the last step rendered: so it knows what it changes.
        noted = self.run("render", file, "-o", self.folder / "manifests").err.splitlines()
        told = Told(step, [line for line in noted if line.startswith("note: ")])
        manifest = here / "manifests.yaml"
        manifest.write_text(rendered.out)
        told.warnings = self._warned(manifest)
        documents = [each for each in yaml.safe_load_all(rendered.out) if each]
        chosen = [each for each in documents if not step.kinds or each["kind"] in step.kinds]
        told.began = time.time()
        told.applied = [self._apply(each) for each in chosen]
        wait(self.objects, self.setting.namespace, step.ready)
        told.ready = time.time() - told.began
        if step.prune:
            kept = {(each["kind"], each["metadata"]["name"]) for each in documents}
            gone = [each for each in self.documents if (each["kind"], each["metadata"]["name"]) not in kept]
            told.applied += [self._delete(each) for each in gone]
            self.documents = documents
        else:
            new = {(each["kind"], each["metadata"]["name"]): each for each in (*self.documents, *documents)}
            self.documents = list(new.values())
        time.sleep(after)
        told.ended = time.time()
        self.told.append(told)
        return told

    def _apply(self, data: dict[str, Any]) -> str:
        """Apply an object, and what became of it; a refusal keeps nothing else from being applied."""
        before = self.objects.look(data)
        answer = self.objects.apply(data)
        said = f"{data['kind']} {data['metadata']['name']}"
        if answer.status not in {200, 201}:
            return f"{said} refused: {answer.message}"
        changed = before and before["metadata"]["resourceVersion"] != answer.data["metadata"]["resourceVersion"]
        return f"{said} {'created' if not before else 'configured' if changed else 'unchanged'}"

    def _delete(self, data: dict[str, Any]) -> str:
        self.objects.remove(data)
        return f"{data['kind']} {data['metadata']['name']} deleted"

    def _warned(self, manifest: Path) -> list[str]:
        """What the change from the last step means, by rule."""
        if not self.told:
            return []
        before = self.folder / f"{len(self.told) - 1:02}" / "manifests.yaml"
        judged = self.run("validate", manifest, "--previous", before, "--format", "json")
        found = json.loads(judged.out)["findings"]
        return sorted({each["rule"] for each in found if each["severity"] != "note"})

    def count(self, made: Sequence[calls.Call], kept: journal.Journal) -> None:
        """Lay what was answered and what was ready to the steps."""
        releases = {name: release_of(data) for name, data in kept.pods().items()}
        moments = list(kept.served())
        ends = [*(each.began for each in self.told[1:]), float("inf")]
        for told, end in zip(self.told, ends, strict=True):
            mine = [each for each in made if told.began <= each.sent < end]
            told.failed = [each for each in mine if each.failed]
            told.answered = Counter(releases.get(each.pod, "?") for each in mine if not each.failed)
            told.least = journal.least(moments, told.began, min(end, told.ended))


def transcript(story: Story) -> str:
    """The story as text, for people."""
    lines = [story.title, "=" * len(story.title), ""]
    for told in story.told:
        answered = ", ".join(f"release {release}: {count}" for release, count in sorted(told.answered.items()))
        lines += [
            told.step.title,
            f"    applied   {'; '.join(each for each in told.applied if not each.endswith(' unchanged'))}",
            f"    ready     after {told.ready:.1f} s; fewest ready behind the route: "
            + ", ".join(f"{service} {count}" for service, count in sorted(told.least.items())),
            f"    answered  {answered}; failed: {len(told.failed)}",
        ]
        kinds = Counter(each.fault or str(each.status) for each in told.failed)
        lines += [f"              {fault}: {count}" for fault, count in kinds.most_common(3)]
        lines += [f"    validate  {' '.join(told.warnings)}"] if told.warnings else []
        lines += [f"    {note}" for note in told.notes]
    return "\n".join((*lines, ""))


def tell(
    objects: Objects, network: Network, tale: Tale, run: Callable[..., Any], folder: Path
) -> tuple[Story, list[calls.Call], journal.Journal]:
    """Tell a story, with a client that asks from its second step on."""
    setting = Setting(tale.name, tale.platform, tale.replicas)
    objects.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": tale.name}})
    story = Story(tale.title, setting, objects, run, folder)
    written = folder / "calls"
    with journal.kept(tale.name, objects) as kept:
        story.take(tale.steps[0], after=0)
        calls.warm_up(network, setting.host, folder / "warm-up")
        with calls.calling(network, setting.host, written, f"--rate={RATE}"):
            time.sleep(1)
            for step in tale.steps[1:]:
                story.take(step)
    made = calls.read(written)
    story.count(made, kept)
    return story, made, kept
