"""Amazon S3, and what speaks as it does: MinIO, Ceph, SeaweedFS, versitygw, R2.

Credentials in the order of AWS' own tools: the variables, a pod's web identity (IRSA), the files of ``aws configure``,
a pod's or container's identity, the machine's role. obstore asks for web identity and the last two by itself
(object_store 0.14, ``AmazonS3Builder``).
"""

from __future__ import annotations

import configparser
import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from generator.errors import InputError, Place
from generator.store.backends.base import (
    Backend,
    Bucket,
    Connection,
    bucket_of,
    can_be_sent,
    check_endpoint,
    check_variable,
    endpoint_of,
)
from generator.store.failures import Access, Reason, Way, reason

if TYPE_CHECKING:
    from collections.abc import Mapping

# Wider than today's rule (Amazon S3 user guide, "Bucket naming rules"): old and S3-compatible servers allow more.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
AUTHORITY = "AWS_CA_BUNDLE"
UNSIGNED = "AWS_UNSIGNED_PAYLOAD"
CHECKSUMS = "AWS_REQUEST_CHECKSUM_CALCULATION"
"""The AWS tools' own variable, as their SDKs have it since 2025: ``when_supported``, which is the default, or
``when_required`` (AWS SDKs and Tools reference guide, "Data Integrity Protections for Amazon S3")."""
WITHOUT_CHECKSUMS = "when_required"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_SESSION_TOKEN": "session_token",
    "AWS_REGION": "region",
    "AWS_DEFAULT_REGION": "default_region",
}
SECRET = ("secret_access_key", "session_token")
"""Of the options those that nobody may see; an access key's id is its name."""
WEB_IDENTITY = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
NO_MACHINE = "AWS_EC2_METADATA_DISABLED"
CONTAINER = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")

BY_KEYS = Way(
    "These credentials",
    "these credentials",
    "other credentials",
    "Mend AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
)
BY_ROLE = Way(
    "No key is set, so this machine's own role was used: it",
    "this machine's own role, which was used since no key is set",
    "credentials, and no key is set",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
)
BY_WEB_IDENTITY = Way(
    "The role of AWS_ROLE_ARN",
    "the role of AWS_ROLE_ARN",
    "other credentials than those of AWS_ROLE_ARN",
    "Check AWS_ROLE_ARN, the trust that it has in this pod's service account, and AWS_WEB_IDENTITY_TOKEN_FILE.",
)
BY_CONTAINER = Way(
    "The role of this pod or container",
    "the role of this pod or container",
    "other credentials than those of this pod or container",
    "Check the role that the pod's service account or the task has.",
)

