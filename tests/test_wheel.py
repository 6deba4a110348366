"""The wheel: installed into a clean environment and run from any folder, it does what the checkout does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from kit import ROOT

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from a copy of what git tracks, so that nothing that lies about comes in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source],
        check=True,
        capture_output=True,
    )
    (made,) = out.glob("serinus-*.whl")
    return made


@pytest.fixture(scope="module")
def serinus(wheel, tmp_path_factory):
    """The console command of an environment that holds the wheel and its dependencies alone."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    subprocess.run([home / "bin/python", "-m", "pip", "install", "--quiet", wheel], check=True)
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(*argv, stdin=""):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return subprocess.run(
            [home / "bin/serinus", *argv],
            cwd=elsewhere,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_templates_and_packs_travel_in_the_wheel_and_tests_do_not(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "generator/store/served/serinus_onnx.py" in names
    templates = {str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.j2")}
    assert {f"generator/_templates/{name}" for name in templates} <= set(names)
    assert any(name.startswith("generator/schemas/packs/kserve/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]
    assert wheel.stat().st_size < 3_000_000


def test_the_same_bytes_as_from_the_checkout(serinus):
    example = str(ROOT / "examples/digits/serinus.yaml")
    here = subprocess.run(
        [sys.executable, "-m", "generator", "render", example, "-q"], capture_output=True, text=True, check=True
    )
    there = serinus("render", example, "-q")
    assert (there.returncode, there.stderr) == (0, "")
    assert there.stdout == here.stdout


def test_what_is_rendered_is_valid(serinus):
    rendered = serinus("render", str(ROOT / "examples/digits/serinus.yaml"), "-q").stdout
    ended = serinus("validate", "-", stdin=rendered)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_init_writes_a_file(serinus, tmp_path):
    assert serinus("init", str(tmp_path / "new")).returncode == 0
    assert (tmp_path / "new/serinus.yaml").is_file()


def test_a_command_whose_extra_is_missing_names_it_in_one_line(serinus, tmp_path):
    serinus("init", str(tmp_path / "new"))
    ended = serinus("lock", str(tmp_path / "new/serinus.yaml"))
    assert ended.returncode == 2
    assert "pip install 'serinus-….whl[store]'" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
