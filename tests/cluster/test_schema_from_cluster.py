"""``serinus schema import --from-cluster`` from a real API server."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import apiserver
import pytest
from installed import INSTALLED, SHARED

from generator.schemas.importer import import_crds

if TYPE_CHECKING:
    from pathlib import Path

    from asking import Client

pytestmark = pytest.mark.cluster


@pytest.fixture
def kubeconfig(address: apiserver.Address, tmp_path: Path) -> Path:
    return address.kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def user_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "packs"
    monkeypatch.setenv("SERINUS_SCHEMAS", str(folder))
    return folder


@pytest.mark.parametrize("product", INSTALLED)
def test_a_live_cluster_gives_the_pack_that_its_files_give(
    cluster: Client, kubeconfig: Path, user_packs: Path, tmp_path: Path, run, product: str
) -> None:
    of = f"{product}@{INSTALLED[product]}"
    (from_files,) = import_crds(
        [SHARED / "crds" / product / INSTALLED[product]], name=of, folder=tmp_path / "from-files"
    )
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", kubeconfig, "--as", of)
    assert (ended.code, ended.out) == (0, f"{user_packs / product / from_files.file.name}\n"), ended.err
    assert (user_packs / product / from_files.file.name).read_bytes() == from_files.file.read_bytes()


def test_without_a_name_those_are_imported_that_tell_their_release(
    cluster: Client, kubeconfig: Path, user_packs: Path, run
) -> None:
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", kubeconfig, "--context", "tests")
    assert (ended.code, ended.out) == (0, f"{user_packs / 'gateway-api' / '1.6.1.pack'}\n")
    assert "left out, since they don't tell their release" in ended.err
    assert "serving.kserve.io" in ended.err


def test_a_product_of_ones_own_is_imported_by_its_groups(
    cluster: Client, kubeconfig: Path, user_packs: Path, run
) -> None:
    of = ("--as", "ours@1.0", "--group", "keda.sh")
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", kubeconfig, *of)
    assert (ended.code, ended.out) == (0, f"{user_packs / 'ours' / '1.0.0.pack'}\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--as", "ours@1.0"], "--group GROUP"),
        (["--group", "nothing.example.com"], "no CRD of nothing.example.com"),
        (["--group", "keda.sh"], "none of the cluster's CRDs says which release"),
        (["--context", "other"], "Expected object with name other"),
    ],
)
def test_what_can_not_be_meant_is_an_error_of_the_command(
    cluster: Client, kubeconfig: Path, user_packs: Path, run, options: list[str], words: str
) -> None:
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", kubeconfig, *options)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert not user_packs.exists()


@pytest.mark.parametrize(
    ("token", "words"),
    [(apiserver.NOBODY, "may not list customresourcedefinitions"), ("unknown", "doesn't know these credentials")],
)
def test_a_cluster_that_refuses_ends_in_3(
    address: apiserver.Address, bare: Client, user_packs: Path, tmp_path: Path, run, token: str, words: str
) -> None:
    file = address.kubeconfig(tmp_path / "kubeconfig", token=token)
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", file)
    assert (ended.code, ended.out) == (3, "")
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_certificate_that_the_kubeconfig_does_not_trust_ends_in_3(
    address: apiserver.Address, bare: Client, user_packs: Path, tmp_path: Path, run
) -> None:
    file = address.kubeconfig(tmp_path / "kubeconfig")
    file.write_text(file.read_text().replace(f', certificate-authority: "{address.authority}"', ""))
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", file)
    assert (ended.code, ended.out) == (3, "")
    assert "certificate" in ended.err


def test_a_port_where_nobody_listens_ends_in_3(
    address: apiserver.Address, user_packs: Path, tmp_path: Path, run
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", address.kubeconfig(tmp_path / "k", url=url))
    assert (ended.code, ended.out) == (3, "")
    assert f"can't reach the cluster at {url}" in ended.err
