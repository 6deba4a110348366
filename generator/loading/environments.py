"""The environments of a service file: what each lays over the file."""

from __future__ import annotations

import re

from generator.decoding.exact import Decoder, nearest
from generator.decoding.nodes import Mapping, Node, says_nothing
from generator.errors import InputError, Place
from generator.service import Service

IDENTITY = ("apiVersion", "kind", "name", "environments")
"""What neither an environment nor ``serinus.toml`` can say: it is what makes the file this file."""
NAME = re.compile(r"[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?")
"""An environment's."""


def chosen(root: Mapping, file: str, environment: str) -> Node | None:
    """What an environment lays over its file, None where it says nothing; all environments are checked.

    Args:
        root: The file's tree.
        file: Its name.
        environment: The environment's.

    Raises:
        InputError: There is no such environment, or one of the file's is wrong.
    """
    known = declared(root)
    if environment not in known:
        fix = nearest(environment, known) if known else "The file has no environments."
        raise InputError(f"there is no environment '{environment}'.", fix=fix, place=Place(file))
    return known[environment]


def declared(root: Mapping) -> dict[str, Node | None]:
    """The environments, each held against the format, whichever is asked for: a typo shows before its day.

    Raises:
        InputError: One of them is wrong.
    """
    if "environments" not in root.items:
        return {}
    _, environments = root.items["environments"]
    if says_nothing(environments):
        return {}
    if not isinstance(environments, Mapping):
        message = f"a mapping is wanted here, not {environments.says()}."
        raise Decoder().fail(environments, ("environments",), message)
    return {name: _checked(name, key, value) for name, (key, value) in environments.items.items()}


def _checked(name: str, key: Node, value: Node) -> Node | None:
    """One environment that fits the format, None where it says nothing."""
    checker = Decoder(partial=True)
    path = ("environments", name)
    if not NAME.fullmatch(name):
        raise checker.fail(key, path, f"'{name}' is no name of an environment.", "Lower-case letters, digits, '-'.")
    if says_nothing(value):
        return None
    if isinstance(value, Mapping):
        for fixed in IDENTITY:
            if fixed in value.items:
                raise checker.fail(value.items[fixed][0], (*path, fixed), f"an environment can't change {fixed}.")
    checker.decode_object(value, Service, path)
    return value
