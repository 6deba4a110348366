"""Whose credentials reach a bucket: each cloud's usual chain, one by one, and none of them ever in a message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import obstore.store
import pytest
from store_kit import write_files
from token_servers import Cloud, cloud, rsa_key

from generator.errors import InputError, OutsideError
from generator.store.backends import azure, google, s3
from generator.store.connect import open_store
from generator.store.failures import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

S3, GOOGLE, AZURE = "s3://models", "gs://models", "https://acme.blob.core.windows.net/models"
KEY = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="


@pytest.fixture
def played() -> Iterator[Cloud]:
    with cloud() as server:
        yield server


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which no credentials are set."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def asks(url: str, server: Cloud) -> str:
    """What a question to a bucket is authorized by."""
    path = "/acme" if url == AZURE else ""
    assert open_store(url, server.address + path).read("digits/1/release.json") is None
    return server.authorized[-1]


# --- AWS -------------------------------------------------------------------------------------------------------------


def test_keys_go_before_all_else(played: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{played.address}/container")
    assert asks(S3, played).startswith("AWS4-HMAC-SHA256 Credential=test/")
    assert played.tokens == []


def test_a_pods_identity(played: Cloud, nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EKS pod identity, and tasks of ECS."""
    write_files(nobody, {"token": "POD"})
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{played.address}/container")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(nobody / "token"))
    assert asks(S3, played).startswith("AWS4-HMAC-SHA256 Credential=ROLE/")


@pytest.mark.parametrize("variable", ["AWS_METADATA_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT"])
def test_an_instances_role(played: Cloud, nobody: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, played.address)
    assert asks(S3, played).startswith("AWS4-HMAC-SHA256 Credential=ROLE/")
    assert played.tokens[0].startswith("/latest/api/token ")


def test_web_identity(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """IRSA; its token goes by https alone, and before the files of ``aws configure``."""
    write_files(nobody, {"token": "WEB", "home/.aws/credentials": "[default]\naws_access_key_id = file\n"})
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(nobody / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/models")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(nobody / "authority.pem"))
    with cloud(nobody / "authority.pem") as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{server.address}/sts")
        assert asks(S3, server).startswith("AWS4-HMAC-SHA256 Credential=ROLE/")
    assert any("WEB" in token for token in server.tokens)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("url", "variable"), [(S3, "AWS_CA_BUNDLE"), (AZURE, "SSL_CERT_FILE"), (GOOGLE, "SSL_CERT_FILE")]
)
def test_an_authority_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, variable: str) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("CLOUDSDK_AUTH_ACCESS_TOKEN", "GIVEN")
    with cloud(tmp_path / "authority.pem") as server:
        endpoint = f"{server.address}/acme"
        with pytest.raises(OutsideError, match=rf"certificate isn't trusted \(UnknownIssuer\).*{variable}"):
            open_store(url, endpoint).read("digits")
        monkeypatch.setenv(variable, str(tmp_path / "authority.pem"))
        assert open_store(url, endpoint).read("digits") is None


