"""``serinus templates``: taking one of ours to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.errors import InputError
from generator.rendering import catalogue
from generator.rendering.overrides import concern
from generator.rendering.templating import builtin_templates, environment_of

if TYPE_CHECKING:
    from pathlib import Path

ROUTE = "gateway-api/httproute.yaml.j2"


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    for cached in (environment_of, concern):
        cached.cache_clear()  # the same relative name is another folder here
    return folder


def ours(path: str) -> bytes:
    return (builtin_templates() / path).read_bytes()


class TestList:
    def test_a_line_a_template_with_its_kind(self, run):
        lines = run("templates", "list").out.splitlines()
        words = {line.split()[0]: line.partition(" ")[2].strip() for line in lines}
        assert words[ROUTE] == "HTTPRoute"
        assert words["kserve/inferenceservice.yaml.j2"] == "InferenceService"
        assert words["kserve/predictor.yaml.j2"] == "a part of kserve/inferenceservice.yaml.j2"
        assert list(words) == sorted(words)

    def test_what_is_always_ours_is_not_listed(self, run):
        assert not {path for path in run("templates", "list").out.split() if path.startswith(catalogue.FIXED)}

    @pytest.mark.parametrize("template", catalogue.templates(), ids=lambda template: template.path)
    def test_no_template_renders_a_kind_and_is_a_part(self, template):
        assert not (template.kind and template.users)


class TestEject:
    @pytest.mark.parametrize("wanted", [ROUTE, "HTTPRoute", "httproute", "HTTPROUTE"])
    def test_by_path_or_by_kind_in_any_case(self, run, here, wanted):
        ended = run("templates", "eject", wanted)
        assert (ended.code, ended.out) == (0, f"templates/{ROUTE}\n")
        assert (here / "templates" / ROUTE).read_bytes() == ours(ROUTE)

    def test_a_part_of_others(self, run, here):
        assert run("templates", "eject", "kserve/predictor.yaml.j2", "-o", "own", "-q").err == ""
        assert (here / "own/kserve/predictor.yaml.j2").is_file()

    def test_twice_changes_nothing(self, run, here):
        run("templates", "eject", "HTTPRoute")
        stamp = (here / "templates" / ROUTE).stat().st_mtime_ns
        ended = run("templates", "eject", "HTTPRoute")
        assert (ended.code, ended.out) == (0, f"templates/{ROUTE}\n")
        assert "unchanged" in ended.err
        assert (here / "templates" / ROUTE).stat().st_mtime_ns == stamp

    def test_what_was_changed_stays_unless_forced(self, run, here):
        run("templates", "eject", "HTTPRoute")
        (here / "templates" / ROUTE).write_text("mine")
        ended = run("templates", "eject", "HTTPRoute")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(
            f"serinus: templates/{ROUTE}: this file is there already, and it differs from ours."
        )
        assert (here / "templates" / ROUTE).read_text() == "mine"
        assert run("templates", "eject", "HTTPRoute", "--force").code == 0
        assert (here / "templates" / ROUTE).read_bytes() == ours(ROUTE)

    def test_nothing_else_is_written(self, run, here):
        run("templates", "eject", "HTTPRoute")
        assert [path for path in (here / "templates").rglob("*") if path.is_file()] == [here / "templates" / ROUTE]

    def test_what_is_ejected_renders_the_same(self, run, here):
        before = run("render", "serinus.yaml")
        for template in catalogue.templates():
            run("templates", "eject", template.path)
        ended = run("render", "serinus.yaml", "--templates", "templates")
        assert (ended.out, ended.err) == (before.out, before.err)

    @pytest.mark.parametrize(
        ("wanted", "message"),
        [
            ("HTTPRoot", "no template is called HTTPRoot, and none renders it. Did you mean 'HTTPRoute'?"),
            ("gateway-api/httproute.yml.j2", f"Did you mean '{ROUTE}'?"),
            ("xyzzy", "Known kinds: "),
            ("../serinus.yaml", "no template is called ../serinus.yaml"),
            ("common/kustomization.yaml.j2", "is always ours: an own one would have no effect"),
            ("init/serinus.yaml.j2", "is always ours"),
        ],
    )
    def test_an_unknown_one_names_the_nearest(self, run, here, wanted, message):
        ended = run("templates", "eject", wanted)
        assert (ended.code, ended.out) == (2, "")
        assert message in ended.err
        assert not (here / "templates").exists()

    def test_a_kind_of_several_templates_lists_them(self, monkeypatch):
        two = (catalogue.Template("a/d.yaml.j2", "Deployment"), catalogue.Template("b/d.yaml.j2", "Deployment"))
        monkeypatch.setattr(catalogue, "templates", lambda: two)
        with pytest.raises(InputError, match=r"several templates render Deployment: a/d.yaml.j2, b/d.yaml.j2\."):
            catalogue.find("deployment")
        assert catalogue.find("b/d.yaml.j2") is two[1]

    def test_a_folder_in_the_way_is_an_outside_error(self, run, here):
        (here / "templates" / ROUTE).mkdir(parents=True)
        assert run("templates", "eject", "HTTPRoute").code == 2
        assert run("templates", "eject", "HTTPRoute", "--force").code == 3


class TestWithoutEffect:
    """An own template that nothing reads is told where others are used."""

    @pytest.mark.parametrize(
        ("path", "note"),
        [
            ("gateway-api/httproutes.yaml.j2", f"takes the place of no template of ours, so it has no effect. Did you mean '{ROUTE}'?"),
            ("common/kustomization.yaml.j2", "is always ours, so it has no effect."),
            ("init/serinus.yaml.j2", "is always ours, so it has no effect."),
        ],
    )  # fmt: skip
    def test_a_misnamed_one(self, run, here, path, note):
        (here / "own" / path).parent.mkdir(parents=True)
        (here / "own" / path).write_text("a: b\n")
        ended = run("render", "serinus.yaml", "--templates", "own")
        assert ended.code == 0
        assert f"note: own/{path}: {note}" in ended.err
        assert run("render", "serinus.yaml", "--templates", "own", "-q").err == ""

    @pytest.mark.parametrize("part", ["parts/own.yaml.j2", "gateway-api/own.yaml.j2"])
    def test_a_part_that_an_own_one_includes_is_none(self, run, here, part):
        for path, text in ((part, "# mine\n"), (ROUTE, ours(ROUTE).decode() + f'{{% include "{part}" %}}\n')):
            (here / "own" / path).parent.mkdir(parents=True, exist_ok=True)
            (here / "own" / path).write_text(text)
        ended = run("render", "serinus.yaml", "--templates", "own")
        assert ended.err == run("render", "serinus.yaml").err
        assert "# mine" in ended.out
