"""Opening a store: which client, with which address, credentials and patience."""

from __future__ import annotations

import configparser
import importlib.util
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, Place, missing_extra
from generator.store import address
from generator.store.failures import told
from generator.store.local import FolderStore
from generator.store.objects import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

# A dead server is known after at most two waits and a bit: under ten seconds whether it refuses, hangs or isn't there.
ASKING = {"connect_timeout": "2s", "read_timeout": "4s", "timeout": "30s"}
ASKING_RETRY = {"max_retries": 3, "retry_timeout": timedelta(seconds=4)}
# One part of 8 MiB in five minutes is 28 KB/s: slower than that, a model can't be sent anyway.
SENDING = {"connect_timeout": "5s", "timeout": "300s"}
SENDING_RETRY = {"max_retries": 6, "retry_timeout": timedelta(seconds=60)}
BACKOFF = {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=5), "base": 2}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_SESSION_TOKEN": "session_token",
    "AWS_REGION": "region",
    "AWS_DEFAULT_REGION": "default_region",
}
SECRET = ("secret_access_key", "session_token")
"""Of the options those that nobody may see; an access key's id is its name."""


def open_store(url: str, endpoint: str | None = None) -> Store:
    """Open a store. Nothing is asked of it yet, and nothing is made.

    Args:
        url: A folder, ``file:///folder`` or ``s3://bucket/prefix``.
        endpoint: The address of an S3-compatible server; without it AWS_ENDPOINT_URL_S3,
            AWS_ENDPOINT_URL, else Amazon's. A folder has none.

    Raises:
        InputError: The URL, the endpoint or a variable can't be right, or obstore isn't installed.
    """
    place = address.parse(url)
    if importlib.util.find_spec("obstore") is None:
        raise missing_extra("store", "a store of releases")
    if isinstance(place, address.Folder):
        return FolderStore(place.path)
    return _open_bucket(place, endpoint, os.environ)


def _open_bucket(place: address.Bucket, endpoint: str | None, env: Mapping[str, str]) -> Store:
    from obstore.store import S3Store  # noqa: PLC0415 (an extra, and 20 ms)

    options = credentials(env)
    server = _endpoint(endpoint, env)
    name = place.url
    common: dict[str, Any] = {}
    if server:
        # obstore's own reading of AWS_ENDPOINT_URL_S3 would win over `endpoint`.
        options["endpoint"] = options["aws_endpoint_url_s3"] = server
        common["allow_http"] = server.startswith("http://")
        name = f"{place.url} at {server}"
    if authority := env.get("AWS_CA_BUNDLE"):
        common["root_certificate"] = _certificates(authority)
    secrets = frozenset(options[option] for option in SECRET if option in options)
    with told("can't open the bucket", name, secrets):
        asking, sending = (
            S3Store(
                place.name,
                prefix=place.prefix or None,
                client_options={**client, **common},
                retry_config={**retry, "backoff": BACKOFF},
                **options,
            )
            for client, retry in ((ASKING, ASKING_RETRY), (SENDING, SENDING_RETRY))
        )
    return Store(place.url, name, asking, sending, secrets=secrets)


def _endpoint(endpoint: str | None, env: Mapping[str, str]) -> str | None:
    """The server's address: the service file's word goes before that of the environment.

    Raises:
        InputError: It is no address.
    """
    if endpoint:
        return address.check_endpoint(endpoint, told_by="the service file's store")
    for variable in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        if env.get(variable):
            return address.check_endpoint(env[variable], told_by=variable)
    return None


def credentials(env: Mapping[str, str]) -> dict[str, str]:
    """Credentials and region as obstore's options: the variables, else the profile in the files of the AWS tools.

    Where neither holds a key, obstore asks for the machine's or the pod's own role.

    Raises:
        InputError: A variable can't be right, or the profile holds no key.
    """
    found = {option: env[variable] for variable, option in CREDENTIALS.items() if env.get(variable)}
    for variable, option in CREDENTIALS.items():
        value = found.get(option, "")
        if not _can_be_sent(value):
            raise InputError(
                f"the variable {variable} holds a character that can't be in it.",
                fix="Set it again; a line break at its end is a usual cause.",
            )
    if "access_key_id" in found:
        return found
    return {**_profile(env), **found}


def _profile(env: Mapping[str, str]) -> dict[str, str]:
    """The keys and the region of AWS_PROFILE, or of the profile ``default``.

    Raises:
        InputError: AWS_PROFILE names a profile without keys of its own (single sign-on, roles), or a file is broken.
    """
    home = Path(env.get("HOME", "/"))
    name = env.get("AWS_PROFILE") or "default"
    values: dict[str, str] = {}
    for variable, usual, section in (
        ("AWS_CONFIG_FILE", ".aws/config", name if name == "default" else f"profile {name}"),
        ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", name),
    ):
        file = Path(env.get(variable) or home / usual)
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError) as error:
            raise _unreadable(file, error) from None
        if parser.has_section(section):
            values |= dict(parser.items(section))
    if "aws_access_key_id" not in values and env.get("AWS_PROFILE"):
        raise InputError(
            f"the AWS profile '{name}' holds no access key.",
            fix="For single sign-on and roles: "
            f'eval "$(aws configure export-credentials --profile {name} --format env)"',
        )
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "region")
    found = {key.removeprefix("aws_"): values[key] for key in names if values.get(key)}
    for key, value in found.items():
        if not _can_be_sent(value):
            raise InputError(
                f"the {key} of the AWS profile '{name}' holds a character that can't be in it.", fix="Write it again."
            )
    return found


def _unreadable(file: Path, error: configparser.Error | UnicodeDecodeError | OSError) -> InputError:
    """The error of a file of the AWS tools: its line, and never what stands there, for that may be the key."""
    fix = "Write it as `aws configure` does: key = value, below a [section]."
    line = getattr(error, "lineno", None)
    match error:
        case configparser.MissingSectionHeaderError():
            what = "a section has to begin before this line, such as [default]"
        case configparser.ParsingError():
            line = line or next((number for number, _ in getattr(error, "errors", ())), None)
            what = "this line is no 'key = value'"
        case configparser.DuplicateOptionError() | configparser.DuplicateSectionError():
            what = "what this line begins is there already"
        case UnicodeDecodeError():
            what, fix = f"it is no UTF-8 at byte {error.start}", "Save it as UTF-8."
        case OSError():
            what, fix = error.strerror or type(error).__name__, "Give yourself the right to read it."
        case _:
            what = "it is no list of 'key = value' in sections"
    return InputError(f"can't read the AWS settings in {file}: {what}.", fix=fix, place=Place(str(file), line))


def _can_be_sent(value: str) -> bool:
    """Whether a credential fits the header of a request."""
    return value.isascii() and value.isprintable() and " " not in value


def _certificates(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"can't read the certificates that AWS_CA_BUNDLE names, {file}: {error.strerror}.") from error
