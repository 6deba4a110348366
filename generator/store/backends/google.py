"""Google Cloud Storage.

Credentials as Google's own tools look for them ("How Application Default Credentials works"): the file that
GOOGLE_APPLICATION_CREDENTIALS names, that of ``gcloud auth application-default login``, the machine's or the pod's own
(the metadata server). obstore reads service accounts' keys and users' logins by itself; workload identity federation
and impersonation are google-auth's, where that is installed (the extra ``google``).
"""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import UTC
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, Place, missing_extra
from generator.store.backends.base import Backend, Bucket, Connection, bucket_of, endpoint_of, first_of
from generator.store.failures import Access, Reason, Way, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Cloud Storage documentation, "Bucket naming requirements": 3 to 63 characters, up to 222 with dots between.
NAME = re.compile(r"[a-z0-9](?!.*\.\.)[a-z0-9._-]{1,220}[a-z0-9]")
EMULATOR = "STORAGE_EMULATOR_HOST"
TOKENS = ("CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN")
FILE = "GOOGLE_APPLICATION_CREDENTIALS"
LOGIN = "application_default_credentials.json"
AUTHORITY = "SSL_CERT_FILE"
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
READ_BY_OBSTORE = ("service_account", "authorized_user")
FEDERATED = MappingProxyType(
    {
        "external_account": ("identity_pool", "from_info"),
        "external_account_authorized_user": ("external_account_authorized_user", "from_info"),
        "impersonated_service_account": ("impersonated_credentials", "from_impersonated_service_account_info"),
    }
)
"""The module of google-auth for each other kind of credentials, and what makes them there."""
SECRET = ("private_key", "client_secret", "refresh_token")
LONGEST_FILE = 2**20
NO_TOKEN = "none"  # noqa: S105 (obstore always sends one; an emulator asks for none)

BY_HAND = f'export {TOKENS[0]}="$(gcloud auth print-access-token)"'

BY_FILE = Way(
    "The account of the credentials",
    "the account of the credentials",
    "other credentials",
    "Check GOOGLE_APPLICATION_CREDENTIALS, or log in again: gcloud auth application-default login.",
)
BY_TOKEN = Way(
    "The account of the access token",
    "the access token",
    "another access token",
    f"Get a new one: {BY_HAND}.",
)
BY_MACHINE = Way(
    "No credentials are set, so this machine's own service account was used: it",
    "this machine's own service account, which was used since no credentials are set",
    "credentials, and none are set",
    "Set GOOGLE_APPLICATION_CREDENTIALS, or log in: gcloud auth application-default login.",
)
BY_NOTHING = Way(
    "Nobody: an endpoint of plain http is asked without credentials, so everyone",
    "nobody, since an endpoint of plain http is asked without credentials",
    "credentials, and an endpoint of plain http gets none",
    "Write an https endpoint.",
)

REASONS: tuple[Reason, ...] = (
    reason("<Code>NoSuchBucket</Code>", "the bucket doesn't exist", "Create it, or mend the store's URL."),
    reason(
        "Error reading pem file|Invalid ?Key|InvalidKey",
        "the private key of the credentials can't be read",
        "Download the service account's key again.",
    ),
    reason(
        "invalid_grant|invalid_client|unauthorized_client|invalid_rapt|InvalidSecurity",
        "Google doesn't know {which}",
        "{mend}",
    ),
    reason(
        "computeMetadata|metadata\\.google\\.internal|169\\.254\\.169\\.254",
        "there are no credentials",
        "Set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account, or log in: "
        "gcloud auth application-default login.",
    ),
    reason("Error performing token request|oauth2|getting credentials", "Google gives no token for {which}", "{mend}"),
    reason(
        "<Code>(?P<code>UserProjectMissing|UserProjectAccountProblem|AccountProblem|UserProjectInvalid)</Code>",
        "the bucket's project can't be used ({code})",
        "Check the project's billing; a bucket where the requester pays can't be a store.",
    ),
    reason(
        "<Code>(AccessDenied|Forbidden)</Code>|403 Forbidden|lacked the necessary privileges",
        "access is denied",
        "{whose} must be allowed to list the bucket and to read, write and remove objects in it "
        "(roles/storage.objectUser).",
    ),
    reason(
        "<Code>AuthenticationRequired</Code>|401 Unauthorized",
        "the server wants {other}",
        "{mend}",
    ),
)


def parse(rest: str) -> Bucket:
    """``bucket/prefix``.

    Raises:
        InputError: It is none.
    """
    shape = "3 to 222 lower-case letters, digits, '-', '.' and '_'"
    return bucket_of(rest, "google", "gs", name=NAME, shape=shape, whence=FILE)


