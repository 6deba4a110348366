"""``serinus lock``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFiles, Sets
from generator.cli.places import service_files
from generator.cli.talk import say, silent
from generator.errors import AnswerIsNoError
from generator.loading.load import load
from generator.loading.outline import outlines
from generator.plan import lock as lock_file
from generator.store.connect import open_store
from generator.store.pins import newer, relock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from generator.plan.lock import Lock
    from generator.service import Service
    from generator.store.objects import Store

    Say = Callable[[str], None]

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def lock(
    paths: ServiceFiles,
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Resolve `latest` again.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 1 where a lock file isn't up to date.")
    ] = False,
    environment: Environment = None,
    sets: Sets = None,
    quiet: Quiet = False,
) -> None:
    """Pin every variant to a published release.

    Writes serinus.lock beside each service file: for the file as it stands and all its environments, or with -e for
    that one alone. What is pinned already stays, unless --upgrade asks anew.
    """
    tell = silent if quiet else say
    files = service_files(paths)
    behind = [file for file in files if not _lock(file, environment, sets or [], tell, upgrade=upgrade, check=check)]
    if behind:
        named = f" -e {environment}" if environment else ""
        raise AnswerIsNoError(
            f"the pins of {', '.join(map(str, behind))} are not up to date.",
            fix=f"serinus lock {' '.join(map(str, behind))}{named}{' --upgrade' if upgrade else ''}",
        )


def _lock(file: Path, environment: str | None, sets: list[str], tell: Say, *, upgrade: bool, check: bool) -> bool:
    """Pin one service; whether the lock file says now what it should.

    Raises:
        InputError, AnswerIsNoError, OutsideError: As loading and pinning do.
    """
    found = outlines(file)
    named = list(found) if environment is None else [environment]
    services = {name: load(file, environment=name, sets=sets) for name in named}
    path = file.parent / lock_file.FILE
    locked = lock_file.read(path)
    wanted = relock(services, found, locked, store_of, upgrade=upgrade)
    _told(services, wanted, tell)
    if check:
        tell(f"{path}: {'up to date' if wanted == locked else 'not up to date'}")
        return wanted == locked
    tell(f"{path}: {'written' if lock_file.write(path, wanted) else 'unchanged'}")
    return True


def store_of(service: Service) -> Store:
    """The store that a service is published to.

    Raises:
        InputError, OutsideError: As opening it does.
    """
    return open_store(service.publish_url, service.releases.endpoint)


def _told(services: Mapping[str | None, Service], locked: Lock, tell: Say) -> None:
    """What is pinned, an environment's own pins alone where the file as it stands is told too; and what is newer."""
    for environment, service in services.items():
        pins = locked.section(service.name, environment)
        own = pins if environment is None or None not in services else locked.own(service.name, environment)
        where = f" in {environment}" if environment else ""
        for name in _asking(service):
            if name in own:
                tell(f"{service.name}: {name} is release {own[name].version} ({own[name].digest[:23]}…){where}")
        if not own:
            continue  # what is newer was told of the file as it stands
        for owner, version in newer(
            service, {name: pins[name] for name in _asking(service)}, store_of(service)
        ).items():
            follows = _follows(service, owner)
            if not follows and _pinned_somewhere(services, locked, owner, version):
                continue  # on its way from one environment to the next
            takes = "--upgrade takes it" if follows else "no variant asks for it"
            tell(f"{service.name}: release {version} of {owner} is newer than all that is pinned{where}; {takes}")


def _asking(service: Service) -> Iterable[str]:
    """The variants that are releases."""
    return (variant.name for variant in service.variants if variant.release is not None)


def _pinned_somewhere(services: Mapping[str | None, Service], locked: Lock, owner: str, version: int) -> bool:
    """Whether an environment pins this release of a service."""
    return any(
        (variant.service or service.name) == owner
        and locked.section(service.name, environment)[variant.name].version == version
        for environment, service in services.items()
        for variant in service.variants
        if variant.release is not None
    )


def _follows(service: Service, owner: str) -> bool:
    """Whether a variant asks for a service's latest release."""
    return any(each.release == "latest" and (each.service or service.name) == owner for each in service.variants)
