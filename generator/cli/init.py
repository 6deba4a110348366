"""``serinus init``."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.options import CONTEXT
from generator.cli.talk import remark, say
from generator.decoding.exact import nearest
from generator.decoding.nodes import parse
from generator.errors import InputError, Place
from generator.loading.load import build
from generator.platforms import of as platform_of
from generator.platforms import platforms
from generator.platforms.base import Level
from generator.rendering.templating import environment_of
from generator.service.strategy import KINDS
from generator.store.brought import Evidence, artifact_of
from generator.store.formats import formats, keras
from generator.store.layouts import of_format
from generator.store.recognise import recognise
from generator.text.files import write_atomically
from generator.text.yaml import Yaml
from trainer.data import SOURCES
from trainer.formats import exporters
from trainer.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.platforms.base import Platform
    from generator.service import Service

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

FILE = "serinus.yaml"
FIRST_ROW = {"ab": "ab-weight"}
"""The row of the table that a strategy needs as it is written here, where it isn't called like the strategy."""
TRAINED = "savedmodel"
"""The format of what Serinus trains."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the file goes; made if it is missing.")] = Path(),
    platform: Annotated[str | None, typer.Option(metavar="P", help="The platform, such as kserve.")] = None,
    strategy: Annotated[str | None, typer.Option(metavar="S", help="Such as canary, ab, shadow, rolling.")] = None,
    task: Annotated[str | None, typer.Option(metavar="T", help="What the model does.")] = None,
    model_format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="F", help="The format: with --task of the export, else of a model brought along."
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="That model: its format is found, and whether it can be published."),
    ] = None,
) -> None:
    """Write a commented service file to start from.

    Asks for what isn't given when a person runs it at a terminal. With --model, or --format without --task, the file is
    for a model that you bring along; without, for one that Serinus trains.
    """
    path = folder / FILE
    if path.exists():
        raise InputError(
            "there is a service file already.", fix="Move it, or name another folder.", place=Place(str(path))
        )
    known = platforms()
    chosen = _choose("platform", platform, list(known), "kserve")
    able = _strategies(known[chosen])
    if strategy and strategy in KINDS.values() and strategy not in able:
        raise _refusal(known[chosen], strategy)
    brought = "" if task and model is None else _brought(known[chosen], model_format, model, task)
    chosen_strategy = _choose("strategy", strategy, list(able), "canary")
    trained = None if brought else tasks()[_choose("task", task, list(tasks()), "image-classification")]
    exported = "" if brought else _exported(known[chosen], model_format, trained.id if trained else "")
    kept = exported if exported and not _served(exported) else ""
    context = {
        "name": _name_from(folder),
        "platform": chosen,
        "release": known[chosen].releases[-1],
        "mode": known[chosen].modes[0] if len(known[chosen].modes) > 1 else "",
        "strategy": chosen_strategy,
        "strategy_template": f"init/strategies/{chosen_strategy}.yaml.j2",
        "gateway": able[chosen_strategy] is Level.GATEWAY,
        "format": brought or (TRAINED if kept else exported),
        "kept": kept,
        "task": trained,
        "summary": Yaml(SOURCES[trained.data].summary if trained else ""),  # a comment, which isn't quoted
    }
    text, service = _with_a_server(known[chosen], path, context)
    if model is not None and model.suffix.lower() != keras.SUFFIX:
        artifact_of(service, model, {}, Evidence(), say)
    write_atomically(path, text.encode())
    command = (
        ["serinus", "publish", str(path), "--model", str(model or "PATH")]
        if brought
        else ["serinus", "release", str(path)]
    )
    remark(f"{path} is written. Next: {shlex.join(command)}")


def _brought(platform: Platform, given: str | None, model: Path | None, task: str | None) -> str:
    """The format of a model that is brought along; empty where one is trained.

    Raises:
        InputError: The platform has no server for it, it can't be published, or nobody knows which it is.
        OutsideError: The model can't be read.
    """
    if given is None and model is None:
        return ""
    if task is not None:
        raise InputError("--task trains a model, and --model brings one along.", fix="Leave one of them out.")
    able = _formats(platform)
    if given is not None:
        if given in formats() and given not in able:
            raise _no_server(platform, given, able)
        return _choose("format", given, list(able), "")
    found = recognise(model or Path())
    if found == (keras.FORMAT.id,):  # it is converted when it is published
        keras.demand_own(keras.FORMAT.look(model or Path(), lambda _: None))
        return TRAINED
    fitting = [each for each in found if each in able]
    if not fitting:
        raise _no_server(platform, found[0], able)
    if len(fitting) > 1:
        names = ", ".join(fitting)
        raise InputError(
            f"{model} holds what several formats have: {names}.", fix=f"Say which: --format, one of {names}."
        )
    return fitting[0]


def _exported(platform: Platform, given: str | None, task: str) -> str:
    """The format that a trained model is exported in.

    Raises:
        InputError: Nothing is exported in it, the task's network can't be held by it, or the platform has no server.
    """
    if given is None:
        return TRAINED
    known = exporters()
    if given not in known:
        raise InputError(
            f"no trained model is exported as '{given}'.",
            fix=f"{nearest(given, known)} For a model of that format that you bring along leave --task out.",
        )
    fitting = [name for name, each in known.items() if task not in each.cannot and name in platform.servers]
    if reason := known[given].cannot.get(task):
        raise InputError(
            f"a model of {task} can't be exported as {given}: {reason}.", fix=f"It can as {', '.join(fitting)}."
        )
    if _served(given) and given not in platform.servers:
        raise InputError(
            f"{platform.title} has no server for the format {given}.",
            fix=f"It has some for {', '.join(fitting)}; {given} may stand in model.formats beside one of these.",
        )
    return given


def _served(model_format: str) -> bool:
    """Whether some platform has a server for it; Keras' own file is kept with a release, beside what is served."""
    return any(model_format in each.servers for each in platforms().values())


