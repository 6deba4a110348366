"""``publish --sign`` and ``verify --key``: OpenSSF's model-signing format, held against its own program."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from savedmodel_bytes import saved_model
from store_kit import write_files, write_service

if TYPE_CHECKING:
    from collections.abc import Callable

CURVES = ["SECP256R1", "SECP384R1", "SECP521R1"]


def key_pair(
    folder: Path, curve: str = "SECP256R1", password: bytes | None = None, name: str = "key"
) -> tuple[Path, Path]:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(getattr(ec, curve)())
    locked = form.BestAvailableEncryption(password) if password else form.NoEncryption()
    pem = private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, locked)
    public = private.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    paths = folder / f"{name}.pem", folder / f"{name}.pub"
    for path, content in zip(paths, (pem, public), strict=True):
        path.write_bytes(content)
    return paths


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A service file, and a model with names that sort otherwise part by part than as text."""
    write_service(tmp_path, "./store")
    files = {"saved_model.pb": saved_model(), "variables/index": "x", "assets/a/b": "1", "assets/a-b": "2"}
    write_files(tmp_path / "m", files)
    return tmp_path


def published(run: Callable[..., object], here: Path, key: Path) -> Path:
    """The digest folder of the signed release."""
    ended = run("publish", here / "serinus.yaml", "--model", here / "m", "--sign", key)
    assert ended.code == 0, ended.err
    return Path(ended.out.strip())


@pytest.mark.parametrize("curve", CURVES)
def test_what_was_signed_is_verified_with_the_public_key(run, here: Path, curve: str) -> None:
    private, public = key_pair(here, curve)
    folder = published(run, here, private)
    assert folder.with_name(f"{folder.name}.sig").is_file()
    ended = run("verify", here / "serinus.yaml", "--key", public)
    assert (ended.code, "as the record says; the files are signed with the key" in ended.err) == (0, True)


def test_a_release_that_is_there_is_signed_later_and_once(run, here: Path) -> None:
    private, public = key_pair(here)
    assert run("publish", here / "serinus.yaml", "--model", here / "m").code == 0
    unsigned = run("verify", here / "serinus.yaml", "--key", public)
    assert (unsigned.code, "is missing: the release isn't signed" in unsigned.out) == (1, True)
    assert ("--sign KEY" in unsigned.err, "backup" in unsigned.err) == (True, False)
    folder = published(run, here, private)
    signature = folder.with_name(f"{folder.name}.sig")
    before = signature.read_bytes()
    published(run, here, private)
    assert signature.read_bytes() == before
    assert run("verify", here / "serinus.yaml", "--key", public).code == 0


def test_another_keys_signature_is_never_replaced(run, here: Path) -> None:
    private, _ = key_pair(here)
    other, public = key_pair(here, name="other")
    folder = published(run, here, private)
    before = folder.with_name(f"{folder.name}.sig").read_bytes()
    ended = run("publish", here / "serinus.yaml", "--model", here / "m", "--sign", other)
    assert (ended.code, "a signature with another key already" in ended.err) == (1, True)
    assert folder.with_name(f"{folder.name}.sig").read_bytes() == before
    wrong = run("verify", here / "serinus.yaml", "--key", public)
    assert (wrong.code, "was not made with this key, or was changed" in wrong.out) == (1, True)
    assert "--sign KEY" not in wrong.err


def bent_payload(bundle: dict) -> None:
    payload = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    payload["predicate"]["resources"][0]["digest"] = "0" * 64
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()


@pytest.mark.parametrize(
    ("bend", "says"),
    [
        (bent_payload, "was not made with this key, or was changed"),
        (lambda bundle: bundle["dsseEnvelope"].update(payload="!"), "is no signature of the model-signing format"),
        (lambda bundle: bundle["dsseEnvelope"].update(signatures=[]), "is no signature of the model-signing format"),
        (lambda bundle: bundle.update(mediaType="other"), "is no signature of the model-signing format"),
        (lambda bundle: bundle.clear(), "is no signature of the model-signing format"),
    ],
)
def test_a_signature_that_was_bent_is_said(run, here: Path, bend, says: str) -> None:
    private, public = key_pair(here)
    folder = published(run, here, private)
    path = folder.with_name(f"{folder.name}.sig")
    bundle = json.loads(path.read_bytes())
    bend(bundle)
    path.write_text(json.dumps(bundle))
    ended = run("verify", here / "serinus.yaml", "--key", public)
    assert (ended.code, says in ended.out) == (1, True)


