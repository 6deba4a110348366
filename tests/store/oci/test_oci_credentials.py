"""Credentials of registries: Docker's chain, and nothing of them in any message."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from generator.errors import SerinusError
from generator.store.oci.credentials import Login, login
from generator.store.oci.reference import parse

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr:et"
HOST = "registry.example.com:5000"


def basic(user: str = "ann", password: str = SECRET) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def found(tmp_path: Path, config: object, name: str = f"{HOST}/models", **env: str) -> Login | None:
    text = config if isinstance(config, str) else json.dumps(config)
    (tmp_path / "config.json").write_text(text)
    return login(parse(name), {"DOCKER_CONFIG": str(tmp_path), **env})


def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, name: str = "docker-credential-kept") -> None:
    """A program that keeps credentials, the only one on the path."""
    file = tmp_path / "bin" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{file.parent}:/usr/bin:/bin")


@pytest.mark.parametrize(
    "config",
    [
        {"auths": {HOST: {"auth": basic()}}},
        {"auths": {f"https://{HOST}": {"auth": basic()}}},
        {"auths": {f"https://{HOST}/v2/": {"auth": basic()}}},
        {"auths": {HOST: {"username": "ann", "password": SECRET}}},
        {"auths": {"other.example.com": {"auth": basic("bob")}, HOST: {"auth": basic()}}},
    ],
)
def test_an_entry_of_the_file_is_found_however_it_is_written(tmp_path, config):
    assert found(tmp_path, config) == Login("ann", SECRET)


@pytest.mark.parametrize(
    "config", [{}, {"auths": {}}, {"auths": {"other.example.com": {"auth": basic()}}}, {"auths": {HOST: {}}}]
)
def test_without_an_entry_the_registry_is_asked_as_nobody(tmp_path, config):
    assert found(tmp_path, config) is None


def test_without_a_file_too(tmp_path):
    assert login(parse(f"{HOST}/models"), {"HOME": str(tmp_path)}) is None


def test_the_home_folder_s_file_is_read_where_no_variable_names_another(tmp_path):
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"auths": {HOST: {"auth": basic()}}}))
    assert login(parse(f"{HOST}/models"), {"HOME": str(tmp_path)}) == Login("ann", SECRET)


def test_podman_s_variable_names_the_file_itself(tmp_path):
    (tmp_path / "auth.json").write_text(json.dumps({"auths": {HOST: {"auth": basic("pod")}}}))
    assert found(tmp_path, {}, REGISTRY_AUTH_FILE=str(tmp_path / "auth.json")) == Login("pod", SECRET)


def test_docker_hub_s_entry_has_a_name_of_its_own(tmp_path):
    assert found(tmp_path, {"auths": {"https://index.docker.io/v1/": {"auth": basic()}}}, "docker.io/acme/digits")


@pytest.mark.parametrize("config", [{"credHelpers": {HOST: "kept"}}, {"credsStore": "kept"}])
def test_a_program_is_asked_for_the_registry_s_name(tmp_path, monkeypatch, config):
    helper(
        tmp_path,
        monkeypatch,
        f'[ "$1" = get ] && [ "$(cat)" = {HOST} ] && echo \'{{"Username": "ann", "Secret": "{SECRET}"}}\'',
    )
    assert found(tmp_path, {**config, "auths": {HOST: {"auth": basic("file")}}}) == Login("ann", SECRET)


def test_what_a_program_does_not_keep_may_stand_in_the_file(tmp_path, monkeypatch):
    helper(tmp_path, monkeypatch, "echo credentials not found in native keychain; exit 1")
    assert found(tmp_path, {"credsStore": "kept", "auths": {HOST: {"auth": basic()}}}) == Login("ann", SECRET)


WRONG = {
    "no JSON": ("{", 2, "it is no JSON"),
    "no object": ("[]", 2, "no JSON object"),
    "entries that are none": ({"auths": [1]}, 2, "its auths is no JSON object"),
    "an entry that is none": ({"auths": {HOST: SECRET}}, 2, "its entry for"),
    "what is no base64": ({"auths": {HOST: {"auth": f"{SECRET}!"}}}, 2, "isn't the base64"),
    "base64 of something else": (
        {"auths": {HOST: {"auth": base64.b64encode(b"s3cr").decode()}}},
        2,
        "isn't the base64",
    ),
    "a number": ({"auths": {HOST: {"auth": 5}}}, 2, "isn't the base64"),
    "a token for Docker alone": ({"auths": {HOST: {"identitytoken": SECRET}}}, 2, "identity token"),
    "a program that isn't there": ({"credsStore": "nowhere"}, 2, "docker-credential-nowhere"),
    "a program somewhere else": ({"credsStore": "../../bin/sh"}, 2, "no name that could be one"),
    "a program that fails": ({"credsStore": "fails"}, 3, "ended with 4"),
    "a program that babbles": ({"credsStore": "babbles"}, 3, "no credentials"),
    "a program with a token": ({"credsStore": "token"}, 2, "identity token"),
}


@pytest.mark.parametrize(("config", "code", "says"), WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_used_is_told_and_never_repeated(tmp_path, monkeypatch, config, code, says):
    helper(tmp_path, monkeypatch, f"echo {SECRET} >&2; echo {SECRET}; exit 4", "docker-credential-fails")
    helper(tmp_path, monkeypatch, f"echo '{{{SECRET}'", "docker-credential-babbles")
    helper(
        tmp_path, monkeypatch, f'echo \'{{"Username": "<token>", "Secret": "{SECRET}"}}\'', "docker-credential-token"
    )
    with pytest.raises(SerinusError) as raised:
        found(tmp_path, config)
    assert raised.value.exit_code == code
    assert says in str(raised.value)
    assert "s3cr" not in str(raised.value)
    assert "s3cr" not in repr(raised.value.__cause__)


@pytest.mark.parametrize(
    ("name", "server", "plain"),
    [
        ("registry.example.com/a/b", "registry.example.com", False),
        ("docker.io/acme/a", "registry-1.docker.io", False),
        ("localhost:5000/a", "localhost:5000", True),
        ("127.0.0.1:5000/a", "127.0.0.1:5000", True),
        ("[::1]:5000/a", "[::1]:5000", True),
        ("10.0.0.1:5000/a", "10.0.0.1:5000", False),
        ("localhost.example.com/a", "localhost.example.com", False),
    ],
)
def test_only_a_registry_on_this_machine_is_asked_without_encryption(name, server, plain):
    repository = parse(name)
    assert (str(repository), repository.server, repository.plain) == (name, server, plain)
