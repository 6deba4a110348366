"""Our reading of ``.gitignore`` against git's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from generator.checks.sources import gitignore
from generator.checks.sources.find import find

FILES = [
    *("a.yaml", "b.yml", "build/a.yaml", "build/deep/b.json", "src/build/c.yaml", "src/a.yaml", "src/keep.yaml"),
    *("#a.yaml", "!b.yaml", "with space.yaml", "trailing ", "a[1].yaml", "a1.yaml", "ab.yaml", "a-b.yaml", "x.yaml"),
    *("docs/x/y/z.yaml", "docs/z.yaml", "docs/x/z.yaml", "logs/1.json", "logs/keep/2.json", "tmp/a/b/c.yaml"),
    *("ü.yaml", "A.yaml", "a\\b.yaml", "foo/bar", "foo/baz/bar", "star*.yaml", "d.yaml", "]x.yaml", "nul/con.yaml"),
]
TEXTS = [
    "*.yaml\n!keep.yaml\n",
    "build/\n",
    "/build\n",
    "build/*\n!build/deep/\n",
    "src/build\n",
    "**/z.yaml\n",
    "docs/**/z.yaml\n",
    "docs/**\n",
    "docs/**/\n!docs/x/\n",
    "**/x/**\n",
    "**\n!a.yaml\n",
    "*/\n",
    "a?.yaml\n",
    "a[0-9].yaml\n",
    "a[!0-9].yaml\n",
    "a[^b].yaml\n",
    "a\\[1\\].yaml\n",
    "[[:upper:]].yaml\n",
    "[[:nonsense:]].yaml\n",
    "[]x]x.yaml\n",
    "[z-a].yaml\n",
    "a[-b]b.yaml\n",
    "[abc.yaml\n",
    "\\#a.yaml\n\\!b.yaml\n#x.yaml\n",
    "with space.yaml   \ntrailing\\ \n",
    "star\\*.yaml\n",
    "a\\\\b.yaml\n",
    "a.yaml\r\nx.yaml\r\n",
    "\ufeffa.yaml\n",
    "tmp/*/c.yaml\n",
    "tmp/**/c.yaml\n",
    "foo/bar\n",
    "bar\n!foo/bar\n",
    "foo/\n!foo/bar\n",
    "/*\n!/src\n/src/*\n!/src/keep.yaml\n",
    "logs/*\n!logs/keep\n",
    "a*b*.yaml\n",
    "*a*a*\n",
    "ü.yaml\n",
    "?.yaml\n",
    "??.yaml\n",
    "/\n//\n\n  \n",
    "nul/con.yaml/\n",
    "a**b.yaml\n",
    "[\\d].yaml\n",
    "[a-].yaml\n",
    "[-a].yaml\n",
    "[a-c-x].yaml\n",
    "[!a-w].yaml\n",
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in FILES:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path


def ours(root: Path) -> set[str]:
    """The files that are ignored, as a walk finds them."""
    kept: set[str] = set()
    layers: dict[str, tuple[gitignore.Layer, ...]] = {str(root): ()}
    for place, folders, names in os.walk(root):
        own = gitignore.layer(place)
        here = (*layers[place], own) if own else layers[place]
        above = gitignore.names_of(place)
        folders[:] = gitignore.without(here, above, folders, folder=True)
        layers.update({str(Path(place, name)): here for name in folders})
        left = gitignore.without(here, above, names, folder=False)
        kept.update(Path(place, name).relative_to(root).as_posix() for name in left)
    return set(every(root)) - kept


def every(root: Path) -> list[str]:
    found = (file.relative_to(root) for file in root.rglob("*") if file.is_file())
    return [str(file) for file in found if file.name != ".gitignore" and file.parts[0] != ".git"]


def gits(root: Path) -> set[str]:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    ended = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=root,
        input="\0".join(every(root)).encode(),
        capture_output=True,
        check=False,
    )
    assert ended.stderr == b""
    return {name for name in ended.stdout.decode().split("\0") if name}


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git says what is right, and it isn't here")


@needs_git
@pytest.mark.parametrize("text", TEXTS)
def test_as_git_reads_it(repository: Path, text: str) -> None:
    (repository / ".gitignore").write_text(text, newline="")
    assert ours(repository) == gits(repository)


@needs_git
def test_the_nearest_one_decides(repository: Path) -> None:
    (repository / ".gitignore").write_text("*.yaml\nlogs/\n")
    (repository / "src" / ".gitignore").write_text("!a.yaml\n/build/c.yaml\n")
    (repository / "logs" / ".gitignore").write_text("!*\n")
    (repository / "docs" / "x" / ".gitignore").write_text("!/y/z.yaml\n!z.yaml\n")
    assert ours(repository) == gits(repository)


def test_a_pattern_of_stars_ends() -> None:
    (pattern,) = gitignore.read("*a" * 40 + "b")
    started = time.perf_counter()
    assert not pattern.fits(["a" * 5000], folder=False)
    (folders,) = gitignore.read("/".join(["**/a"] * 40) + "/b")
    assert not folders.fits(["a"] * 2000, folder=False)
    assert time.perf_counter() - started < 1


def test_of_a_long_one_whole_lines_are_read_and_it_is_told(tmp_path: Path) -> None:
    comment = "# " + "x" * 97 + "\n"
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("gone/\n" + comment * 999 + "kept/" + "x" * 100 + "\n" + "late/\n")
    for folder in ("gone", "kept", "late"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.yaml").write_text("")
    found = find([str(tmp_path)])
    assert found.names == [str(tmp_path / folder / "a.yaml") for folder in ("kept", "late")]
    assert found.cut == [str(tmp_path / ".gitignore")]