def _with_a_server(platform: Platform, path: Path, context: Mapping[str, object]) -> tuple[str, Service]:
    """The service file with the first server of the format that can do the strategy: its text, and what it says.

    Raises:
        InputError: There is none.
    """
    model_format = str(context["format"])
    servers = [
        name for name, server in platform.servers[model_format].items() if server.layout in of_format(model_format)
    ]
    template = environment_of(None).get_template("init/serinus.yaml.j2")
    refusals = []
    for runtime in servers:
        text = template.render(context, runtime=runtime, named=runtime != servers[0])
        service = build(parse(text, str(path)), str(path))
        try:
            platform_of(service)
        except InputError as refusal:
            refusals.append(refusal)
        else:
            return text, service
    raise InputError(
        f"{platform.title} with --strategy {context['strategy']} and the format {model_format}: {refusals[0].message}",
        fix="Choose another strategy, or another format.",
    )


def _no_server(platform: Platform, model_format: str, able: Sequence[str]) -> InputError:
    return InputError(
        f"{platform.title} has no server here for a model of the format {model_format} that is brought along.",
        fix=f"It has some for: {', '.join(able)}.",
    )


def _formats(platform: Platform) -> tuple[str, ...]:
    """The formats that can be brought along in the layout of the server that the platform runs them with."""
    usual = {name: next(iter(servers.values())) for name, servers in platform.servers.items()}
    return tuple(name for name, server in usual.items() if name in formats() and server.layout in of_format(name))


def _strategies(platform: Platform) -> dict[str, Level]:
    """The strategies that a platform's newest release can do in its default mode, and how the first way does each.

    A graph is written in the platform's own words, so there is nothing to begin with.
    """
    rows = {name: FIRST_ROW.get(name, name) for name in KINDS.values() if name != "graph"}
    levels = {
        name: platform.ways(feature, platform.modes[0], platform.releases[-1])[0].level
        for name, feature in rows.items()
    }
    return {name: level for name, level in levels.items() if level is not Level.NO}


def _refusal(platform: Platform, strategy: str) -> InputError:
    """Why a platform's newest release can't do a strategy, or why there is nothing to begin with."""
    cell = platform.ways(FIRST_ROW.get(strategy, strategy), platform.modes[0], platform.releases[-1])[0]
    title = f"{platform.title} with --strategy {strategy}"
    if cell.level is not Level.NO:
        return InputError(f"{title}: it is written in the platform's own words, so there is no file to begin with.")
    return InputError(f"{title}: {cell.sentence}", fix=f"Instead: {cell.instead}.")


def _choose(what: str, given: str | None, known: list[str], default: str) -> str:
    """What was given, else what a person at the terminal says, else the default."""
    if given is None and len(known) > 1 and sys.stdin.isatty() and sys.stderr.isatty():
        given = typer.prompt(f"{what} ({', '.join(known)})", default=default, err=True)
    if given is None:
        return default
    if given not in known:
        raise InputError(f"--{what} {given} isn't known.", fix=nearest(given, known))
    return given


def _name_from(folder: Path) -> str:
    """A service name made of the folder's name."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")
    return (name if name[:1].isalpha() else f"model-{name}".rstrip("-"))[:40].rstrip("-")
