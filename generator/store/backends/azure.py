"""Azure Blob Storage; a bucket is a container here.

A store's URL is that of its blobs, as KServe's pods read it: it names the account too. The other forms (az://, abfss://,
rclone's azureblob:// …) are told what to write instead.

Credentials in this order: a connection string, the account's key, a shared access signature, a service principal's
secret, workload identity, a managed identity that the machine announces, the login of the az command, the machine's own
identity. Which it is, is decided here, so that of several that are set always the same one is used.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from generator.errors import InputError
from generator.store.backends.azure_words import (
    BY_KEY,
    BY_LOGIN,
    BY_MACHINE,
    BY_PRINCIPAL,
    BY_SIGNATURE,
    BY_WORKLOAD,
    REASONS,
)
from generator.store.backends.base import (
    Backend,
    Bucket,
    Connection,
    check_endpoint,
    check_variable,
    endpoint_of,
    first_of,
    prefix_of,
)
from generator.store.failures import Access
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOSTS = r"blob\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)|z\d{1,2}\.blob\.storage\.azure\.net"
"""The public cloud, the sovereign ones, and accounts with zones (Azure documentation, "Storage account overview")."""
PLACE = re.compile(rf"(?P<account>[a-z0-9]{{3,24}})\.(?P<host>{HOSTS})(?:/(?P<rest>.*))?", re.DOTALL)
CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""Azure documentation, "Naming and referencing containers, blobs, and metadata"."""
UNUSABLE = re.compile(r"[\x00-\x1f\x7f\\?#%]")
FORM = "https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX"

STRING = "AZURE_STORAGE_CONNECTION_STRING"
ENDPOINTS = ("AZURE_STORAGE_ENDPOINT", "AZURE_STORAGE_SERVICE_ENDPOINT")
ACCOUNTS = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
KEYS = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCESS_KEY")
SIGNATURES = ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY")
TENANT, CLIENT, CLIENT_SECRET = "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"
TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE"  # noqa: S105 (a variable's name)
IDENTITIES = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")
CERTIFICATE = "AZURE_CLIENT_CERTIFICATE_PATH"
"""What obstore 0.12 doesn't read of the variables of Azure's own libraries."""
AUTHORITY = "SSL_CERT_FILE"
DEVELOPMENT = MappingProxyType(
    {
        "AccountName": "devstoreaccount1",
        "AccountKey": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        "BlobEndpoint": "http://127.0.0.1:10000/devstoreaccount1",
    }
)
"""What UseDevelopmentStorage=true stands for: the emulator's account, known to everyone (Azure/Azurite, README.md)."""


def parse(rest: str) -> Bucket:
    """``account.blob.core.windows.net/container/prefix``.

    Raises:
        InputError: It is none.
    """
    found = PLACE.fullmatch(rest)
    if found is None:
        if written := _other_host(rest):
            raise InputError("a store isn't named by the address of its file system.", fix=f"Write {written}.")
        raise InputError(
            "a store can't be written or read through 'https://', but for Azure's.",
            fix=f"Write {FORM}, or the URL of a bucket such as s3://bucket/prefix.",
        )
    account, host = found["account"], found["host"]
    name, _, behind = (found["rest"] or "").partition("/")
    start = f"https://{account}.{host}/{name}"
    if not CONTAINER.fullmatch(name):
        raise InputError(
            "the store's URL names no container that could exist.",
            fix=f"Write https://{account}.{host}/CONTAINER/PREFIX; the container has 3 to 63 lower-case letters, "
            "digits and single '-'. A signature comes from AZURE_STORAGE_SAS_TOKEN, never from the URL.",
        )
    prefix = prefix_of(
        behind, f"{start}/", unusable=UNUSABLE, instead="credentials come from the AZURE_* variables, also a signature"
    )
    return Bucket("azure", f"{start}/{prefix}".rstrip("/"), name, prefix, f"https://{account}.{host}")


def _other_host(rest: str) -> str:
    """The URL of the blobs, for that of the same account's file system; empty for another address."""
    other = re.fullmatch(r"([a-z0-9]{3,24})\.dfs\.(core\.[a-z.]+)/(.+)", rest)
    return hidden(f"https://{other[1]}.blob.{other[2]}/{other[3]}") if other else ""