def connect(_bucket: Bucket, endpoint: str | None, env: Mapping[str, str]) -> Connection:
    """The server, and who asks it.

    Raises:
        InputError: The endpoint, a variable or the file of credentials can't be right.
    """
    given = env.get(EMULATOR, "")
    emulator = {EMULATOR: given if "://" in given else f"http://{given}"} if given else {}
    server = endpoint_of(endpoint, emulator, (EMULATOR,))
    authority = (AUTHORITY, env[AUTHORITY]) if env.get(AUTHORITY) else None
    if server and server.startswith("http://"):
        # Nothing that gives access crosses a line that anybody can read.
        options, access = {"bearer_token": NO_TOKEN}, Access((), BY_NOTHING, REASONS)
    else:
        options, access = _credentials(env)
    # Set in any case, so that no variable of obstore's own says otherwise.
    options["base_url"] = server or "https://storage.googleapis.com"
    return Connection("GCSStore", options, access, server, authority, tagged=True)


def _credentials(env: Mapping[str, str]) -> tuple[dict[str, Any], Access]:
    """The options of obstore that give access, and the words for it.

    Raises:
        InputError: A variable or the file can't be right.
    """
    if token := first_of(env, TOKENS):
        return {"bearer_token": token[1]}, Access((token[1],), BY_TOKEN, REASONS)
    file, told_by = _file(env)
    if file is None:
        return {}, Access((), BY_MACHINE, REASONS)
    content = _read(file, told_by)
    # Of a key of several lines each is a secret: a message may break it anywhere.
    secrets = frozenset(
        line
        for name in SECRET
        for line in str(content.get(name, "")).splitlines()
        if line and not line.startswith("-----")
    )
    access = Access(secrets, BY_FILE, REASONS)
    kind = content.get("type")
    if kind == "service_account":
        return {"service_account_key": json.dumps(content)}, access
    if kind in READ_BY_OBSTORE:
        return {"application_credentials": str(file)}, access
    if kind not in FEDERATED:
        raise InputError(
            f"credentials of the type {str(kind)[:60]} aren't known.",
            fix=f"Name others, or give a token: {BY_HAND}.",
            place=Place(str(file)),
        )
    return {"credential_provider": _federated(content)}, access


def _file(env: Mapping[str, str]) -> tuple[Path | None, str]:
    """The file of credentials, and who names it; None where there is none."""
    if named := env.get(FILE):
        return Path(named), FILE
    folder = env.get("CLOUDSDK_CONFIG") or Path(env.get("HOME", "/"), ".config/gcloud")
    usual = Path(folder, LOGIN)
    return (usual, "gcloud") if usual.exists() else (None, "")


def _read(file: Path, told_by: str) -> dict[str, Any]:
    """The file of credentials; nothing of it is ever repeated.

    Raises:
        InputError: It can't be read, or isn't one.
    """
    fix = "Name the JSON file of a service account's key or of a login."
    try:
        with file.open("rb") as opened:
            content = json.loads(opened.read(LONGEST_FILE))
    except OSError as error:
        raise InputError(
            f"can't read the credentials that {told_by} names, {file}: {error.strerror}.", fix=fix
        ) from None
    except (ValueError, RecursionError):
        raise InputError("no JSON, so no credentials of Google's.", fix=fix, place=Place(str(file))) from None
    if not isinstance(content, dict) or not isinstance(content.get("type"), str):
        raise InputError("no 'type' in it, so no credentials of Google's.", fix=fix, place=Place(str(file)))
    if content["type"] == "service_account" and not all(content.get(key) for key in ("client_email", "private_key")):
        raise InputError(
            "a service account's key without client_email or private_key.", fix=fix, place=Place(str(file))
        )
    return content


def _federated(content: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
    """What gets tokens by google-auth, for the kinds of credentials that obstore doesn't read.

    Raises:
        InputError: google-auth isn't installed.
    """
    kind = content["type"]
    if importlib.util.find_spec("google") is None or importlib.util.find_spec("google.auth") is None:
        lack = missing_extra("google", f"Google's credentials of the type {kind}")
        raise InputError(f"{lack.message[:-1]}, or a token.", fix=f"{lack.fix}, or: {BY_HAND}.")
    module, maker = FEDERATED[kind]
    if kind == "external_account":
        # The kinds of google.auth's own _default.py (google-auth 2.35, _get_external_account_credentials).
        source = content.get("credential_source")
        executable = isinstance(source, dict) and source.get("executable") is not None
        by_aws = content.get("subject_token_type") == "urn:ietf:params:aws:token-type:aws4_request"
        module = "aws" if by_aws else "pluggable" if executable else module

    def token() -> dict[str, Any]:
        from google.auth.transport.requests import Request  # noqa: PLC0415 (an extra)

        credentials = importlib.import_module(f"google.auth.{module}").Credentials
        found = getattr(credentials, maker)(dict(content), scopes=[SCOPE])
        found.refresh(Request())
        return {"token": found.token, "expires_at": found.expiry.replace(tzinfo=UTC) if found.expiry else None}

    return token


BACKEND = Backend(
    "google", "gs://bucket/prefix", "gs", parse, connect, {"gcs": "gs://{}".format, "googlestorage": "gs://{}".format}
)
