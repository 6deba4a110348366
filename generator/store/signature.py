"""Signatures of releases in the OpenSSF model-signing format, with a private key.

A signature is a Sigstore bundle: a DSSE envelope around an in-toto statement that lists every file with its sha256.
Paths start at the digest folder, so who has downloaded that folder can check it with OpenSSF's own program:

    model_signing verify key --signature <digest16>.sig --public_key key.pub <digest16>

Written here and not by OpenSSF's library, since that signs folders on the local disk alone (a release's files lie in
several places, and are hashed already), and brings the clients of a public transparency log along. Tests hold both
directions against it. Sources: sigstore/model-transparency v1.1.1, README.md and docs of ``model_signing.manifest``;
secure-systems-lab/dsse, protocol.md; sigstore/protobuf-specs, ``sigstore_bundle.proto``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError, InputError, OutsideError, Place, missing_extra
from generator.store.release import SHORT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.store.objects import Store
    from generator.store.release import Release

PASSWORD = "SERINUS_SIGN_PASSWORD"  # noqa: S105 (the name of a variable)
"""The environment's variable with the password of an encrypted private key."""

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
CURVES = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}
"""The curves that the format has, each with its digest."""

HOW = (
    "An EC key: openssl ecparam -name prime256v1 -genkey -noout -out key.pem, "
    "and its public fellow: openssl ec -in key.pem -pubout -out key.pub"
)


def place(release: Release) -> str:
    """Where a release's signature lies: beside ``release.json``, outside of the folder that pods read.

    Named by the digest, so that two who publish other content under one version don't touch one another's.
    """
    return f"{release.path}.sig"


def sign(release: Release, key: Path) -> bytes:
    """The signature of a release's files.

    Args:
        release: What is signed: its paths and their sha256, not its metrics or its version.
        key: A private EC key in PEM.

    Raises:
        InputError: It is no such key, or its password is wrong; ``cryptography`` isn't installed.
        OutsideError: It can't be read.
    """
    private = _private(key)
    hashing, ec, _ = _library()
    payload = json.dumps(_statement(release), sort_keys=True).encode()
    public = private.public_key()
    signed = private.sign(_pre_authentication(payload), ec.ECDSA(getattr(hashing, CURVES[public.curve.name])()))
    bundle = {
        "mediaType": BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": _hint(public)}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD,
            "signatures": [{"sig": base64.b64encode(signed).decode(), "keyid": ""}],
        },
    }
    return f"{json.dumps(bundle, sort_keys=True)}\n".encode()


def demand(key: Path) -> None:
    """See that a private key can sign, before any file is sent; errors as ``sign``."""
    _private(key)


def ensure(store: Store, release: Release, key: Path) -> bool:
    """Sign a release in its store, unless it is signed with that key already.

    Returns:
        Whether it was signed now.

    Raises:
        InputError: As ``sign``.
        AnswerIsNoError: It is signed with another key; a signature is never replaced.
        OutsideError: The key can't be read, or the store failed.
    """
    if store.create(place(release), sign(release, key)):
        store.flush([place(release)])
        return True
    there = store.read(place(release))
    if there is None or _check(release, there, _private(key).public_key()):
        raise AnswerIsNoError(
            f"{store.url_of(place(release))} is a signature with another key already; it was left as it is.",
            fix="Verify with that key's public fellow, or remove the signature and sign again.",
        )
    return False


def check(release: Release, signature: bytes, key: Path) -> tuple[str, ...]:
    """Hold a signature against a public key and a release's files.

    Args:
        release: Whose files it should cover.
        signature: The bundle's bytes.
        key: A public EC key in PEM.

    Returns:
        What is wrong, each the end of a sentence that starts with the signature; nothing where all is right.

    Raises:
        InputError: The key is no such key; ``cryptography`` isn't installed.
        OutsideError: It can't be read.
    """
    return _check(release, signature, _public(key))


def _check(release: Release, signature: bytes, public: Any) -> tuple[str, ...]:
    """What is wrong with a signature, held against a public key."""
    try:
        payload, signed = _opened(signature)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return ("is no signature of the model-signing format",)
    if not _made_by(public, payload, signed):
        return ("was not made with this key, or was changed",)
    try:
        covered = _covered(json.loads(payload))
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return ("signs no files of a model",)
    return tuple(_differences(covered, _files(release)))


