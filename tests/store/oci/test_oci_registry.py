"""What a registry may do to us: wants a name, is busy, breaks off, refuses, lies. Each ends in one paragraph."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from registries import running

from generator.errors import OutsideError, SerinusError
from generator.store.oci import client
from generator.store.oci import registry as ours
from generator.store.oci.documents import Descriptor, Document
from generator.store.oci.reference import parse
from generator.store.oci.registry import DamagedError, Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.server

PASSWORD = "s3cr3t-of-ann"
CONTENT = b"content of a layer" * 1000


def blob() -> Descriptor:
    return Descriptor("application/octet-stream", f"sha256:{hashlib.sha256(CONTENT).hexdigest()}", len(CONTENT))


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that a test can afford."""
    monkeypatch.setattr(ours, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(ours, "ASKING", 1.0)
    monkeypatch.setattr(ours, "SENDING", 2.0)


Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def scripted(
    answer: Callable[[str, str, int], Answer | None],
    told: list[str | None] | None = None,
    stalls: threading.Event | None = None,
) -> Iterator[tuple[str, list[str]]]:
    """A server that answers as it is told: method, path and the number of the request; None breaks the connection.

    Credentials that it was sent are put into ``told``; with ``stalls`` it reads nothing of a PUT until that is set.
    """
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            if stalls and self.command == "PUT":
                stalls.wait(20)
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if told is not None:
                told.append(self.headers.get("Authorization"))
            seen.append(f"{self.command} {self.path.partition('?')[0]} {len(body)}")
            found = answer(self.command, self.path, len(seen))
            if found is None:
                self.close_connection = True
                self.connection.close()
                return
            status, headers, content = found
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(address: str) -> Registry:
    return Registry(parse(f"{address}/models/digits"))


def sends(address: str) -> Callable[[], None]:
    return lambda: asked(address).send(blob(), lambda: iter((CONTENT,)), lambda _: None)


def error(status: int, code: str = "", message: str = "") -> Answer:
    content = json.dumps({"errors": [{"code": code, "message": message}]}).encode() if code else b"<html>nginx</html>"
    return status, {"Content-Type": "application/json"}, content


def test_a_busy_registry_and_a_broken_connection_are_tried_again_from_the_start_of_the_layer():
    script: list[Answer | None] = [
        error(503),
        (202, {"Location": "/v2/models/digits/blobs/uploads/a?_state=x"}, b""),
        None,
        (202, {"Location": "/v2/models/digits/blobs/uploads/b"}, b""),
        (201, {}, b""),
    ]
    counted: list[int] = []
    with scripted(lambda _, __, number: script[number - 1]) as (address, seen):
        asked(address).send(blob(), lambda: iter((CONTENT,)), counted.append)
    assert seen[-1] == f"PUT /v2/models/digits/blobs/uploads/b {len(CONTENT)}"
    assert len(seen) == len(script)
    assert sum(counted) == len(CONTENT)


REFUSALS = {
    "wants a login": (error(401), "over http none are sent", "Give it a certificate"),
    "denies": (error(403, "DENIED", "requested access to the resource is denied"), "access is denied (DENIED: requested", "docker login"),
    "has no repository": (error(404, "NAME_UNKNOWN", "repository name not known"), "no such repository (NAME_UNKNOWN", "Create it"),
    "has a proxy with a limit": (error(413), "too big for it or for a proxy", "limit"),
    "is overrun": (error(429, "TOOMANYREQUESTS", "slow down"), "no more requests for now", "isn't sent again"),
    "is broken": (error(500), "it answers 500", "isn't sent again"),
    "speaks of secrets": (error(400, "X", f"https://ann:{PASSWORD}@example.com/?token={PASSWORD}"), "it answers 400", ""),
    "tries to steer a terminal": (error(400, "X", "\x1b[2J\n##[error]"), "\\x1b[2J", ""),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "says", "fix"), REFUSALS.values(), ids=list(REFUSALS))
def test_a_refusal_is_one_paragraph_with_the_registry_s_own_word(answer, says, fix):
    with scripted(lambda *_: answer) as (address, _), pytest.raises(OutsideError) as raised:
        sends(address)()
    assert says in raised.value.message
    assert fix in raised.value.fix
    assert raised.value.message.isprintable()
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_will_not_change_is_not_asked_again(status):
    with scripted(lambda *_: error(status)) as (address, seen), pytest.raises(OutsideError):
        sends(address)()
    assert len(seen) == 1


