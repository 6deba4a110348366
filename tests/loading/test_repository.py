"""``serinus.toml``: where it is looked for, what it may say, which files it takes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import InputError, OutsideError
from generator.loading import repository
from generator.loading.repository import Settings

FULL = """\
[validate]
platform = ["kserve@0.19"]
kubernetes = "1.34"
ignore = ["KSV101"]
exclude = ["vendor/"]
fail-on = "warning"
strict = true
complete = true
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    file = tmp_path / "serinus.toml"
    file.write_text(FULL)
    assert repository.read(file) == Settings(
        file, ("kserve@0.19",), ("1.34",), ("KSV101",), ("vendor/",), "warning", True, True
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "[validate]\n"])
def test_a_file_that_says_nothing_changes_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "serinus.toml"
    file.write_text(text)
    assert repository.read(file) == Settings(file)


class TestWhereItIsLookedFor:
    @pytest.fixture
    def deep(self, tmp_path: Path) -> Path:
        deep = tmp_path / "repository" / "a" / "b"
        deep.mkdir(parents=True)
        return deep

    @pytest.mark.parametrize("at", [".", "..", "../.."])
    def test_in_the_folder_and_above_it_in_the_repository(self, deep: Path, at: str) -> None:
        (deep / "../../.git").mkdir()
        (deep / at / "serinus.toml").write_text("")
        assert repository.find(deep) == (deep / at).resolve() / "serinus.toml"

    def test_the_nearest_wins(self, deep: Path) -> None:
        (deep / "../../.git").mkdir()
        for at in ("..", "../.."):
            (deep / at / "serinus.toml").write_text("")
        assert repository.find(deep) == deep.parent / "serinus.toml"

    def test_not_above_the_repository(self, deep: Path) -> None:
        (deep / "../../.git").write_text("gitdir: a worktree has a file\n")
        (deep / "../../../serinus.toml").write_text("")
        assert repository.find(deep) is None

    def test_not_above_the_folder_where_there_is_no_repository(self, deep: Path) -> None:
        (deep / "../serinus.toml").write_text("")
        assert repository.find(deep) is None
        assert repository.load(deep) == Settings()


def test_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(OutsideError, match="can't tell which folder this is"):
        repository.load(Path())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[validate\n", "serinus.toml:1:10: this is no TOML: "),
        ("[validate]\nstrict = yes\n", "serinus.toml:2:10: this is no TOML: "),
        (f"a = {'9' * 5000}\n", "serinus.toml: this is no TOML: a number has thousands of digits. Remove it."),
        ("[validat]\n", "unknown key 'validat'. (at validat) Did you mean validate?"),
        ("validate = 1\n", "validate is a table."),
        ("[validate]\nfail_on = 'error'\n", "unknown key 'fail_on'. (at validate.fail_on) Did you mean fail-on?"),
        ("[validate]\nwhatever = 1\n", "Known: platform, kubernetes, ignore, exclude, fail-on, strict, complete."),
        ("[validate]\nplatform = 'kserve@0.20'\n", "a list of texts wanted. (at validate.platform)"),
        ("[validate]\nkubernetes = 1.34\n", "a text wanted. (at validate.kubernetes)"),
        ("[validate]\nignore = [101]\n", "a list of texts wanted. (at validate.ignore)"),
        ("[validate]\nstrict = 1\n", "true or false wanted. (at validate.strict)"),
        ("[validate]\nfail-on = true\n", "a text wanted. (at validate.fail-on)"),
        (b"\xff", "this is not UTF-8."),
    ],
)
def test_what_it_cannot_say(tmp_path: Path, text: str | bytes, says: str) -> None:
    file = tmp_path / "serinus.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as raised:
        repository.read(file)
    assert says in str(raised.value)
    assert str(raised.value).startswith(str(file))


@pytest.mark.parametrize(
    ("pattern", "out", "kept"),
    [
        ("a.yaml", ["a.yaml", "b/a.yaml"], ["aa.yaml", "a.yaml.json", "xa.yaml"]),
        ("/a.yaml", ["a.yaml"], ["b/a.yaml"]),
        ("*.json", ["a.json", "b/c.json"], ["a.yaml"]),
        ("vendor/", ["vendor/a.yaml", "b/vendor/c/a.yaml"], ["vendors/a.yaml"]),
        ("vendor", ["vendor/a.yaml"], ["vendor.yaml"]),
        ("b/*.yaml", ["b/a.yaml"], ["b/c/a.yaml", "x/b/a.yaml"]),
        ("b/**", ["b/a.yaml", "b/c/a.yaml"], ["c/b.yaml"]),
        ("**/testdata/**", ["testdata/a.yaml", "b/testdata/c/a.yaml"], ["b/testdata.yaml"]),
        ("**/a?.yaml", ["ab.yaml", "c/ab.yaml"], ["a.yaml", "a/.yaml"]),
        ("a/**/c/*.yaml", ["a/c/x.yaml", "a/b/c/x.yaml", "a/c/c/x.yaml"], ["c/x.yaml", "a/c/d/x.yaml", "a/x.yaml"]),
        ("*a*b*.yaml", ["ab.yaml", "xaxbx.yaml", "c/aab.yaml"], ["ba.yaml", "a/b.yaml"]),
        ("**", ["a.yaml", "b/a.yaml"], []),
        ("a**c", ["abc", "ac", "x/abc"], ["a/c"]),
        ("a.b+(c)", ["a.b+(c)"], ["axb+(c)", "a.bb(c)"]),
        ("*a" * 40 + "*b", ["a" * 41 + "b"], ["a" * 200, "a" * 39 + "b"]),
        ("**/*a*/" * 12 + "b", ["a/" * 12 + "b"], ["a/" * 60 + "c", "a/" * 11 + "b"]),
    ],
)
def test_globs(tmp_path: Path, pattern: str, out: list[str], kept: list[str]) -> None:
    settings = Settings(tmp_path / "serinus.toml", exclude=(pattern,))
    assert [name for name in (*out, *kept) if settings.excludes(str(tmp_path / name))] == out
    assert not settings.excludes("/elsewhere/a.yaml")


def test_excluded_as_seen_from_the_file_wherever_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "b")
    settings = Settings(tmp_path / "serinus.toml", exclude=("b/a.yaml",))
    assert settings.excludes("a.yaml")
    assert not settings.excludes("../a.yaml")
