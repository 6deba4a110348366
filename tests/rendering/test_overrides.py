"""Templates of the user's own: what is wrong with one is said at its path and line."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from jinja2.exceptions import SecurityError

from generator.decoding.nodes import parse
from generator.errors import InputError, OutsideError
from generator.loading.load import build
from generator.rendering.overrides import concern
from generator.rendering.render import render
from generator.rendering.templating import builtin_templates, environment_of
from kit import SERVICE, locked

if TYPE_CHECKING:
    from pathlib import Path

ROUTE = "gateway-api/httproute.yaml.j2"
PREDICTOR = "kserve/predictor.yaml.j2"
OURS = (builtin_templates() / ROUTE).read_text()


def rendered(templates: Path) -> list[dict]:
    service = build(parse(SERVICE, "serinus.yaml"), "serinus.yaml")
    return list(yaml.safe_load_all(render(service, locked(), templates=templates).text))


@pytest.fixture
def own(tmp_path: Path):
    """Write templates into a folder of overrides."""

    def write(**files: str | bytes) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def changed(old: str, new: str) -> str:
    assert old in OURS
    return OURS.replace(old, new, 1)


def test_an_override_that_is_still_the_object_is_taken(own):
    (_, route) = rendered(own(**{ROUTE: changed("  hostnames:", "  hostnames:\n    - other.example.com")}))
    assert route["spec"]["hostnames"][0] == "other.example.com"


@pytest.mark.parametrize(
    "text",
    [OURS.rstrip("\n"), "\ufeff" + OURS, OURS.replace("\n", "\r\n"), OURS + "\n\n", "# ours\n" + OURS, "---\n" + OURS],
    ids=["no last line break", "byte order mark", "windows", "blank lines", "comment", "dashes"],
)
def test_what_editors_leave_behind_does_no_harm(own, text):
    assert [document["kind"] for document in rendered(own(**{ROUTE: text}))] == ["InferenceService", "HTTPRoute"]


WRONG = {
    "an undefined name": (changed("gateway.name", "gatewy.name"), 8, "'gatewy' is undefined"),
    "a missing attribute": (changed("gateway.name", "gateway.nam"), 8, "has no attribute 'nam'"),
    "a syntax error": (changed("{% endif %}", "{% endfi %}"), 11, "unknown tag 'endfi'"),
    "an unknown filter": (changed("{{ host }}", "{{ host | lowr }}"), 13, "No filter named 'lowr'"),
    "a filter's error": (changed("block(4)", "block('x')"), 15, "can only concatenate str"),
    "a filter without its argument": (changed("{{ host }}", "{{ [1] | map | first }}"), 13, "map requires a filter argument"),
    "a value that is none": (changed("{{ host }}", "{{ gateway }}"), 13, "is no single value"),
    "nothing for a value": (changed("{{ host }}", "{{ none }}"), 13, "NoneType 'None' is no single value"),
    "a division": (changed("{{ host }}", "{{ 1 / 0 }}"), 13, "division by zero"),
    "a call of what is no function": (changed("{{ host }}", "{{ host() }}"), 13, "'str' object is not callable"),
    "an include of nothing": (changed("common/metadata", "common/metdata"), 3, "there is no template common/metdata"),
    "an include of one of two": (
        changed('"common/metadata.yaml.j2"', '["a.j2", "b.j2"]'),
        3,
        "there is no template b.j2",
    ),
    "an include of itself": (changed("common/metadata", "gateway-api/httproute"), 3, "includes itself without end"),
    "no YAML": (changed("  hostnames:", "  hostnames: [\n  a: b: c\n  x:"), 13, "is no YAML"),
    "a tab": (changed("  hostnames:", "\thostnames:"), 12, "is no YAML"),
    "broken by a value": (changed("    {{ rules", "  {{ rules"), 15, "is no YAML"),
    "another kind": (changed("HTTPRoute", "GRPCRoute"), 2, "kind is GRPCRoute, where HTTPRoute digits-split is meant"),
    "no kind": (changed("kind: HTTPRoute\n", ""), 1, "kind is missing"),
    "another name": (changed('{% include "common/metadata.yaml.j2" %}', "metadata:\n  name: x"), 4, "metadata.name is x"),
    "no name": (changed('{% include "common/metadata.yaml.j2" %}', "metadata: {}"), 3, "metadata.name is missing"),
    "no metadata": (changed('{% include "common/metadata.yaml.j2" %}\n', ""), 1, "metadata.name is missing"),
    "a list": ("- a\n", 1, "is no YAML"),
    "a text": ("text\n", 1, "is no YAML"),
    "nothing at all": ("", 1, "nothing comes out of this template"),
    "a comment alone": ("# {{ name }}\n", 1, "nothing comes out of this template"),
    "two objects": (OURS + "---\nkind: Service\n", 17, "several objects come out"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=list(WRONG))
def test_a_wrong_override_is_named_with_its_line(own, case):
    text, line, message = WRONG[case]
    folder = own(**{ROUTE: text})
    with pytest.raises(InputError) as raised:
        rendered(folder)
    assert str(raised.value).startswith(f"{folder / ROUTE}:{line}:1: "), str(raised.value)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


HOSTILE = {
    "a function's globals": "{{ cycler.__init__.__globals__.os.system('touch PWNED') }}",
    "a class of everything": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "an attribute by a filter": "{{ ('' | attr('__class__')).__mro__ }}",
    "a format's field": "{{ '{0.__class__.__init__}'.format(host) }}",
    "a format of a mapping": "{{ '{a.__class__}'.format_map({'a': host}) }}",
    "an inner name of a macro": "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "a change of what it is filled with": "{{ rules.append(1) }}",
    "a product of a text": "{{ 'a' * 999999999 }}",
    "a product of a list": "{{ [0] * 999999999 }}",
    "a power": "{{ 10 ** 1000000000 }}",
    "a range": "{{ range(1000000000) | list }}",
    "a width": "{{ '%1000000000d' % 1 }}",
    "a filler": "{{ 'a'.ljust(1000000000) }}",
}

LARGE = {
    "a filter that centres": "{{ 'a' | center(9000000000) }}",
    "a filter that indents": "{{ 'a\\nb' | indent(9000000000) }}",
    "a filter that fills": "{{ [1] | batch(9000000000, 'x') | list }}",
    "a width of a format": "{{ '{:9000000000}'.format(1) }}",
    "a width that is given": "{{ '%*d' | format(2000000000, 1) }}",
    "a text that doubles": "{% set x = 'ab' %}" + "{% set x = x ~ x %}" * 40,
    "a macro that doubles": "{% macro m(x, n) %}{% if n %}{{ m(x ~ x, n - 1) }}{% endif %}{% endmacro %}{{ m('ab', 40) }}",
    "a text that is replaced": "{% set a = 'a' * 9999999 %}{{ a | replace('a', a) }}",
    "a block that doubles": "{% set x = 'ab' %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40,
}  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone holds a process to a limit of memory")
@pytest.mark.parametrize("case", LARGE, ids=list(LARGE))
def test_a_template_that_makes_much_of_little_is_refused_at_its_line(own, case):
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)
    folder = own(**{ROUTE: f"# ours\n{LARGE[case]}\n{OURS}"})
    started = time.perf_counter()
    with pytest.raises(InputError) as raised:
        rendered(folder)
    assert str(raised.value).startswith(f"{folder / ROUTE}:2:1: the template can't be filled"), str(raised.value)
    assert "more than 512 MB of memory" in str(raised.value)
    assert time.perf_counter() - started < 10
    assert resource.getrlimit(resource.RLIMIT_AS) == limit


@pytest.mark.parametrize("case", HOSTILE, ids=list(HOSTILE))
def test_a_template_that_reaches_for_more_than_values_is_refused_at_its_line(own, case, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    folder = own(**{ROUTE: f"# ours\n{HOSTILE[case]}\n{OURS}"})
    with pytest.raises(InputError) as raised:
        rendered(folder)
    assert str(raised.value).startswith(f"{folder / ROUTE}:2:1: the template can't be filled"), str(raised.value)
    assert ".." not in str(raised.value).removeprefix(f"{folder / ROUTE}"), "one full stop ends a sentence"
    assert not (tmp_path / "PWNED").exists()


def test_a_template_that_writes_without_end_is_refused(own):
    line = "# " + "x" * 1000
    folder = own(
        **{ROUTE: "{% for a in range(99999) %}{% for b in range(99999) %}" + line + "\n{% endfor %}{% endfor %}"}
    )
    with pytest.raises(InputError, match=f"{ROUTE}: the template writes more than 16 MB"):
        rendered(folder)


def test_a_path_among_the_values_is_no_way_to_the_disk(tmp_path):
    template = environment_of(None).from_string("{{ path.name }}{{ path.write_text('x') }}")
    with pytest.raises(SecurityError, match="write_text"):
        template.render(path=tmp_path / "written")
    assert not (tmp_path / "written").exists()


def test_a_link_out_of_the_folder_is_not_included(own, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text("# secret\n")
    folder = own(**{ROUTE: "{% include 'kserve/predictor.yaml.j2' %}\n" + OURS, "kserve/other.yaml.j2": "# fine\n"})
    (folder / PREDICTOR).symlink_to(secret)
    with pytest.raises(InputError, match="a link out of the templates' folder"):
        rendered(folder)
    (folder / PREDICTOR).unlink()
    (folder / PREDICTOR).symlink_to(folder / "kserve" / "other.yaml.j2")
    assert len(rendered(own(**{ROUTE: "{% include 'kserve/predictor.yaml.j2' %}\n" + OURS}))) == 2


def test_a_template_that_looks_at_its_own_text_is_named_without_its_line(own):
    folder = own(**{ROUTE: "{% set x %}a{% endset %}{% if x != 'a' %}{{ nothing }}{% endif %}\nkind: Other\n"})
    with pytest.raises(InputError, match="kind is Other, where HTTPRoute digits-split is meant") as raised:
        rendered(folder)
    assert raised.value.place.file == str(folder / ROUTE)


def test_a_wrong_part_is_named_and_not_what_includes_it(own):
    folder = own(**{PREDICTOR: "minReplicas: {{ predictor.minReplicas }}\nmodel: [\n"})
    with pytest.raises(InputError) as raised:
        rendered(folder)
    assert str(raised.value).startswith(f"{folder / PREDICTOR}:2:1: "), str(raised.value)


def test_a_template_of_another_encoding_is_named(own):
    folder = own(**{ROUTE: b"kind: \xff\n"})
    with pytest.raises(InputError, match="not UTF-8 at byte 6") as raised:
        rendered(folder)
    assert raised.value.place.file == str(folder / ROUTE)


def test_a_template_that_cannot_be_read_is_an_outside_error(own, monkeypatch):
    folder = own(**{ROUTE: OURS})
    monkeypatch.setattr(
        "jinja2.loaders.open",
        lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied")),
        raising=False,
    )
    with pytest.raises(OutsideError, match="Permission denied"):
        rendered(folder)


def test_our_own_templates_are_not_read_again(own, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "generator.rendering.overrides.hold", lambda _, sheet, body: asked.append(sheet.template) or body
    )
    rendered(own(**{PREDICTOR: (builtin_templates() / PREDICTOR).read_text()}))
    assert asked == ["kserve/inferenceservice.yaml.j2"]


@pytest.mark.parametrize(
    ("template", "concerned"),
    [(ROUTE, False), (PREDICTOR, True), ("kserve/inferenceservice.yaml.j2", True), ("common/metadata.yaml.j2", False)],
)
def test_a_part_concerns_what_includes_it(own, template, concerned):
    assert concern(own(**{PREDICTOR: "a: b\n"}), template) is concerned
