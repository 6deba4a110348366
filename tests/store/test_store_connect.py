"""Opening stores: addresses, credentials, and every way in which a store can fail, each in one paragraph."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from store_kit import write_files

from generator.errors import InputError, OutsideError
from generator.store import address
from generator.store.backends import s3
from generator.store.connect import open_store
from generator.store.disk import look
from generator.store.failures import Access, explain
from generator.store.local import FolderStore
from generator.store.objects import BIGGEST_RECORD, MIB, PART

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("/models", "/models"),
        ("file:///models/a%20b", "/models/a b"),
        ("file://localhost/models", "/models"),
        ("s3://models", "s3://models"),
        ("s3://models/", "s3://models"),
        ("S3://models/team/a/", "s3://models/team/a"),
        ("gs://models/", "gs://models"),
        ("GS://my.models_1/team/a/", "gs://my.models_1/team/a"),
        ("https://acme.blob.core.windows.net/models", "https://acme.blob.core.windows.net/models"),
        ("https://acme.blob.core.windows.net/models/team/a/", "https://acme.blob.core.windows.net/models/team/a"),
        ("https://acme.blob.core.chinacloudapi.cn/models/a", "https://acme.blob.core.chinacloudapi.cn/models/a"),
        ("https://acme.z7.blob.storage.azure.net/models/a", "https://acme.z7.blob.storage.azure.net/models/a"),
    ],
)
def test_addresses_have_one_form(url: str, canonical: str) -> None:
    assert address.parse(url).url == canonical


def test_a_relative_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert address.parse("store").url == str(tmp_path / "store")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("ftp://models", "through 'ftp://'. Give a folder, file:///folder, https://ACCOUNT.blob.core.windows.net/"),
        ("https://models.s3.amazonaws.com", "through 'https://', but for Azure's"),
        ("gs://", "names no bucket"),
        ("gs://Models", "names no bucket"),
        ("gs://mod..els", "names no bucket"),
        ("gs://models/a?secret", "the prefix of"),
        ("https://acme.blob.core.windows.net", "names no container"),
        ("https://acme.blob.core.windows.net/", "names no container"),
        ("https://acme.blob.core.windows.net/$web/a", "names no container"),
        ("https://acme.blob.core.windows.net/my--models", "names no container"),
        ("https://acme.blob.core.windows.net/models?sig=secret", "names no container"),
        ("https://acme.blob.core.windows.net/models/a?sv=1&sig=secret", "the prefix of"),
        ("https://acme.blob.core.windows.net/models/a%20b", "the prefix of"),
        ("https://secret@acme.blob.core.windows.net/models", "but for Azure's"),
        ("https://acme.blob.core.windows.net.evil.com/models", "but for Azure's"),
        ("http://acme.blob.core.windows.net/models", "through 'http://'"),
        ("pvc://claim/models", "Set store.publish to the folder where the volume claim is mounted here"),
        ("hf://acme/digits", "Bring the snapshot along"),
        ("file://models", "names no absolute folder"),
        ("file://host/models", "names no absolute folder"),
        ("s3://", "names no bucket"),
        ("s3:///prefix", "names no bucket"),
        ("s3://ab", "names no bucket"),
        ("s3://key:secret@models", "names no bucket"),
        ("s3://models//a", "the prefix of"),
        ("s3://models/../a", "the prefix of"),
        ("s3://models/a?b", "the prefix of"),
        ("s3://models/a\\b", "the prefix of"),
    ],
)
def test_what_is_no_address_is_refused(url: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        open_store(url)
    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("gcs://models/a", "gs://models/a"),
        ("az://models/a", "https://ACCOUNT.blob.core.windows.net/models/a"),
        ("azureblob://models/a", "https://ACCOUNT.blob.core.windows.net/models/a"),
        ("abfs://models/a", "https://ACCOUNT.blob.core.windows.net/models/a"),
        ("abfss://models@acme.dfs.core.windows.net/a/b", "https://acme.blob.core.windows.net/models/a/b"),
        ("wasbs://models@acme.blob.core.windows.net/a", "https://acme.blob.core.windows.net/models/a"),
        ("https://acme.dfs.core.windows.net/models/a", "https://acme.blob.core.windows.net/models/a"),
    ],
)
def test_each_store_has_one_name_and_who_writes_another_is_told_it(url: str, written: str) -> None:
    with pytest.raises(InputError, match=rf"Write {written}[,.]"):
        open_store(url)


@pytest.mark.parametrize(
    "endpoint",
    [
        "minio",
        "ftp://minio",
        "http://",
        "http://a b",
        "http://u:secret@minio",
        "http://minio:99999",
        "http://minio:0",
        "http://ü",
    ],
)
@pytest.mark.parametrize("told_by", ["service file", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
def test_what_is_no_endpoint_is_refused(endpoint: str, told_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if told_by.startswith("AWS"):
        monkeypatch.setenv(told_by, endpoint)
    with pytest.raises(InputError, match=f"the endpoint in .*{told_by}") as caught:
        open_store("s3://models", None if told_by.startswith("AWS") else endpoint)
    assert "secret" not in str(caught.value)


def test_the_service_file_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://general:9000")
    assert open_store("s3://models").name == "s3://models at http://general:9000"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3:9000")
    assert open_store("s3://models").name == "s3://models at http://s3:9000"
    assert open_store("s3://models", "http://own:9000/").name == "s3://models at http://own:9000"


# --- credentials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", sorted(s3.CREDENTIALS))
@pytest.mark.parametrize("value", ["key\n", "k ey", "kéy"])
def test_a_credential_that_cannot_be_is_refused(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=f"the variable {variable} holds a character") as caught:
        open_store("s3://models")
    assert value.strip() not in str(caught.value)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home with the files of the AWS tools, and no keys in the environment."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("HOME", str(tmp_path))
    credentials = "[default]\naws_access_key_id = d\naws_secret_access_key = %d\n[ci]\naws_access_key_id=c\naws_secret_access_key=s\n"
    write_files(
        tmp_path,
        {
            ".aws/credentials": credentials,
            ".aws/config": "[profile ci]\nregion = eu-central-1\n[profile sso]\nsso_session = x\n",
        },
    )
    return tmp_path


def test_keys_and_region_of_a_profile_are_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert s3.credentials({"HOME": str(home)}) == {"access_key_id": "d", "secret_access_key": "%d"}
    assert s3.credentials({"HOME": str(home), "AWS_PROFILE": "ci"}) == {
        "access_key_id": "c",
        "secret_access_key": "s",
        "region": "eu-central-1",
    }
    own = {"AWS_ACCESS_KEY_ID": "e", "AWS_SECRET_ACCESS_KEY": "f"}
    assert s3.credentials({"HOME": str(home), **own}) == {"access_key_id": "e", "secret_access_key": "f"}
    monkeypatch.setenv("AWS_PROFILE", "sso")
    with pytest.raises(InputError, match=r"'sso' holds no access key.*aws configure export-credentials --profile sso"):
        open_store("s3://models")


def test_a_machine_without_keys_leaves_them_to_its_role() -> None:
    assert s3.credentials({"HOME": "/nowhere", "AWS_REGION": "eu-west-1"}) == {"region": "eu-west-1"}


def test_a_broken_settings_file_is_named(home: Path) -> None:
    write_files(home, {".aws/credentials": "no section = here\n"})
    with pytest.raises(InputError, match=r"can't read the AWS settings in .*\.aws/credentials"):
        open_store("s3://models")


def test_the_certificates_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere.pem")
    with pytest.raises(InputError, match=r"AWS_CA_BUNDLE names, /nowhere\.pem: No such file"):
        open_store("s3://models")


def test_without_obstore_one_line_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"needs the extra 'store'.*pip install -e '.*\[store\]'"):
        open_store("/models")


# --- servers that fail -----------------------------------------------------------------------------------------------


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """A server that says the same to everybody."""

    class Same(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_PUT = do_GET  # noqa: N815 (the base class' manner)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Same) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def code(name: str, message: str = "") -> str:
    return f"<Error><Code>{name}</Code><Message>{message}</Message></Error>"


ANSWERS = [
    (404, code("NoSuchBucket"), "the bucket doesn't exist. Create it"),
    (403, code("AccessDenied"), "access is denied. These credentials must be allowed"),
    (403, code("InvalidAccessKeyId"), r"doesn't know these credentials \(InvalidAccessKeyId\). Mend AWS_ACCESS_KEY_ID"),
    (403, code("SignatureDoesNotMatch"), r"doesn't know these credentials \(SignatureDoesNotMatch\)"),
    (400, code("ExpiredToken"), r"doesn't know these credentials \(ExpiredToken\)"),
    (404, code("XAdminUserNotFound"), "doesn't know these credentials"),
    (400, code("AuthorizationHeaderMalformed"), "another region. Set AWS_REGION"),
    (301, code("PermanentRedirect"), "another region. Set AWS_REGION"),
    (401, "", "wants other credentials"),
    (403, "", "access is denied"),
    (
        501,
        code("NotImplemented", "Header 'x-amz-checksum-algorithm' with value 'SHA256' not implemented"),
        "refuses uploads with a checksum.* Set AWS_REQUEST_CHECKSUM_CALCULATION=when_required",
    ),
    (
        400,
        code("InvalidArgument", "Unsupported header 'x-amz-checksum-sha256' received for this API call."),
        "refuses uploads with a checksum",
    ),
    (
        400,
        code(
            "InvalidRequest",
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
        ),
        "the bucket has Object Lock, which wants a checksum with each upload. Take AWS_REQUEST_CHECKSUM_CALCULATION",
    ),
    (  # what was signed is shown there, the checksum's header too
        403,
        "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>x-amz-checksum-sha256:abc</StringToSign></Error>",
        r"doesn't know these credentials \(SignatureDoesNotMatch\)",
    ),
    (
        400,
        "<Error><Code>Odd</Code><Message>as it is</Message><Header>x-amz-checksum-sha256</Header></Error>",
        "the server says Odd: as it is",
    ),
    (400, code("XMinioStorageFull", "Storage is full"), r"it is full \(XMinioStorageFull\)"),
    (400, code("Odd", "as it is"), "the server says Odd: as it is"),
    (400, code("Odd"), r"the server says Odd\."),
    (418, "<html>", "the server answers 418"),
]


OTHER_CLOUDS = {
    "gs://models": [
        (404, code("NoSuchBucket"), "the bucket doesn't exist. Create it"),
        (403, code("AccessDenied"), r"access is denied\. .* \(roles/storage.objectUser\)"),
        (403, code("UserProjectMissing"), r"the bucket's project can't be used \(UserProjectMissing\)"),
        (401, code("AuthenticationRequired"), "an endpoint of plain http gets none"),
    ],
    "https://acme.blob.core.windows.net/models": [
        (404, code("ContainerNotFound"), "the container doesn't exist. Create it"),
        (403, code("AuthenticationFailed"), r"doesn't know the account's key \(AuthenticationFailed\). Set AZURE_"),
        (
            403,
            code("AuthorizationPermissionMismatch"),
            r"access is denied \(AuthorizationPermissionMismatch\). The acc",
        ),
        (403, code("KeyBasedAuthenticationNotPermitted"), r"access is denied \(KeyBasedAuth"),
        (403, "", "access is denied. The account's key must be"),
        (409, code("ContainerBeingDeleted"), "the container is being deleted"),
    ],
}


@pytest.mark.parametrize(
    ("url", "status", "body", "reason"), [(url, *answer) for url, answers in OTHER_CLOUDS.items() for answer in answers]
)
@pytest.mark.usefixtures("impatient")
def test_what_other_clouds_say_is_told_with_the_mend(
    url: str, status: int, body: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "c2VjcmV0LXNlY3JldC1zZWNyZXQ=")
    with answering(status, body) as address:
        endpoint = f"{address}/acme"
        store = open_store(url, endpoint)
        for ask in (store.folders, store.read, lambda key: store.create(key, b"x")):
            with pytest.raises(OutsideError, match=f"^can't .* in {url} at {endpoint}: .*{reason}"):
                ask("digits/1/x")


@pytest.mark.parametrize(("status", "body", "reason"), ANSWERS)
@pytest.mark.parametrize("operation", ["list", "read", "create"])
def test_what_a_server_says_is_told_with_the_mend(status: int, body: str, reason: str, operation: str) -> None:
    with answering(status, body) as endpoint:
        store = open_store("s3://models", endpoint)
        with pytest.raises(OutsideError, match=f"^can't .* in s3://models at {endpoint}: .*{reason}") as caught:
            {"list": store.folders, "read": store.read, "create": lambda key: store.create(key, b"x")}[operation](
                "digits/1/x"
            )
    assert "\n" not in str(caught.value)
    assert "Debug source" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("403 Forbidden", "access is denied. No key is set, so this machine's own role was used: it must be allowed"),
        (code("AccessDenied"), "access is denied. No key is set, so this machine's own role was used: it must be"),
        (
            code("InvalidAccessKeyId"),
            "doesn't know this machine's own role, which was used since no key is set (InvalidAccessKeyId). Set AWS_",
        ),
        ("401 Unauthorized", "the server wants credentials, and no key is set. Set AWS_ACCESS_KEY_ID"),
    ],
)
def test_where_no_key_is_set_nothing_speaks_of_these_credentials(answer: str, reason: str) -> None:
    told = str(explain(answer, "can't list the releases", "s3://models", Access((), s3.BY_ROLE, s3.REASONS)))
    assert reason in told
    assert "hese credentials" not in told


def test_a_missing_object_is_no_failure() -> None:
    with answering(404, code("NoSuchKey")) as endpoint:
        assert open_store("s3://models", endpoint).read("digits/1/release.json") is None


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def closed() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def nameless() -> Iterator[str]:
    yield "http://no-such-host.invalid"


@contextmanager
def overloaded() -> Iterator[str]:
    with answering(503, code("SlowDown")) as endpoint:
        yield endpoint


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (closed, r"refuses the connection \(tried 4 times\)"),
        (silent, "doesn't answer in time"),
        (nameless, r"name of its server can't be resolved \(tried 4 times\)"),
        (overloaded, r"overloaded \(SlowDown\) \(tried 4 times\)"),
    ],
)
def test_a_store_that_cannot_be_reached_is_known_in_ten_seconds(server, reason: str) -> None:
    with server() as endpoint:
        started = time.monotonic()
        with pytest.raises(OutsideError, match=reason):
            open_store("s3://models", endpoint).folders("digits")
        assert time.monotonic() - started < 10


def test_a_machine_without_credentials_says_so() -> None:
    text = "Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token in 2s, after 3 retries - HTTP error"
    assert "there are no credentials (tried 4 times). Set AWS_ACCESS_KEY_ID" in str(
        explain(text, "can't list", "s3://m", Access((), s3.BY_ROLE, s3.REASONS))
    )


def test_what_nobody_has_foreseen_is_told_in_short() -> None:
    text = "Generic S3 error: " + "odd " * 1000 + "\n\nDebug source:\nGeneric {\n    store: ..."
    told = str(explain(text, "can't list", "s3://m"))
    assert told.startswith("can't list in s3://m: Generic S3 error: odd odd")
    assert len(told) < 500


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Unable to copy data to file: No space left on device (os error 28)", "No space left on device. Make room"),
        ("[Errno 122] Disk quota exceeded: 'x'", "Disk quota exceeded. Make room"),
        ("Unable to open file: Read-only file system (os error 30)", "Read-only file system. Name a folder on a disk"),
        ("Unable to rename file: Operation not supported (os error 95)", "not supported. The file system has no hard"),
        ("Unable to rename file: Function not implemented (os error 38)", "The file system has no hard links"),
        ("Unable to open file: Not a directory (os error 20)", "Not a directory. A file stands where"),
    ],
)
def test_what_a_disk_says_is_told_with_the_mend(text: str, reason: str) -> None:
    assert reason in str(explain(text, "can't write x", "/store"))


# --- a folder --------------------------------------------------------------------------------------------------------


def test_reading_makes_no_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    assert (store.folders("a"), store.sizes("a"), store.read("a"), store.sha256("a")) == ([], {}, None, None)
    assert not (tmp_path / "store").exists()


def test_a_store_that_is_a_file_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path, {"store": "x"})
    with pytest.raises(OutsideError, match="is a file"):
        open_store(str(tmp_path / "store")).folders("a")


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    write_files(tmp_path, {"store/digits": "x"})
    with pytest.raises(OutsideError, match=r"can't write digits/1/release\.json in .*store: Not a directory"):
        open_store(str(tmp_path / "store")).create("digits/1/release.json", b"")


def test_a_record_is_not_of_any_size(tmp_path: Path) -> None:
    file = tmp_path / "release.json"
    with file.open("wb") as open_file:
        open_file.truncate(BIGGEST_RECORD + 1)
    with pytest.raises(OutsideError, match="is no record of ours"):
        open_store(str(tmp_path)).read("release.json")


def test_what_is_flushed_must_be_there(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.create("a/b", b"x")
    store.flush(["a/b"])
    with pytest.raises(OutsideError, match="can't write"):
        store.flush(["a/c"])


def test_removing_leaves_no_empty_folders(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    store.create("a/b/c", b"x")
    store.remove(["a/b/c", "a/b/gone"])
    assert list((tmp_path / "store").iterdir()) == []


# --- big files -------------------------------------------------------------------------------------------------------


def test_many_files_at_once_stop_at_the_first_failure(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store", at_once=2)
    write_files(tmp_path, {"big": b"x" * MIB})
    begun: list[int] = []

    def work(index: int) -> None:
        begun.append(index)
        if index == 0:
            raise OutsideError("the first")
        time.sleep(0.05)

    with pytest.raises(OutsideError, match="the first"):
        store.each(work, range(100))
    assert len(begun) < 100
    assert store.each(lambda index: index * 2, range(5)) == [0, 2, 4, 6, 8]
    store.send("a", look(tmp_path / "big", tmp_path), 10 * PART)  # a store can be used again after a failure
