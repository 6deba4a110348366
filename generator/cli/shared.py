"""What every command takes, added to each when it is loaded: ``-q`` and ``-v``, where it has none of its own."""

from __future__ import annotations

from typing import Any

from typer.core import TyperOption

from generator.cli import talk

_OPTIONS = (
    (("-q", "--quiet"), talk.be_quiet, "Say nothing but errors."),
    (("-v", "--verbose"), talk.be_verbose, "Say more: all that is skipped, how long it took, what ran."),
)


def with_shared_options(command: Any) -> Any:
    """The command, or the group with its commands, and what is added to each."""
    for each in getattr(command, "commands", {}).values():
        with_shared_options(each)
    if not hasattr(command, "commands"):
        taken = {name for parameter in command.params for name in parameter.opts}
        command.params += [
            TyperOption(
                param_decls=list(names), is_flag=True, type=bool, expose_value=False, help=about, callback=_when(effect)
            )
            for names, effect, about in _OPTIONS
            if taken.isdisjoint(names)
        ]
    return command


def _when(effect: Any) -> Any:
    def callback(_context: Any, _parameter: Any, wanted: bool) -> None:  # noqa: FBT001 (as it is called)
        if wanted:
            effect()

    return callback
