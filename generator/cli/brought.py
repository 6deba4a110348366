"""Publishing a model that is brought along: what ``serinus publish --model`` and ``model.source`` have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli import doors
from generator.cli.talk import say, silent
from generator.model import gate
from generator.store import sources
from generator.store.brought import artifact_of, published_before
from generator.store.publish import Published

if TYPE_CHECKING:
    from generator.model.artifact import Artifact
    from generator.service import Service
    from generator.store.brought import Evidence
    from generator.store.objects import Store


def publish(
    service: Service,
    store: Store,
    asked: str | None,
    evidence: Evidence,
    *,
    version: int | None = None,
    key: Path | None = None,
    quiet: bool,
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

    Raises:
        InputError: It can't be published as it is.
        AnswerIsNoError: The gate isn't met, or the version is taken.
        OutsideError: It can't be read or fetched, or the store failed.
    """
    tell = silent if quiet else say
    named = asked if asked is not None else str(service.model.source)
    source = sources.resolve(named, Path() if asked is not None else service.directory)
    if named.startswith(sources.MLFLOW):
        tell(f"{named} is {source.shown} now")
    before = published_before(store, service, source)
    if before and version in (None, before.version) and evidence.nothing and key is None:
        tell(f"{source.shown} is already published as {before.version}; nothing was fetched or sent")
        doors.push_images(service, store, before, tell, quiet=quiet)
        return Published(before, fresh=False)
    with sources.fetched(source, tell) as path:
        artifact = artifact_of(service, path, source.facts, evidence, tell)
        if artifact.metrics:
            gate.demand(service.model.conditions, artifact.metrics)
        elif service.model.conditions:
            tell("a model brought along has no metrics of ours: the gate isn't asked (--metrics FILE gives some)")
        published = doors.publish(service, store, artifact, tell, version=version, key=key, quiet=quiet)
    for kept in _kept_out(artifact, published):
        tell(kept)
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