def test_a_signature_of_another_release_covers_nothing_here(run, here: Path) -> None:
    private, public = key_pair(here)
    first = published(run, here, private)
    write_files(here / "m", {"assets/new": "3", "assets/a-b": "4"})
    second = published(run, here, private)
    second.with_name(f"{second.name}.sig").write_bytes(first.with_name(f"{first.name}.sig").read_bytes())
    lines = run("verify", here / "serinus.yaml", "--key", public).out.splitlines()
    assert [line.partition(".sig ")[2] for line in lines] == [
        "doesn't cover tensorflow-serving/1/assets/new",
        "was made over another tensorflow-serving/1/assets/a-b",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no such key"),
        (b"", "this is no private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n", "this is no private key in PEM"),
        ("rsa", "keys of the curves secp256r1, secp384r1, secp521r1, and this is another"),
        ("secp256k1", "keys of the curves secp256r1, secp384r1, secp521r1, and this is another"),
        ("public", "this is no private key in PEM"),
        ("locked", "the key is encrypted. Set SERINUS_SIGN_PASSWORD"),
    ],
)
def test_a_key_that_cant_sign_is_said_and_nothing_is_published(run, here: Path, content, says: str) -> None:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = here / "wrong.pem"
    if isinstance(content, bytes):
        key.write_bytes(content)
    elif content == "rsa":
        private = rsa.generate_private_key(65537, 2048)
        key.write_bytes(private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    elif content == "secp256k1":
        key = key_pair(here, "SECP256K1")[0]
    elif content == "public":
        key = key_pair(here)[1]
    elif content == "locked":
        key = key_pair(here, password=b"open")[0]
    ended = run("publish", here / "serinus.yaml", "--model", here / "m", "--sign", key)
    assert (ended.code, says in ended.err) == (2, True), ended.err
    assert not (here / "store").exists()


def test_a_locked_key_opens_with_the_password_and_no_other(run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private, public = key_pair(here, password=b"open")
    monkeypatch.setenv("SERINUS_SIGN_PASSWORD", "wrong-word")
    ended = run("publish", here / "serinus.yaml", "--model", here / "m", "--sign", private)
    assert (ended.code, "its password is wrong" in ended.err, "wrong-word" in ended.err) == (2, True, False)
    monkeypatch.setenv("SERINUS_SIGN_PASSWORD", "open")
    published(run, here, private)
    monkeypatch.delenv("SERINUS_SIGN_PASSWORD")
    assert run("verify", here / "serinus.yaml", "--key", public).code == 0


@pytest.fixture(scope="session")
def openssf() -> Path:
    """OpenSSF's own program, in an environment of its own: it brings the clients of a transparency log along."""
    home = Path.home() / ".cache/serinus/model-signing/1.1.1"
    program = home / "bin/model_signing"
    if not (home / "done").is_file():
        venv.create(home, with_pip=True, clear=True)
        # pyOpenSSL is missing among what 1.1.1 says that it needs.
        command = [home / "bin/python", "-m", "pip", "install", "--quiet", "model-signing==1.1.1", "pyopenssl"]
        subprocess.run(command, check=True, timeout=600)
        (home / "done").touch()
    assert sys.version_info >= (3, 11)
    return program


@pytest.mark.server
@pytest.mark.parametrize("curve", CURVES)
def test_openssfs_program_verifies_what_we_signed_and_we_what_it_signed(
    run, here: Path, openssf: Path, curve: str
) -> None:
    private, public = key_pair(here, curve)
    folder = published(run, here, private)
    signature = folder.with_name(f"{folder.name}.sig")

    def verified() -> bool:
        command = [openssf, "verify", "key", "--signature", signature, "--public_key", public, folder]
        return subprocess.run(command, check=False, capture_output=True, timeout=120).returncode == 0

    assert verified()
    signature.unlink()
    command = [openssf, "sign", "key", "--signature", signature, "--private_key", private, folder]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert run("verify", here / "serinus.yaml", "--key", public).code == 0
    (folder / "tensorflow-serving/1/variables/index").write_text("y")
    assert not verified()
    assert run("verify", here / "serinus.yaml", "--key", public).code == 1