REASONS: tuple[Reason, ...] = (
    reason("<Code>NoSuchBucket</Code>", "the bucket doesn't exist", "Create it, or mend the store's URL."),
    reason(
        "<Code>(?P<code>InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|XAdminUserNotFound)</Code>",
        "the server doesn't know {which} ({code})",
        "{mend}",
    ),
    reason(
        "<Code>(?P<code>InvalidIdentityToken|ExpiredTokenException|MalformedPolicyDocument|InvalidClientTokenId)</Code>",
        "AWS gives no credentials for {which} ({code})",
        "{mend}",
    ),
    reason(
        "<Code>(?P<code>AuthorizationHeaderMalformed|PermanentRedirect|IllegalLocationConstraintException)</Code>"
        "|redirect|301 Moved",
        "the bucket lies in another region",
        "Set AWS_REGION to the bucket's region.",
    ),
    reason(
        "<Message>[^<]*x-amz-checksum- HTTP header is required",
        "the bucket has Object Lock, which wants a checksum with each upload",
        f"Take {CHECKSUMS}={WITHOUT_CHECKSUMS} away.",
    ),
    reason(
        "<Message>[^<]*x-amz-(sdk-)?checksum",
        "the server refuses uploads with a checksum",
        f"Set {CHECKSUMS}={WITHOUT_CHECKSUMS}, as for the AWS tools.",
    ),
    reason(
        "<Code>NotImplemented</Code>|501 Not Implemented",
        "the server can't do what a store needs, most likely a conditional create (If-None-Match)",
        "Use a server that has it: Amazon S3, a current MinIO or Ceph, or a folder.",
    ),
    reason(
        "<Code>AccessDenied</Code>|403 Forbidden|lacked the necessary privileges",
        "access is denied",
        "{whose} must be allowed to list the bucket and to read and write objects in it.",
    ),
    reason(
        "169\\.254\\.169\\.254|169\\.254\\.170\\.2|/latest/api/token",
        "there are no credentials",
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
)


def parse(rest: str) -> Bucket:
    """``bucket/prefix``.

    Raises:
        InputError: It is none.
    """
    shape = "3 to 255 letters, digits, '-', '.' and '_'"
    return bucket_of(rest, "s3", "s3", name=NAME, shape=shape, whence="the AWS_* variables")


def connect(_bucket: Bucket, endpoint: str | None, env: Mapping[str, str]) -> Connection:
    """The server, and who asks it.

    Uploads carry the sha256 of what is sent, of each part where there are several. A server that knows it refuses what
    arrives otherwise and keeps it with the object, and a bucket with a default retention of Object Lock takes nothing
    without (Amazon S3 user guide, "Checking object integrity", "Object Lock considerations").

    Raises:
        InputError: The endpoint, a variable or the profile can't be right.
    """
    options: dict[str, Any] = dict(credentials(env))
    server = endpoint_of(endpoint, env, ENDPOINTS)
    if server:
        # obstore's own reading of AWS_ENDPOINT_URL_S3 would win over `endpoint`.
        options["endpoint"] = options["aws_endpoint_url_s3"] = server
    if machine := env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        # The name that AWS' own tools have for it; obstore knows another one.
        options["metadata_endpoint"] = check_endpoint(machine, told_by="AWS_EC2_METADATA_SERVICE_ENDPOINT")
    if not env.get(UNSIGNED):  # obstore reads it itself
        options["unsigned_payload"] = _guarded(server)
    if env.get(CHECKSUMS, "").lower() != WITHOUT_CHECKSUMS:
        options["checksum_algorithm"] = "sha256"
    secrets = frozenset(options[option] for option in SECRET if option in options)
    authority = (AUTHORITY, env[AUTHORITY]) if env.get(AUTHORITY) else None
    return Connection("S3Store", options, Access(secrets, _way(options, env), REASONS), server, authority, tagged=True)


def _guarded(server: str | None) -> bool:
    """Whether nobody can change what passes: TLS sees to it, or the line doesn't leave the machine.

    Only elsewhere a signature over the content is of use, for one over which nobody asks (what arrived is proven by its
    tag); the AWS tools do the same (boto/botocore 1.43, botocore/auth.py, ``S3SigV4Auth._should_sha256_sign_payload``).
    """
    if server is None or server.startswith("https://"):
        return True
    host = urlsplit(server).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _way(options: Mapping[str, Any], env: Mapping[str, str]) -> Way:
    """Who asks.

    Raises:
        InputError: Nobody can: there are no credentials, and the machine mustn't be asked for its role.
    """
    if "access_key_id" in options:
        return BY_KEYS
    if _web_identity(env):
        return BY_WEB_IDENTITY
    if any(env.get(variable) for variable in CONTAINER):
        return BY_CONTAINER
    if env.get(NO_MACHINE, "").lower() == "true":
        raise InputError(
            f"no AWS credentials, and {NO_MACHINE} keeps the machine's role from being asked for.", fix=BY_ROLE.mend
        )
    return BY_ROLE


def _web_identity(env: Mapping[str, str]) -> bool:
    return all(env.get(variable) for variable in WEB_IDENTITY)


def credentials(env: Mapping[str, str]) -> dict[str, str]:
    """Credentials and region as obstore's options: the variables, else the profile in the files of the AWS tools.

    Where neither holds a key, obstore asks for the machine's or the pod's own role.

    Raises:
        InputError: A variable can't be right, or the profile holds no key.
    """
    found = {option: env[variable] for variable, option in CREDENTIALS.items() if env.get(variable)}
    for variable, option in CREDENTIALS.items():
        check_variable(variable, found.get(option, ""))
    if "access_key_id" in found:
        return found
    if _web_identity(env) and not env.get("AWS_PROFILE"):
        _check_token_file(env[WEB_IDENTITY[0]])
        return found
    return {**_profile(env), **found}


def _check_token_file(file: str) -> None:
    """Make sure that a pod's token is there.

    Raises:
        InputError: It can't be read.
    """
    try:
        with Path(file).open("rb"):
            pass
    except OSError as error:
        raise InputError(
            f"can't read the token that {WEB_IDENTITY[0]} names, {file}: {error.strerror}.",
            fix="In a pod it is there where the service account has a role; elsewhere unset the variable.",
        ) from error


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
        if not can_be_sent(value):
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


BACKEND = Backend("s3", "s3://bucket/prefix", "s3", parse, connect)
