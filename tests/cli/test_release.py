"""``serinus release``: the whole way on real data, once; then what the second time, a higher bar and a broken file do."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from kit import ROOT

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the example, in which a short first and a longer second release were made."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("release")
    shutil.copy(ROOT / "examples/digits/serinus.yaml", folder)

    def release(*argv):
        return subprocess.run(
            [sys.executable, "-m", "generator", "release", "serinus.yaml", *argv],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

    folder_of = {"release": release, "path": folder}
    first = release("--set", "model.train.epochs=5")
    assert first.returncode == 0, first.stderr
    assert "nothing to split" in first.stderr
    second = release()
    assert second.returncode == 0, second.stderr
    assert second.stdout == "build/digits/manifests\n"
    return folder_of


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def records(folder):
    return {path.parent.name: json.loads(path.read_text()) for path in folder.rglob("release.json")}


def test_two_releases_are_published_and_clear_the_bar(home):
    found = records(home["path"])
    assert set(found) == {"1", "2"}
    assert all(record["metrics"]["accuracy"] >= 0.95 for record in found.values())
    assert found["1"]["trainingKey"] != found["2"]["trainingKey"]


def test_the_manifests_split_between_the_two(home):
    manifests = home["path"] / "build/digits/manifests"
    service = yaml.safe_load((manifests / "inferenceservice-digits.yaml").read_text())
    assert service["spec"]["predictor"]["name"] == "r1"
    assert service["spec"]["canary"][0]["predictor"]["name"] == "r2"
    lock = yaml.safe_load((home["path"] / "serinus.lock").read_text())
    digest = records(home["path"])["2"]["digest"]
    assert lock["services"]["digits"]["canary"]["digest"] == f"sha256:{digest}"


def test_a_second_time_changes_nothing(home):
    before = tree(home["path"])
    again = home["release"]()
    assert again.returncode == 0
    assert "nothing to train or to publish" in again.stderr
    assert tree(home["path"]) == before


def test_one_document_is_counted_as_one(home, tmp_path):
    seldon = ("platform.kind=seldon-core-1", "platform.version=1.18", "platform.mode=istio")
    sets = [word for text in seldon for word in ("--set", text)]
    done = home["release"](*sets, "-o", str(tmp_path / "manifests"))
    assert done.returncode == 0, done.stderr
    assert "; 1 document, valid\n" in done.stderr


def test_a_lost_build_folder_is_no_reason_to_train(home, tmp_path):
    copy = shutil.copytree(home["path"], tmp_path / "copy")
    shutil.rmtree(copy / "build/digits")
    import subprocess
    import sys

    again = subprocess.run(
        [sys.executable, "-m", "generator", "release", "serinus.yaml"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "nothing to train or to publish" in again.stderr
    assert not (copy / "build/digits/artifact").exists()
    assert tree(copy / "build/digits/manifests") == tree(home["path"] / "build/digits/manifests")


def test_a_bar_that_is_not_cleared_publishes_nothing(home):
    before = tree(home["path"] / "build/store")
    refused = home["release"]("--set", "model.gate.accuracy=>= 0.9999")
    assert refused.returncode == 1
    assert "accuracy" in refused.stderr
    assert tree(home["path"] / "build/store") == before


def test_what_cannot_be_rendered_is_refused_before_anything_is_trained(home):
    before = tree(home["path"])
    refused = home["release"]("--set", "platform.mode=serverless", "--set", "model.train.epochs=7")
    assert refused.returncode == 2
    assert "no mode 'serverless'" in refused.stderr
    assert tree(home["path"]) == before