def test_what_netrc_says_of_all_hosts_goes_to_no_registry(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text(f"default login ann password {PASSWORD}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    told: list[str | None] = []

    def answer(_: str, __: str, ___: int) -> Answer:
        return 200, {}, b""

    with scripted(answer, told) as (address, _):
        asked(address).has("sha256:" + "0" * 64)
    assert told == [None]


def test_a_registry_that_never_answers_is_given_up():
    silence = threading.Event()

    def waits(*_: Any) -> Answer:
        silence.wait(20)
        return 200, {}, b""

    with scripted(waits) as (address, _):
        try:
            with pytest.raises(OutsideError, match="doesn't answer in time"):
                asked(address).has("sha256:" + "0" * 64)
        finally:
            silence.set()


def test_a_registry_that_stops_reading_is_left_when_its_time_is_up(monkeypatch):
    """A server that takes the head of a layer and never its body, which is bigger than what the system keeps for it."""
    monkeypatch.setattr(client, "STALLED", 0.3)
    silence = threading.Event()
    size = 64 * 2**20
    big = Descriptor("application/octet-stream", f"sha256:{'0' * 64}", size)

    def answer(method: str, _: str, __: int) -> Answer | None:
        return (202, {"Location": "/v2/upload"}, b"") if method == "POST" else None

    def stops(done: int) -> None:
        if done < 0:
            raise OutsideError("stopped")

    with scripted(answer, stalls=silence) as (address, _):
        try:
            with pytest.raises(OutsideError, match="stopped"):
                asked(address).send(big, lambda: iter([bytes(2**20)] * (size >> 20)), stops)
        finally:
            silence.set()


def test_a_layer_that_is_something_else_is_found_out():
    wrong = CONTENT[:-1] + b"!"
    with scripted(lambda *_: (200, {}, wrong)) as (address, _), pytest.raises(DamagedError, match="is damaged"):
        list(asked(address).read(blob()))


def test_a_manifest_that_is_something_else_is_found_out():
    digest = Document("", b"{}").descriptor.digest
    with scripted(lambda *_: (200, {}, b'{"schemaVersion": 2}')) as (address, _), pytest.raises(DamagedError):
        asked(address).document(digest)


def test_a_server_that_is_no_registry_is_told():
    page = (200, {"Content-Type": "text/html"}, b"<html>")
    with scripted(lambda *_: page) as (address, _), pytest.raises(OutsideError, match="that is no registry"):
        sends(address)()


def configured(folder: Path, monkeypatch: pytest.MonkeyPatch, address: str, password: str) -> None:
    """What ``docker login`` leaves."""
    folder.mkdir(exist_ok=True)
    entry = base64.b64encode(f"ann:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {address: {"auth": entry}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody trusts, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "registry.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("ip6-localhost"), x509.DNSName("registry.test")]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture
def guarded(program: Path, tmp_path: Path, certificate, monkeypatch) -> Iterator[str]:
    """A registry with https that wants a name and a password; its name leads to this machine."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **kw: real("127.0.0.1" if host == "registry.test" else host, *more, **kw),
    )
    options = ("--login", f"ann:{PASSWORD}", "--cert", str(certificate[0]), "--key", str(certificate[1]))
    (tmp_path / "registry").mkdir()
    with running(program, tmp_path / "registry", *options, name="registry.test") as server:
        yield server.address


def test_a_registry_with_https_and_a_login_takes_what_docker_login_left(guarded, certificate, tmp_path, monkeypatch):
    configured(tmp_path / "docker", monkeypatch, guarded, PASSWORD)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    registry = asked(guarded)
    assert not registry.has(blob().digest)
    sends(guarded)()
    assert registry.has(blob().digest)
    assert b"".join(registry.read(blob())) == CONTENT


@pytest.mark.parametrize(
    ("password", "trusted", "says"),
    [
        (PASSWORD, False, "the registry's certificate isn't trusted"),
        ("wrong", True, "it wants other credentials"),
        (None, True, "it wants other credentials"),
    ],
)
def test_who_may_not_push_is_told_why_without_a_password(
    guarded, certificate, tmp_path, monkeypatch, password, trusted, says
):
    if password:
        configured(tmp_path / "docker", monkeypatch, guarded, password)
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    with pytest.raises(SerinusError) as raised:
        sends(guarded)()
    assert (says in str(raised.value), raised.value.exit_code) == (True, 3)
    assert PASSWORD not in str(raised.value)


def test_no_password_goes_over_http(program, tmp_path, monkeypatch):
    (tmp_path / "registry").mkdir()
    with running(program, tmp_path / "registry", "--login", f"ann:{PASSWORD}") as server:
        configured(tmp_path / "docker", monkeypatch, server.address, PASSWORD)
        with pytest.raises(OutsideError, match="over http none are sent"):
            sends(server.address)()