def test_a_token_that_is_not_there(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/models")
    with pytest.raises(InputError, match=r"AWS_WEB_IDENTITY_TOKEN_FILE names, /nowhere/token: No such file"):
        open_store(S3)


def test_a_machine_that_may_not_be_asked_has_no_role(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(InputError, match="no AWS credentials, and AWS_EC2_METADATA_DISABLED keeps the machine's role"):
        open_store(S3)


@pytest.mark.parametrize(
    ("env", "whose"),
    [
        ({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, "These credentials must be allowed"),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, "The role of this pod or container must be allowed"),
        ({}, "No key is set, so this machine's own role was used: it must be allowed"),
    ],
)
def test_a_refusal_says_who_was_refused(env: dict[str, str], whose: str) -> None:
    access = s3.connect(s3.parse("models"), None, {"HOME": "/nowhere", **env}).access
    assert whose in str(explain("<Code>AccessDenied</Code>", "can't list", S3, access))


# --- Google ----------------------------------------------------------------------------------------------------------

LOGIN = {"type": "authorized_user", "client_id": "i", "client_secret": "T0PSECRET", "refresh_token": "R3FRESH"}


def authorized(env: dict[str, str], server: Cloud) -> str:
    """What a question to Google's bucket is authorized by; to a plain http endpoint it would go without credentials."""
    options = google.connect(google.parse("models"), None, env).options
    client = obstore.store.GCSStore(
        "models",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
        **{**options, "base_url": server.address},
    )
    with pytest.raises(FileNotFoundError):
        obstore.get(client, "digits")
    return server.authorized[-1]


def file_of(folder: Path, content: dict[str, Any]) -> dict[str, str]:
    write_files(folder, {"google.json": json.dumps(content)})
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(folder / "google.json"), "HOME": "/nowhere"}


def test_a_service_accounts_key(played: Cloud, tmp_path: Path) -> None:
    env = file_of(
        tmp_path, {"type": "service_account", "client_email": "a@b", "private_key_id": "1"} | {"private_key": rsa_key()}
    )
    assert authorized(env, played).startswith("Bearer eyJ")


@pytest.mark.parametrize("variable", ["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"])
def test_a_token_goes_before_a_file(played: Cloud, tmp_path: Path, variable: str) -> None:
    assert authorized({**file_of(tmp_path, LOGIN), variable: "GIVEN"}, played) == "Bearer GIVEN"


def test_the_metadata_server(played: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of Google's, and a pod with workload identity."""
    monkeypatch.setenv("GCE_METADATA_HOST", played.address.removeprefix("http://"))
    assert authorized({"HOME": "/nowhere"}, played) == "Bearer TOKEN"


def test_federation_is_google_auths(played: Cloud, tmp_path: Path) -> None:
    """What google-github-actions/auth writes, for one."""
    pytest.importorskip("google.auth")
    pytest.importorskip("requests")
    write_files(tmp_path, {"subject": "SUBJECT"})
    federated = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{played.address}/google/token",
        "credential_source": {"file": str(tmp_path / "subject")},
    }
    assert authorized(file_of(tmp_path, federated), played) == "Bearer TOKEN"
    assert "SUBJECT" in played.tokens[-1]


def test_without_google_auth_federation_has_a_way_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError) as caught:
        google.connect(google.parse("models"), None, file_of(tmp_path, {"type": "external_account"}))
    assert "the type external_account needs the extra 'google'" in str(caught.value)
    assert 'export CLOUDSDK_AUTH_ACCESS_TOKEN="$(gcloud auth print-access-token)"' in str(caught.value)


def test_the_login_of_gcloud_is_found(tmp_path: Path) -> None:
    write_files(tmp_path, {".config/gcloud/application_default_credentials.json": json.dumps(LOGIN)})
    options = google.connect(google.parse("models"), None, {"HOME": str(tmp_path)}).options
    assert options["application_credentials"].endswith("gcloud/application_default_credentials.json")
    moved = {"HOME": "/nowhere", "CLOUDSDK_CONFIG": str(tmp_path / ".config/gcloud")}
    assert google.connect(google.parse("models"), None, moved).options == options


@pytest.mark.parametrize("emulator", ["127.0.0.1:{port}", "http://127.0.0.1:{port}"])
def test_an_emulator_gets_no_credentials(
    played: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emulator: str
) -> None:
    for variable, value in file_of(tmp_path, LOGIN).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator.format(port=played.server_port))
    store = open_store(GOOGLE)
    assert store.read("digits/1/release.json") is None
    assert store.name == f"gs://models at {played.address}"
    assert "R3FRESH" not in str(played.authorized)
    assert played.tokens == []


def test_the_service_file_goes_before_the_emulators_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "localhost:4443")
    assert open_store(GOOGLE, "http://own:1").name == "gs://models at http://own:1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "no 'type' in it"),
        ('{"type": 1}', "no 'type' in it"),
        ('{"type": "service_account", "private_key": "T0PSECRET"}', "without client_email or private_key"),
        ('{"type": "gdch_service_account"}', "of the type gdch_service_account aren't known"),
        ("[" * 100_000, "no JSON"),
        ("\xff", "no JSON"),
    ],
)
def test_a_file_that_holds_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, reason: str
) -> None:
    write_files(tmp_path, {"g.json": content.encode("latin-1")})
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "g.json"))
    with pytest.raises(InputError, match=rf"g\.json: .*{reason}") as caught:
        open_store(GOOGLE)
    assert "T0PSECRET" not in str(caught.value)


def test_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    with pytest.raises(InputError, match=r"GOOGLE_APPLICATION_CREDENTIALS names, /nowhere\.json: No such file"):
        open_store(GOOGLE)


