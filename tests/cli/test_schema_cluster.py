"""``serinus schema import --from-cluster`` where no cluster answers; what a real one says is in ``tests/cluster``."""

from __future__ import annotations

import re
import socket
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: there
contexts: [{name: there, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "URL"}}]
users: [{name: u, user: {token: t}}]
"""


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    """A good kubeconfig of a cluster that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    file = tmp_path / "kubeconfig"
    file.write_text(KUBECONFIG.replace("URL", f"https://127.0.0.1:{port}"))
    return file


def test_a_cluster_that_is_not_there_ends_in_3(run, kubeconfig):
    pytest.importorskip("kubernetes")
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", kubeconfig)
    assert (ended.code, ended.out) == (3, "")
    assert "can't reach the cluster at https://127.0.0.1:" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_the_environment_names_the_kubeconfig_as_for_kubectl(kubeconfig):
    pytest.importorskip("kubernetes")
    import os
    import subprocess

    command = [sys.executable, "-m", "generator", "schema", "import", "--from-cluster"]
    ended = subprocess.run(
        command, env={**os.environ, "KUBECONFIG": str(kubeconfig)}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3
    assert "can't reach the cluster at https://127.0.0.1:" in ended.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("{", "says nothing usable"),
        ("kind: Config\n", "says nothing usable"),
        ("- a\n", "says nothing usable"),
        ("text\n", "says nothing usable"),
        ("contexts: {a: b}\n", "says nothing usable"),
        ("contexts: [5]\ncurrent-context: a\n", "says nothing usable"),
        (KUBECONFIG.replace('server: "URL"', "server: 5"), "says nothing usable"),
        ("\x80", "says nothing usable"),
        (KUBECONFIG.replace("current-context: there", "current-context: elsewhere"), "elsewhere"),
        (KUBECONFIG.replace("cluster: c, user", "cluster: d, user"), "name d"),
    ],
)
def test_a_kubeconfig_that_says_nothing_usable_ends_in_2(run, tmp_path, content, words):
    pytest.importorskip("kubernetes")
    file = tmp_path / "kubeconfig"
    file.write_bytes(content.encode("latin-1"))
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", file)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def test_a_kubeconfig_that_is_not_there_ends_in_3(run, tmp_path):
    pytest.importorskip("kubernetes")
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", tmp_path / "none")
    assert (ended.code, ended.out) == (3, "")
    assert "no such file" in ended.err


def test_without_the_extra_the_error_says_what_to_install(run, kubeconfig, monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    ended = run("schema", "import", "--from-cluster", "--kubeconfig", kubeconfig)
    assert (ended.code, ended.out) == (2, "")
    assert re.search(r"pip install -e '.*\[cluster\]'", ended.err)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "or --from-cluster"),
        (["crds/", "--from-cluster"], "not both"),
        (["crds/", "--context", "a"], "no effect without --from-cluster"),
        (["crds/", "--group", "a.b"], "no effect without --from-cluster"),
    ],
)
def test_options_that_contradict_one_another_end_in_2(run, options, words):
    ended = run("schema", "import", *options)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