def _statement(release: Release) -> dict[str, Any]:
    files = _files(release)
    # The format's order is that of paths part by part, not that of their text.
    ordered = sorted(files, key=lambda path: path.split("/"))
    whole = hashlib.sha256(b"".join(bytes.fromhex(files[path]) for path in ordered)).hexdigest()
    return {
        "_type": STATEMENT,
        "subject": [{"name": release.digest[:SHORT], "digest": {"sha256": whole}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": []},
            "resources": [{"name": path, "algorithm": "sha256", "digest": files[path]} for path in ordered],
        },
    }


def _files(release: Release) -> dict[str, str]:
    """The sha256 of each file by its path from the digest folder."""
    return {file.path.partition("/")[2]: file.sha256 for file in release.files}


def _pre_authentication(payload: bytes) -> bytes:
    """What DSSE signs: the type and the payload, each with its length."""
    return b" ".join((b"DSSEv1", b"%d" % len(PAYLOAD), PAYLOAD.encode(), b"%d" % len(payload), payload))


def _opened(signature: bytes) -> tuple[bytes, bytes]:
    """The payload and the signature over it.

    Raises:
        ValueError, KeyError, TypeError, IndexError: It is no such bundle.
    """
    bundle = json.loads(signature)
    envelope = bundle["dsseEnvelope"]
    if bundle["mediaType"] != BUNDLE or envelope["payloadType"] != PAYLOAD:
        raise ValueError("another kind of bundle")
    (only,) = envelope["signatures"]
    try:
        return base64.b64decode(envelope["payload"], validate=True), base64.b64decode(only["sig"], validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _made_by(public: Any, payload: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 (an extra; whoever has a key has it)

    hashing, ec, _ = _library()
    algorithm = ec.ECDSA(getattr(hashing, CURVES[public.curve.name])())
    try:
        public.verify(signed, _pre_authentication(payload), algorithm)
    except InvalidSignature:
        return False
    return True


def _covered(statement: Mapping[str, Any]) -> dict[str, str]:
    """The sha256 of each file that is signed, by its path.

    Raises:
        ValueError, KeyError, TypeError: It is no such statement, or its own digest isn't that of its files.
    """
    resources, (subject,) = statement["predicate"]["resources"], statement["subject"]
    if statement["predicateType"] != PREDICATE or {each["algorithm"] for each in resources} != {"sha256"}:
        raise ValueError("another kind of statement")
    whole = hashlib.sha256(b"".join(bytes.fromhex(each["digest"]) for each in resources)).hexdigest()
    if subject["digest"]["sha256"] != whole:
        raise ValueError("its digest isn't that of its files")
    return {each["name"]: each["digest"] for each in resources}


def _differences(covered: Mapping[str, str], files: Mapping[str, str]) -> list[str]:
    """How what is signed differs from what the record has."""
    unsigned = [f"doesn't cover {path}" for path in files if path not in covered]
    gone = [f"covers {path}, which the release doesn't have" for path in covered if path not in files]
    other = [f"was made over another {path}" for path in files if path in covered and covered[path] != files[path]]
    return [*unsigned, *gone, *other]


def _hint(public: Any) -> str:
    """What tells which key signed: the sha256 of the public key's PEM."""
    _, _, serial = _library()
    pem = public.public_bytes(encoding=serial.Encoding.PEM, format=serial.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(pem).hexdigest()


def _private(path: Path) -> Any:
    content, (_, _, serial) = _content(path), _library()
    password = os.environ.get(PASSWORD)
    try:
        key = serial.load_pem_private_key(content, password.encode() if password else None)
    except TypeError as error:
        # The library's word both for a password that is missing and for one that isn't needed.
        said = "is encrypted" if password is None else "isn't encrypted"
        cure = f"Set {PASSWORD}." if password is None else f"Unset {PASSWORD}."
        raise InputError(f"the key {said}.", fix=cure, place=Place(str(path))) from error
    except ValueError as error:
        problem = "this is no private key in PEM, or its password is wrong."
        raise InputError(problem, fix=HOW, place=Place(str(path))) from error
    return _of_a_curve(key, path)


def _public(path: Path) -> Any:
    content, (_, _, serial) = _content(path), _library()
    try:
        key = serial.load_pem_public_key(content)
    except ValueError as error:
        raise InputError("this is no public key in PEM.", fix=HOW, place=Place(str(path))) from error
    return _of_a_curve(key, path)


def _of_a_curve(key: Any, path: Path) -> Any:
    name = getattr(getattr(key, "curve", None), "name", "")
    if name not in CURVES:
        raise InputError(
            f"model signing takes keys of the curves {', '.join(CURVES)}, and this is another.",
            fix=HOW,
            place=Place(str(path)),
        )
    return key


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such key.", fix=HOW, place=Place(str(path))) from None
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(path))) from error


def _library() -> tuple[Any, Any, Any]:
    """``cryptography``'s digests, elliptic curves and forms of keys.

    Raises:
        InputError: It isn't installed.
    """
    try:
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 (an extra)
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise missing_extra("store", "a signature") from error
    return hashes, ec, serialization