def test_a_broken_key_is_no_part_of_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nT0PSECRET\n-----END PRIVATE KEY-----\n"
    for variable, value in file_of(
        tmp_path, {"type": "service_account", "client_email": "a@b", "private_key_id": "1", "private_key": key}
    ).items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(OutsideError, match="the private key of the credentials can't be read") as caught:
        open_store(GOOGLE).read("digits")
    assert "T0PSECRET" not in str(caught.value)


# --- Azure -----------------------------------------------------------------------------------------------------------

PRINCIPAL = {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client"}


@pytest.mark.parametrize("variable", azure.KEYS)
def test_an_accounts_key(played: Cloud, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, KEY)
    assert asks(AZURE, played).startswith("SharedKey acme:")


@pytest.mark.parametrize("variable", azure.SIGNATURES)
@pytest.mark.parametrize("start", ["", "?"])
def test_a_shared_access_signature(played: Cloud, monkeypatch: pytest.MonkeyPatch, variable: str, start: str) -> None:
    monkeypatch.setenv(variable, f"{start}sv=2023-11-03&sp=rwdl&sig=abc%2Fdef%3D")
    assert asks(AZURE, played) == "sv=2023-11-03&sp=rwdl&sig=abc%2Fdef%3D"


def test_a_connection_string_goes_before_a_key(played: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    given = "DefaultEndpointsProtocol=https;AccountName=acme;SharedAccessSignature=sv=1&sig=own;BlobEndpoint="
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", f"{given}{played.address}/acme")
    assert open_store(AZURE).name == f"{AZURE} at {played.address}/acme"
    assert open_store(AZURE).read("digits") is None
    assert played.authorized == ["sv=1&sig=own"]


def test_an_endpoint_that_the_url_names_anyway_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", "https://acme.blob.core.windows.net/")
    assert open_store(AZURE).name == AZURE


def test_the_development_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true")
    url = "https://devstoreaccount1.blob.core.windows.net/models"
    assert open_store(url).name == f"{url} at http://127.0.0.1:10000/devstoreaccount1"


def test_a_service_principal(played: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {**PRINCIPAL, "AZURE_CLIENT_SECRET": "T0PSECRET"}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", played.address)
    assert asks(AZURE, played) == "Bearer TOKEN"


def test_workload_identity(played: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"token": "POD"})
    for variable, value in {**PRINCIPAL, "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "token")}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", played.address)
    assert asks(AZURE, played) == "Bearer TOKEN"
    assert "client_assertion=POD" in played.tokens[0]


@pytest.mark.parametrize("variable", azure.IDENTITIES)
def test_a_managed_identity(played: Cloud, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, f"{played.address}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    monkeypatch.setenv("AZURE_CLIENT_ID", "mine")
    assert asks(AZURE, played) == "Bearer TOKEN"
    assert "client_id=mine" in played.tokens[0]


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The az command, logged in."""
    program = tmp_path / "bin/az"
    said = {"accessToken": "CLI", "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4070908800}
    write_files(
        tmp_path,
        {
            "bin/az": f"#!/bin/sh\necho '{json.dumps({**said, 'tokenType': 'Bearer', 'subscription': 's', 'tenant': 't'})}'\n"
        },
    )
    program.chmod(0o755)
    write_files(tmp_path, {"azure/azureProfile.json": "{}"})
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path / "azure"))
    return program


def test_the_login_of_the_az_command(played: Cloud, az: Path) -> None:
    assert asks(AZURE, played) == "Bearer CLI"


def test_a_login_that_has_ended(played: Cloud, az: Path) -> None:
    az.write_text("#!/bin/sh\necho 'ERROR: AADSTS70043: The refresh token has expired. Run az login' >&2\nexit 1\n")
    with pytest.raises(OutsideError, match=r"no token for the login of the az command \(AADSTS70043\)\. Log in again"):
        asks(AZURE, played)


def test_variables_of_the_library_alone_change_nothing(played: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {
        "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        "AZURE_STORAGE_USE_EMULATOR": "true",
        "AZURE_USE_FABRIC_ENDPOINT": "true",
        "AZURE_SKIP_SIGNATURE": "true",
        "AZURE_CONTAINER_NAME": "other",
        "AZURE_CREDENTIAL_TYPE": "azure_cli",
        "AZURE_ENDPOINT": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(variable, value)
    assert asks(AZURE, played).startswith("SharedKey acme:")


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"AZURE_STORAGE_ACCOUNT_KEY": "T0PSECRET"}, "the account's key in AZURE_STORAGE_ACCOUNT_KEY isn't one"),
        ({"AZURE_STORAGE_ACCOUNT_KEY": "T0PSECRET\n"}, "holds a character that can't be in it"),
        ({"AZURE_STORAGE_SAS_TOKEN": "sv=1&T0PSECRET"}, r"in AZURE_STORAGE_SAS_TOKEN has no sig="),
        ({"AZURE_STORAGE_CONNECTION_STRING": "T0PSECRET"}, "has neither AccountKey nor SharedAccessSignature"),
        (
            {"AZURE_STORAGE_CONNECTION_STRING": f"AccountName=other;AccountKey={KEY}"},
            "is for the storage account other, and the store lies in acme",
        ),
        (
            {"AZURE_STORAGE_ACCOUNT": "other", "AZURE_STORAGE_KEY": KEY},
            "AZURE_STORAGE_ACCOUNT is for the storage account other",
        ),
        (
            {
                "AZURE_STORAGE_CONNECTION_STRING": "BlobEndpoint=https://other.blob.core.windows.net;SharedAccessSignature=sig=x"
            },
            "the endpoint is of the storage account other, and the store lies in acme",
        ),
        ({"AZURE_STORAGE_ENDPOINT": "https://other.blob.core.windows.net"}, "is of the storage account other"),
        (
            {**PRINCIPAL, "AZURE_CLIENT_CERTIFICATE_PATH": "/x.pem"},
            r"certificate .* gives no access to a store\. Log in with it, az login --service-principal",
        ),
        ({"AZURE_STORAGE_ENDPOINT": "http://127.0.0.1:10000"}, r"Write http://127\.0\.0\.1:10000/acme\."),
        ({"AZURE_STORAGE_ENDPOINT": "http://localhost:10000/devstoreaccount1"}, "doesn't say the storage account"),
        ({"AZURE_STORAGE_ENDPOINT": "http://u:T0PSECRET@x"}, "the endpoint in AZURE_STORAGE_ENDPOINT is no http"),
    ],
)
def test_variables_of_azures_that_cannot_be(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], reason: str) -> None:
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=reason) as caught:
        open_store(AZURE)
    assert "T0PSECRET" not in str(caught.value)
    assert KEY not in str(caught.value)


# --- what is never said ----------------------------------------------------------------------------------------------

SECRETS = {
    "aws key": (s3, "models", {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "S3KRET+/x"}, "S3KRET+/x"),
    "aws token": (s3, "models", {"AWS_ACCESS_KEY_ID": "a", "AWS_SESSION_TOKEN": "S3KRET+/x"}, "S3KRET+/x"),
    "google token": (google, "models", {"CLOUDSDK_AUTH_ACCESS_TOKEN": "S3KRET"}, "S3KRET"),
    "google login": (google, "models", LOGIN, "R3FRESH"),
    "azure key": (azure, "acme.blob.core.windows.net/models", {"AZURE_STORAGE_KEY": KEY}, KEY),
    "azure signature": (
        azure,
        "acme.blob.core.windows.net/models",
        {"AZURE_STORAGE_SAS_TOKEN": "sv=1&sig=a%2Bb%3D"},
        "a+b=",
    ),
    "azure principal": (
        azure,
        "acme.blob.core.windows.net/models",
        {**PRINCIPAL, "AZURE_CLIENT_SECRET": "S3KRET"},
        "S3KRET",
    ),
}


@pytest.mark.parametrize("name", SECRETS)
def test_what_gives_access_is_never_repeated(name: str, tmp_path: Path) -> None:
    backend, rest, given, secret = SECRETS[name]
    env = file_of(tmp_path, given) if given is LOGIN else {"HOME": "/nowhere", **given}
    access = backend.connect(backend.parse(rest), None, env).access
    text = f"<Code>Odd</Code><Message>you sent {secret} to me</Message>"
    told = str(explain(text, "can't list", "x", access))
    assert "you sent … to me" in told
    assert secret not in told


def test_each_line_of_a_private_key_is_a_secret(tmp_path: Path) -> None:
    key = rsa_key()
    content = {"type": "service_account", "client_email": "a@b", "private_key_id": "1", "private_key": key}
    access = google.connect(google.parse("models"), None, file_of(tmp_path, content)).access
    for line in key.splitlines()[1:-1]:
        assert line not in str(explain(f"odd: {line}", "can't list", "x", access))
