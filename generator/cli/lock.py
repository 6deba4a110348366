"""``serinus lock``."""

from __future__ import annotations

from typing import Annotated

import typer

from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFile, Sets
from generator.cli.talk import say, silent
from generator.loading.load import load
from generator.plan import lock as lock_file
from generator.store.connect import open_store
from generator.store.pins import pin

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def lock(
    file: ServiceFile,
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Resolve `latest` again.")] = False,
    environment: Environment = None,
    sets: Sets = None,
    quiet: Quiet = False,
) -> None:
    """Pin every variant to a published release.

    Writes serinus.lock beside the service file; what is pinned already stays, unless --upgrade asks anew.
    """
    service = load(file, environment=environment, sets=sets or ())
    path = lock_file.path_of(service)
    locked = lock_file.read(path)
    pins = pin(service, locked, open_store(service.publish_url, service.releases.endpoint), upgrade=upgrade)
    changed = lock_file.write(path, locked.with_section(service.name, pins))
    tell = silent if quiet else say
    for name, each in pins.items():
        tell(f"{service.name}: {name} is release {each.version} ({each.digest[:23]}…)")
    tell(f"{path}: {'written' if changed else 'unchanged'}")