def connect(bucket: Bucket, endpoint: str | None, env: Mapping[str, str]) -> Connection:
    """The server, and who asks it.

    Raises:
        InputError: The endpoint or a variable can't be right, or belongs to another account.
    """
    account = bucket.server.removeprefix("https://").partition(".")[0]
    settings = _connection_string(env)
    server = endpoint_of(endpoint, env, ENDPOINTS)
    if server is None and "BlobEndpoint" in settings:
        server = check_endpoint(settings["BlobEndpoint"], told_by=STRING)
    _check_endpoint(account, server)
    options, access = _credentials(account, settings, env)
    options |= {
        "account_name": account,
        # Set in any case, so that no variable of obstore's own says otherwise.
        "endpoint": server or bucket.server,
        "use_emulator": False,
        "use_fabric_endpoint": False,
        "skip_signature": False,
    }
    authority = (AUTHORITY, env[AUTHORITY]) if env.get(AUTHORITY) else None
    return Connection("AzureStore", options, access, None if server == bucket.server else server, authority)


def _check_endpoint(account: str, server: str | None) -> None:
    """Make sure that an endpoint is of the account that the store's URL names.

    Raises:
        InputError: It names another account, or is an emulator's and names none.
    """
    found = urlsplit(server or "")
    host, own = found.hostname or "", PLACE.fullmatch(found.netloc)
    if own and own["account"] != account:
        raise InputError(
            f"the endpoint is of the storage account {own['account']}, and the store lies in {account}.",
            fix="Leave it out, or name the account in the store's URL.",
        )
    if re.fullmatch(r"localhost|[0-9.]+|[0-9a-f:]*:[0-9a-f:]*", host) and found.path.rpartition("/")[2] != account:
        # Azure/Azurite 3.37.0, README.md, "IP-style URL": what has no name of its own has the account in its path.
        raise InputError(f"the endpoint {server} doesn't say the storage account.", fix=f"Write {server}/{account}.")


def _credentials(account: str, settings: Mapping[str, str], env: Mapping[str, str]) -> tuple[dict[str, Any], Access]:
    """The options of obstore that give access, and the words for it.

    Raises:
        InputError: A variable can't be right, or belongs to another account.
    """
    key = (STRING, settings["AccountKey"]) if "AccountKey" in settings else None
    signature = (STRING, settings["SharedAccessSignature"]) if "SharedAccessSignature" in settings else None
    if not settings:
        key, signature = first_of(env, KEYS), first_of(env, SIGNATURES)
    if key or signature:
        _check_account(account, settings, env)
    if key:
        return {"credential_type": "access_key", "account_key": _key(*key)}, Access((key[1],), BY_KEY, REASONS)
    if signature:
        token = signature[1].removeprefix("?")
        proof = [part.partition("=")[2] for part in token.split("&") if part.startswith("sig=")]
        if not proof:
            raise InputError(
                f"the shared access signature in {signature[0]} has no sig=…",
                fix="Copy it whole, from sv=… to the end.",
            )
        # Also as a server would repeat it, without its escapes.
        access = Access((token, *proof, *map(unquote, proof)), BY_SIGNATURE, REASONS)
        return {"credential_type": "sas_token", "sas_key": token}, access
    return _identity(env)


