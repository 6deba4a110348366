"""Credentials for a registry, by the chain that Docker's and podman's tools have: what ``docker login`` left.

The file is ``REGISTRY_AUTH_FILE``, or ``config.json`` in ``DOCKER_CONFIG`` or in ``~/.docker``. In it a program for
this registry goes first (``credHelpers``), then the one for all (``credsStore``), then what stands there (``auths``):
docker/cli v28, cli/config/configfile/file.go. Such a program is ``docker-credential-NAME get``, which reads the
registry's name and writes JSON (docker/docker-credential-helpers v0.9, credentials/credentials.go).

Nothing that is found here, or that a program says, is ever repeated in a message.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.errors import InputError, OutsideError
from generator.store.oci.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.store.oci.reference import Repository

HELPER = re.compile(r"[A-Za-z0-9._-]{1,64}")
NOTHING_KEPT = ("credentials not found in native keychain", "no credentials server URL", "no credentials username")
"""What such programs say where they have nothing for a registry."""
TOKEN_USER = "<token>"  # noqa: S105 (the user's name with which programs mark a token)
PATIENCE = 60.0


class Login(NamedTuple):
    """A name and a password.

    Attributes:
        user: The name.
        password: The password.
    """

    user: str
    password: str


def login(repository: Repository, env: Mapping[str, str]) -> Login | None:
    """What opens a registry; None where nothing is kept for it, so that it is asked without.

    Raises:
        InputError: The file, or what it keeps for the registry, can't be used.
        OutsideError: The program that keeps it fails.
    """
    file = _file(env)
    config = _read(file)
    helpers, entries = _mapping(config, "credHelpers", file), _mapping(config, "auths", file)
    helper = next((helpers[key] for key in helpers if _host(key) == _host(repository.entry)), config.get("credsStore"))
    if helper:
        found = _ask(helper, repository.entry, file)
        if found:
            return found
    entry = next((entries[key] for key in entries if _host(key) == _host(repository.entry)), None)
    return _kept(entry, repository, file) if entry else None


def _file(env: Mapping[str, str]) -> Path:
    if env.get("REGISTRY_AUTH_FILE"):
        return Path(env["REGISTRY_AUTH_FILE"])
    folder = Path(env["DOCKER_CONFIG"]) if env.get("DOCKER_CONFIG") else Path(env.get("HOME", "/"), ".docker")
    return folder / "config.json"


def _read(file: Path) -> dict[str, Any]:
    """The file's content; empty where there is none."""
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"can't read the credentials of registries in {file}: {error.strerror}.") from error
    except (ValueError, RecursionError):
        raise _unusable(file, "it is no JSON") from None
    if not isinstance(content, dict):
        raise _unusable(file, "it is no JSON object")
    return content


def _unusable(file: Path, why: str) -> InputError:
    return InputError(f"can't use the credentials of registries in {file}: {why}.", fix="Write it by docker login.")


def _mapping(config: Mapping[str, Any], key: str, file: Path) -> dict[str, Any]:
    value = config.get(key) or {}
    if not isinstance(value, dict):
        raise _unusable(file, f"its {key} is no JSON object")
    return value


def _host(name: str) -> str:
    """The registry that an entry is for: old ones have a scheme, and Docker Hub's a path too."""
    host = name.partition("://")[2] or name
    host = host.partition("/")[0]
    return "index.docker.io" if host == DOCKER_HUB else host


def _ask(helper: object, registry: str, file: Path) -> Login | None:
    """What a program keeps for a registry."""
    if not isinstance(helper, str) or not HELPER.fullmatch(helper):
        raise _unusable(file, "the program that it names for credentials has no name that could be one")
    name = f"docker-credential-{helper}"
    program = shutil.which(name)
    if program is None:
        raise InputError(
            f"{file} says that {name} keeps the credentials of {registry}, and no such program is on the path.",
            fix="Install it, or name another file by DOCKER_CONFIG.",
        )
    try:
        done = subprocess.run(
            [program, "get"], input=registry.encode(), capture_output=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = "doesn't answer" if isinstance(error, subprocess.TimeoutExpired) else "can't be started"
        raise OutsideError(f"{name}, which keeps the credentials of {registry}, {why}.") from None
    if done.returncode:
        if any(sign in (done.stdout + done.stderr).decode(errors="replace") for sign in NOTHING_KEPT):
            return None
        raise OutsideError(
            f"{name}, which keeps the credentials of {registry}, ended with {done.returncode}.",
            fix=f"See what it says: echo {registry} | {name} get",
        )
    try:
        told = json.loads(done.stdout)
        return _login(told["Username"], told["Secret"], registry, file)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutsideError(f"{name} gave no credentials of {registry} that could be read.") from None


def _kept(entry: object, repository: Repository, file: Path) -> Login | None:
    """What the file itself keeps for a registry."""
    registry = repository.registry
    if not isinstance(entry, dict):
        raise _unusable(file, f"its entry for {registry} is no JSON object")
    if entry.get("identitytoken"):
        return _login(TOKEN_USER, "", registry, file)
    user, password = entry.get("username"), entry.get("password")
    if entry.get("auth"):
        try:
            user, colon, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
        except (binascii.Error, ValueError, TypeError):
            colon = ""
        if not colon:
            raise _unusable(file, f"its entry for {registry} isn't the base64 of name:password")
    return _login(user, password, registry, file) if user and password else None


def _login(user: object, password: object, registry: str, file: Path) -> Login:
    if user == TOKEN_USER:
        raise InputError(
            f"for {registry} {file} has an identity token, which only Docker's own tools can use.",
            fix="Log in with a name and a password or an access token: docker login --username NAME.",
        )
    if not isinstance(user, str) or not isinstance(password, str):
        raise _unusable(file, f"its entry for {registry} has no name and password")
    return Login(user, password.rstrip("\0"))
