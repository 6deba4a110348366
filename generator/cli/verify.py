"""``serinus verify``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli import doors, progress
from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFile, Sets
from generator.cli.talk import say, show, silent
from generator.errors import AnswerIsNoError, InputError, OutsideError
from generator.loading.load import load
from generator.plan import lock as lock_file
from generator.store import read, signature
from generator.store.connect import open_store
from generator.store.release import SHORT, BrokenRecordError
from generator.store.sending import Meter
from generator.store.verify import Fault
from generator.store.verify import verify as verify_release

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.service import Service
    from generator.store.objects import Store
    from generator.store.release import Release

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

UNSIGNED = "is missing: the release isn't signed"
RESTORE = (
    "Bring the objects back from a backup of the store and remove those that no record names, "
    "or publish the model anew and pin that release."
)
SIGN = "Publish the same model once more with --sign KEY: nothing but the signature is sent."
"""The cure where no byte is wrong, and signatures alone are missing."""


@app.command()
def verify(
    file: ServiceFile,
    release: Annotated[
        str | None, typer.Option(metavar="N", help="One release, or latest; without it all there are.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A public key: each release has to be signed with its fellow.")
    ] = None,
    environment: Environment = None,
    sets: Sets = None,
    quiet: Quiet = False,
) -> None:
    """Hold what lies in the store against its records.

    Every byte is read, of images in a registry too. Exit code 1: an object is gone, damaged or strange, or the lock
    file pins what isn't there; standard output has a line for each.
    """
    tell = silent if quiet else say
    service = load(file, environment=environment, sets=sets or ())
    store = open_store(service.publish_url, service.releases.endpoint)
    found = list(read.survey(store, service.name)) if release is None else [read.resolve(store, service.name, release)]
    if not found:
        raise InputError(f"{service.name} has no release in {store.name}: there is nothing to verify.")
    chosen = [each for each in found if not isinstance(each, OutsideError)]
    faults = [Fault(*_broken(each)) for each in found if isinstance(each, OutsideError)]
    faults += [fault for each in chosen for fault in _judge(service, store, each, key, tell, quiet=quiet)]
    if release is None:
        faults += _unpinned(service, store, chosen)
    for fault in faults:
        show(str(fault))
    if faults:
        raise AnswerIsNoError(
            f"{_counted(len(faults), 'fault')} in {_counted(len(found), 'release')} of {service.name}.",
            fix=SIGN if {fault.problem for fault in faults} == {UNSIGNED} else RESTORE,
        )


def _broken(error: OutsideError) -> tuple[str, str]:
    """A record that isn't one of ours, as a fault: the object, and what is wrong with it.

    Raises:
        OutsideError: The store failed.
    """
    if not isinstance(error.__cause__, BrokenRecordError):
        raise error
    url, _, _ = error.message.partition(" is no record")
    return url, f"is no record of a release: {error.__cause__}"


def _judge(
    service: Service, store: Store, release: Release, key: Path | None, tell: Callable[[str], None], *, quiet: bool
) -> Sequence[Fault]:
    """What is wrong with one release."""
    with progress.bar("Reading", quiet=quiet) as draw:
        faults = list(verify_release(store, release, Meter(release.size, draw).add))
    if service.releases.oci:
        tell(f"reading the images of {release.service} {release.version} in {service.releases.oci}")
        faults += doors.image_faults(service, store, release)
    if key is not None:
        place = signature.place(release)
        found = store.read(place)
        wrong = (UNSIGNED,) if found is None else signature.check(release, found, key)
        faults += [Fault(store.url_of(place), problem) for problem in wrong]
    if not faults:
        signed = "; the files are signed with the key" if key else ""
        files = _counted(len(release.files), "file")
        tell(f"{release.service} {release.version}: {files}, {release.size / 1e6:.1f} MB, as the record says{signed}")
    return faults


def _unpinned(service: Service, store: Store, chosen: Sequence[Release]) -> list[Fault]:
    """The pins of the service's own releases that lead to nothing, or to other content than they were made for."""
    path = lock_file.path_of(service)
    there = {release.version: release for release in chosen}
    faults = []
    for pin in lock_file.read(path).section(service.name, service.environment).values():
        found = there.get(pin.version)
        if pin.owner != service.name or (found is not None and found.path == pin.path):
            continue
        problem = "isn't there" if found is None else f"isn't that of the record, {found.digest[:SHORT]}"
        faults.append(Fault(store.url_of(pin.path), f"{problem}, and {path} pins it"))
    return list(dict.fromkeys(faults))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