def _identity(env: Mapping[str, str]) -> tuple[dict[str, Any], Access]:
    """Who asks by a token of Microsoft Entra.

    Raises:
        InputError: A service principal has a certificate alone.
    """
    known = {
        option: env[variable]
        for option, variable in (
            ("tenant_id", TENANT),
            ("client_id", CLIENT),
            ("authority_host", "AZURE_AUTHORITY_HOST"),
        )
        if env.get(variable)
    }
    if {"tenant_id", "client_id"} <= known.keys():
        if secret := first_of(env, (CLIENT_SECRET,)):
            options = {"credential_type": "client_secret", "client_secret": secret[1], **known}
            return options, Access((secret[1],), BY_PRINCIPAL, REASONS)
        if file := env.get(TOKEN_FILE):
            options = {"credential_type": "workload_identity", "federated_token_file": file, **known}
            return options, Access((), BY_WORKLOAD, REASONS)
        if env.get(CERTIFICATE):
            raise InputError(
                f"a service principal's certificate ({CERTIFICATE}) gives no access to a store.",
                fix="Log in with it, az login --service-principal --certificate FILE --username ID --tenant ID, and "
                "unset the variable; or set AZURE_CLIENT_SECRET.",
            )
    announced = next((env[name] for name in IDENTITIES if env.get(name)), None)
    if announced is None and _logged_in(env):
        return {"credential_type": "azure_cli", "use_azure_cli": True}, Access((), BY_LOGIN, REASONS)
    own = {"credential_type": "managed_identity", **({"client_id": known["client_id"]} if "client_id" in known else {})}
    return own | ({"msi_endpoint": announced} if announced else {}), Access((), BY_MACHINE, REASONS)


def _logged_in(env: Mapping[str, str]) -> bool:
    """Whether somebody has logged in with the az command."""
    folder = env.get("AZURE_CONFIG_DIR") or Path(env.get("HOME", "/"), ".azure")
    return Path(folder, "azureProfile.json").exists() and shutil.which("az", path=env.get("PATH")) is not None


def _connection_string(env: Mapping[str, str]) -> Mapping[str, str]:
    """The settings of a connection string, empty where there is none.

    Raises:
        InputError: It isn't one; nothing of it is repeated.
    """
    text = env.get(STRING, "")
    if not text:
        return {}
    check_variable(STRING, text)
    pairs = [part.partition("=") for part in text.split(";") if part]
    settings = {name: value for name, _, value in pairs}
    if settings.get("UseDevelopmentStorage", "").lower() == "true":
        return DEVELOPMENT
    if not settings.keys() & {"AccountKey", "SharedAccessSignature"}:
        raise InputError(
            f"the connection string in {STRING} has neither AccountKey nor SharedAccessSignature.",
            fix="Copy it whole: az storage account show-connection-string.",
        )
    return settings


def _check_account(account: str, settings: Mapping[str, str], env: Mapping[str, str]) -> None:
    """Make sure that a key or a signature isn't sent to another account.

    Raises:
        InputError: The environment names another account than the store's URL.
    """
    own = (STRING, settings["AccountName"]) if settings.get("AccountName") else None
    named = own or (None if settings else first_of(env, ACCOUNTS))
    if named and named[1] != account:
        raise InputError(
            f"{named[0]} is for the storage account {named[1]}, and the store lies in {account}.",
            fix="Give the credentials of the account that the store's URL names.",
        )


def _key(variable: str, value: str) -> str:
    """An account's key.

    Raises:
        InputError: It isn't the Base64 that Azure gives.
    """
    if not re.fullmatch(r"[A-Za-z0-9+/]{20,}={0,2}", value) or len(value) % 4:
        raise InputError(
            f"the account's key in {variable} isn't one: it is Base64, as the portal shows it.",
            fix="Copy it whole, with the '=' at its end.",
        )
    return value


def _in_an_account(rest: str) -> str:
    return hidden(f"https://ACCOUNT.blob.core.windows.net/{rest}")


def _with_its_account(rest: str) -> str:
    """What ``abfss://container@account.dfs.core.windows.net/path`` is called by its blobs."""
    found = re.fullmatch(r"([^@/:]+)@([a-z0-9]{3,24})\.(?:dfs|blob)\.(core\.[a-z.]+)/?(.*)", rest)
    if found is None:
        return FORM if "@" in rest else _in_an_account(rest)
    return hidden(f"https://{found[2]}.blob.{found[3]}/{found[1]}/{found[4]}")


WRITTEN: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        **dict.fromkeys(("az", "azure", "azureblob", "adl"), _in_an_account),
        **dict.fromkeys(("abfs", "abfss", "wasb", "wasbs"), _with_its_account),
    }
)
BACKEND = Backend("azure", FORM, "https", parse, connect, WRITTEN)
