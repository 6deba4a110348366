"""What gives credentials to machines and pods, played on loopback: each cloud's token service, and a bucket behind."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STS = """<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>SESSION</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""
ROLE = json.dumps(
    {"Code": "Success", "AccessKeyId": "ROLE", "SecretAccessKey": "s", "Token": "SESSION"}
    | {"Expiration": "2099-01-01T00:00:00Z", "LastUpdated": "2026-01-01T00:00:00Z", "Type": "AWS-HMAC"}
)
TOKEN = json.dumps(
    {"access_token": "TOKEN", "token_type": "Bearer", "expires_in": 3600, "expires_on": str(int(time.time()) + 3600)}
    | {"issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "resource": "https://storage.azure.com"}
)
ANSWERS: Mapping[str, str] = {
    "/latest/api/token": "imds",
    "/latest/meta-data/iam/security-credentials/": "role",
    "/latest/meta-data/iam/security-credentials/role": ROLE,
    "/container": ROLE,
    "/sts": STS,
    "/computeMetadata/v1/instance/service-accounts/default/token": TOKEN,
    "/google/token": TOKEN,
    "/tenant/oauth2/v2.0/token": TOKEN,
    "/msi/token": TOKEN,
}
"""What is said at each path; anything else is the bucket, in which there is nothing."""


class Cloud(ThreadingHTTPServer):
    """A cloud.

    Attributes:
        tokens: Path and text of each request for credentials.
        authorized: What each request to the bucket was authorized by: its header, else its query.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.tokens: list[str] = []
        self.authorized: list[str] = []
        self.scheme = "http"

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Cloud

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        path, _, query = self.path.partition("?")
        status, said = (200, ANSWERS[path]) if path in ANSWERS else (404, "<Error><Code>NoSuchKey</Code></Error>")
        if path in ANSWERS:
            self.server.tokens.append(f"{path} {query} {body}")
        else:
            self.server.authorized.append(self.headers.get("authorization") or query)
        self.send_response(status)
        self.send_header("content-length", str(len(said)))
        self.send_header("content-type", "application/json" if said.startswith("{") else "application/xml")
        self.end_headers()
        self.wfile.write(said.encode())

    do_PUT = do_POST = do_GET  # noqa: N815 (the base class' manner)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def cloud(certificate: Path | None = None) -> Iterator[Cloud]:
    """A cloud that answers; by https where a file for its certificate is given."""
    with Cloud() as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_certified(certificate))
            server.socket, server.scheme = context.wrap_socket(server.socket, server_side=True), "https"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def _certified(file: Path) -> Path:
    """Write an authority's certificate to a file, and to another one what it certifies: 127.0.0.1, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "loopback")]
    start, address = dt.datetime.now(dt.UTC) - dt.timedelta(days=1), ipaddress.ip_address("127.0.0.1")
    made = [
        x509.CertificateBuilder()
        .issuer_name(names[0])
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=name is names[0], path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        .sign(keys[0], hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        for name, key in zip(names, keys, strict=True)
    ]
    file.write_bytes(made[0])
    chain = file.with_suffix(".chain")
    chain.write_bytes(made[1] + _pem(keys[1]))
    return chain


def _pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def rsa_key() -> str:
    """A private key as Google's files have it."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return _pem(rsa.generate_private_key(65537, 2048)).decode()
