"""Publishing: files first, the record last, by a conditional create. Whole or not at all, once and for ever.

The steps, and what a kill between two of them leaves:

1. hash the files here; ask the store whether that content is published already (then nothing is sent);
2. send the files into ``<service>/<version>/<digest16>/…``, each proven to be there (``generator.store.sending``); what
   already lies there with the right content isn't sent again. A kill leaves files that no release names: invisible, and
   used by the next try. Parts of the big files that were on their way on S3 (two at most) are hidden and cost money:
   let a lifecycle rule abort incomplete uploads;
3. make sure that the store honours a conditional create (``generator.store.creating``; a server that passes over
   ``If-None-Match`` would let a second publisher overwrite the first);
4. create ``release.json``. Of all who try at once, one succeeds, and from then on the release exists;
5. remove what other publishers have left in that version's folder: it is no longer theirs to win.

Whoever loses reads the winner: the same content is as good as published by oneself; other content has that version for
ever, so one's own files of it are removed and the next version is tried, or the answer is no.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import AnswerIsNoError, OutsideError
from generator.store import read, signature
from generator.store.collect import collect
from generator.store.creating import create_record
from generator.store.hashing import unknown
from generator.store.release import RECORD, SHORT, TOMBSTONE, File, Release, check_service, check_version, to_json
from generator.store.sending import send

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.store.collect import Content
    from generator.store.hashing import Known
    from generator.store.objects import Store
    from generator.store.sending import Draw

    Say = Callable[[str], None]
    Beside = Callable[[Release, Content], None]

MOST_NAMED = 5
DIGEST_FOLDER = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Published:
    """The outcome.

    Attributes:
        release: The release that now holds the content.
        fresh: True where this call made it, False where it was there already.
    """

    release: Release
    fresh: bool


def _silence(message: str) -> None:
    """Say nothing."""


def publish(
    store: Store,
    service: str,
    artifact: Artifact,
    *,
    version: int | None = None,
    key: Path | None = None,
    say: Say = _silence,
    progress: Draw | None = None,
    beside: Beside | None = None,
    known: Known = unknown,
) -> Published:
    """Publish an artifact as a release.

    Args:
        store: Where to.
        service: The service's name.
        artifact: What training, or ``generator.store.bring``, gave.
        version: The version it must have; without it content that is published stays what it is, and other content
            gets the highest version + 1.
        key: The private key that it is signed with, before it is visible; a release that is there already is signed
            now (``generator.store.signature``).
        say: Told in sentences what happens.
        progress: Told the bytes that are settled, and all there are.
        beside: Puts beside the files what belongs to the release too, such as images; it is called before the record is
            written, and for a release that is there already.
        known: Who has begun to hash files already (``generator.store.begun``).

    Raises:
        InputError: The artifact holds what no release can, or a name is wrong.
        AnswerIsNoError: The version asked for holds other content, or was pruned, or the release is signed with another
            key; nothing was changed.
        OutsideError: The store failed; no release is visible that isn't whole.
    """
    check_service(service)
    if key is not None:
        signature.demand(key)
    also = _beside(store, key, beside, say)
    content = collect(artifact, known)
    if content.left_out:
        say(f"left out, for the name starts with a dot: {_some(content.left_out)}")
    if content.empty:
        say(f"empty, so KServe 0.17 and newer won't fetch it from S3: {_some(content.empty)}")
    if version is None:
        newest, same = _look(store, service, content.digest)
        if same:
            return _already(same, content, say, also)
        version, fixed = newest + 1, False
    else:
        if store.read(f"{service}/{version}/{TOMBSTONE}") is not None:
            raise AnswerIsNoError(
                f"{service} {version} was pruned: a version never comes back.",
                fix="Publish without --version, or with another one.",
            )
        fixed = True
    while True:
        check_version(str(version))
        described = _describe(service, version, artifact, content)
        outcome = _publish_as(store, described, content, say, progress, also)
        if isinstance(outcome, Published):
            return outcome
        if fixed:
            raise AnswerIsNoError(
                f"{service} {version} is taken by other content (digest {outcome.digest[:SHORT]}, ours is "
                f"{content.digest[:SHORT]}); nothing was changed.",
                fix="A release never changes: publish without --version, or with another one.",
            )
        say(f"version {version} was published by somebody else meanwhile; trying {version + 1}")
        version += 1


def _some(items: Sequence[object]) -> str:
    """The first few, and how many more."""
    more = f" and {len(items) - MOST_NAMED} more" if len(items) > MOST_NAMED else ""
    return ", ".join(map(str, items[:MOST_NAMED])) + more


def _look(store: Store, service: str, digest: str) -> tuple[int, Release | None]:
    """The highest version, 0 where there is none, and the newest release with that content."""
    newest = 0
    for release in read.releases(store, service):
        newest = newest or release.version
        if release.digest == digest:
            return newest, release
    return newest, None


def _describe(service: str, version: int, artifact: Artifact, content: Content) -> Release:
    return Release(
        service=service,
        version=version,
        digest=content.digest,
        files=tuple(
            File(f"{content.digest[:SHORT]}/{source.path}", source.size, source.sha256) for source in content.files
        ),
        layouts=tuple(sorted(artifact.layouts)),
        format=artifact.format,
        formats={layout: name for layout, name in artifact.formats.items() if name != artifact.format},
        runtimes=artifact.runtimes,
        signature=artifact.signature,
        metrics=artifact.metrics,
        golden=artifact.golden,
        training_key=artifact.training_key,
        trained_with=artifact.trained_with,
    )


def _beside(store: Store, key: Path | None, beside: Beside | None, say: Say) -> Beside:
    """What is put beside the files, before the record is: a release is never seen without."""

    def put(release: Release, content: Content) -> None:
        if beside:
            beside(release, content)
        if key is not None and signature.ensure(store, release, key):
            say(f"{release.service} {release.version} is signed now")

    return put


def _publish_as(
    store: Store, release: Release, content: Content, say: Say, progress: Draw | None, also: Beside
) -> Published | Release:
    """Try one version: the outcome, or the release of other content that holds the version."""
    record = to_json(release)
    winner = read.find(store, release.service, release.version)
    if winner is None:
        try:
            send(store, release, content, say, progress)
            also(release, content)
            created = create_record(store, release, content, record)
        except OutsideError:
            # Somebody else may have finished this version and swept our files away under our hands, or the create
            # arrived and only its answer was lost: the record tells.
            winner = _find_quietly(store, release)
            if winner is None:
                raise
        else:
            if created:
                _clean(store, release, say)
                return Published(release, fresh=True)
            winner = read.find(store, release.service, release.version)
            if winner is None:
                raise OutsideError(
                    f"{store.url_of(release.folder)}/{RECORD} was there a moment ago and is gone: somebody removes it.",
                    fix="A release is for ever. Find out who does, and publish again.",
                )
    if winner.digest == release.digest:
        _clean(store, winner, say)
        return _already(winner, content, say, also)
    if winner.path != release.path:
        _withdraw(store, release, say)
    return winner


def _already(release: Release, content: Content, say: Say, also: Beside) -> Published:
    say(f"already published as {release.version}; nothing was sent")
    also(release, content)
    return Published(release, fresh=False)


def _find_quietly(store: Store, release: Release) -> Release | None:
    """The release that lies there; None also where that can't be found out: the first failure is the one to tell."""
    try:
        return read.find(store, release.service, release.version)
    except OutsideError:
        return None


def _clean(store: Store, release: Release, say: Say) -> None:
    """Remove what no release will ever name: this version's folder belongs to this digest for ever.

    What publishers leave behind has the form ``<16 hex digits>/…`` or is an unfinished local file; nothing else is
    touched. The release is done, so a failure here is only said.
    """
    own = release.path.rpartition("/")[2]
    try:
        left = [name for name in store.folders(release.folder) if DIGEST_FOLDER.fullmatch(name) and name != own]
        for name in left:
            store.remove(store.sizes(f"{release.folder}/{name}"))
        store.remove(f"{release.folder}/{name}.sig" for name in left)
        store.sweep(release.folder)
    except OutsideError as error:
        say(f"the release is whole, but what others left beside it stays: {error}")


def _withdraw(store: Store, release: Release, say: Say) -> None:
    """Remove our own files of a version that belongs to other content; a failure is only said, nobody sees them."""
    try:
        store.remove([*store.sizes(release.path), signature.place(release)])
        store.sweep(release.path)
    except OutsideError as error:
        say(f"files that no release names stay in {store.url_of(release.path)}: {error}")
