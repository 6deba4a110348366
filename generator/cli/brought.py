"""Publishing a model that is brought along: what ``serinus publish --model`` and ``model.source`` have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.cli import converting, doors
from generator.cli.talk import say, silent
from generator.model import gate
from generator.plan.formats import with_format
from generator.store import sources
from generator.store.brought import artifact_of, published_before
from generator.store.hashing import unknown
from generator.store.publish import Published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.model.artifact import Artifact
    from generator.service import Service
    from generator.store.brought import Evidence
    from generator.store.hashing import Known
    from generator.store.objects import Store
    from generator.store.release import Release
    from generator.store.sources import Source


def publish(
    service: Service,
    store: Store,
    asked: str | None,
    evidence: Evidence,
    *,
    version: int | None = None,
    key: Path | None = None,
    quiet: bool,
    known: Known = unknown,
) -> Published:
    """Publish a model that is brought along.

    Args:
        service: The service.
        store: Where to.
        asked: What ``--model`` names; None for what ``model.source`` does.
        evidence: What its owner says of it.
        version: The version it must have; None for the next one.
        key: A private key to sign the release with.
        quiet: Say nothing but errors.
        known: Who has begun to hash files of the model already (``generator.store.begun``).

    Raises:
        InputError: It can't be published as it is.
        AnswerIsNoError: The gate isn't met, or the version is taken.
        OutsideError: It can't be read or fetched, or the store failed.
    """
    tell = silent if quiet else say
    named = asked if asked is not None else str(service.model.source)
    source = sources.resolve(named, Path() if asked is not None else service.directory)
    if evidence.metrics:  # a model that isn't good enough is neither fetched nor converted
        gate.demand(service.model.conditions, evidence.metrics)
    if named.startswith(sources.MLFLOW):
        tell(f"{named} is {source.shown} now")
    job = _Job(store, source, evidence, version, key, quiet, known)
    if found := job.again(service, published_before(store, service, source), "fetched"):
        return found
    with sources.fetched(source, tell) as path:
        wanted, inside = converting.target(service, path, tell)
        return job.convert(service, inside, wanted) if wanted else job.send(service, path, {})


@dataclass(frozen=True)
class _Job:
    """One model on its way; the fields are what ``publish`` was asked for."""

    store: Store
    source: Source
    evidence: Evidence
    version: int | None
    key: Path | None
    quiet: bool
    known: Known

    def tell(self, message: str) -> None:
        """Say it, unless nothing is to be said."""
        if not self.quiet:
            say(message)

    def again(self, service: Service, before: Release | None, undone: str) -> Published | None:
        """The release that was made of the same model before, unless more is asked of it now."""
        asked = not self.evidence.nothing or self.key is not None
        if before is None or asked or self.version not in (None, before.version):
            return None
        self.tell(f"{self.source.shown} is already published as {before.version}; nothing was {undone} or sent")
        doors.push_images(service, self.store, before, self.tell, quiet=self.quiet)
        return Published(before, fresh=False)

    def convert(self, service: Service, path: Path, wanted: str) -> Published:
        """Publish the model in another format, unless it was before."""
        found = self.again(service, converting.before(self.store, service, path, wanted), "converted")
        if found is not None:
            return found
        with converting.converted(path, wanted, self.tell) as made:
            return self.send(with_format(service, wanted), made.path, made.facts)

    def send(self, service: Service, path: Path, facts: Mapping[str, Any]) -> Published:
        """Publish what lies at a path, if the gate lets it pass."""
        artifact = artifact_of(service, path, self.source.facts, self.evidence, self.tell)
        artifact = replace(artifact, trained_with={**artifact.trained_with, **facts})
        if service.model.conditions and not artifact.metrics:
            self.tell("a model brought along has no metrics of ours: the gate isn't asked (--metrics FILE gives some)")
        published = doors.publish(
            service,
            self.store,
            artifact,
            self.tell,
            version=self.version,
            key=self.key,
            quiet=self.quiet,
            known=self.known,
        )
        for kept in _kept_out(artifact, published):
            self.tell(kept)
        return published


def _kept_out(artifact: Artifact, published: Published) -> list[str]:
    """What was given and isn't in the record: a release never changes, so the first publisher's word stays."""
    release = published.release
    pairs = (("--metrics", artifact.metrics, release.metrics), ("--golden", artifact.golden, release.golden))
    return [
        f"what {option} says is not recorded: release {release.version} has the same files and "
        f"{'another' if there else 'none'}, and a release never changes"
        for option, given, there in pairs
        if given and given != there
    ]
