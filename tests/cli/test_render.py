"""``serinus render`` and ``serinus platforms``, as a user types them."""

import json
from pathlib import Path

import pytest
import yaml

from generator.plan import lock
from hostile import HOSTILE, Exact
from kit import ROLLING, SERVICE, locked


def test_documents_go_to_standard_output_and_notes_to_standard_error(run, folder):
    ended = run("render", folder / "serinus.yaml", "--set", "platform.mode=knative")
    assert ended.code == 0
    assert [document["kind"] for document in yaml.safe_load_all(ended.out)] == ["InferenceService"]
    assert "must already be rolled out" in ended.err
    assert run("render", folder / "serinus.yaml", "--set", "platform.mode=knative", "-q").err == ""


def test_two_renders_are_byte_equal(run, folder):
    assert (
        run("render", folder / "serinus.yaml", "-e", "prod").out
        == run("render", folder / "serinus.yaml", "-e", "prod").out
    )


def test_the_bytes_do_not_tell_where_they_were_made(run, folder, monkeypatch):
    here = run("render", folder / "serinus.yaml").out
    monkeypatch.chdir(folder)
    assert run("render", "serinus.yaml").out == here
    assert str(folder) not in here


@pytest.mark.parametrize("value", [value for value in HOSTILE if "\0" not in value])
def test_a_hostile_annotation_comes_back_on_every_object(run, folder, value):
    ended = run("render", folder / "serinus.yaml", "--set", f"annotations.probe={value}")
    found = [document["metadata"]["annotations"]["probe"] for document in yaml.load_all(ended.out, Exact)]
    assert found == [value, value]


def test_a_folder_gets_files_and_standard_output_nothing(run, folder):
    ended = run("render", folder / "serinus.yaml", "-o", folder / "out")
    assert (ended.code, ended.out) == (0, "")
    assert "3 written" in ended.err
    assert (folder / "out" / "kustomization.yaml").is_file()


def test_a_folder_that_is_rendered_into_again_tells_what_the_change_risks(run, folder):
    file, into = folder / "serinus.yaml", folder / "out"
    canary = file.read_text()
    file.write_text(ROLLING)
    for _ in range(2):
        assert "applied over" not in run("render", file, "-o", into).err
    file.write_text(canary)
    noted = run("render", file, "-o", into, "--set", "strategy.canary.by=gateway")
    assert (
        "note: digits: applied over what this folder held, requests are lost: once HTTPRoute digits-split" in noted.err
    )
    assert "1. Apply all but HTTPRoute digits-split" in noted.err
    file.write_text(ROLLING)
    assert run("render", file, "-o", into, "--quiet").err == ""


def test_an_own_template_takes_the_place_of_ours(run, folder):
    own = folder / "templates" / "gateway-api"
    own.mkdir(parents=True)
    (own / "httproute.yaml.j2").write_text("kind: HTTPRoute\nmetadata: {name: {{ name }}}\n")
    ended = run("render", folder / "serinus.yaml", "--templates", folder / "templates")
    assert list(yaml.safe_load_all(ended.out))[1] == {"kind": "HTTPRoute", "metadata": {"name": "digits-split"}}


def test_templates_of_the_repository_are_taken_unless_others_are_named(run, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for name in ("ours", "others"):
        (folder / name / "gateway-api").mkdir(parents=True)
        text = f"kind: HTTPRoute\nmetadata: {{name: {{{{ name }}}}}}\nfrom: {name}\n"
        (folder / name / "gateway-api" / "httproute.yaml.j2").write_text(text)
    (folder / "serinus.toml").write_text('[render]\ntemplates = "ours"\n')
    assert "from: ours" in run("render", "serinus.yaml").out
    assert "from: others" in run("render", "serinus.yaml", "--templates", "others").out


def test_defaults_of_the_repository_are_rendered(run, folder):
    before = run("render", folder / "serinus.yaml").out
    (folder / "serinus.toml").write_text('[service]\nlabels.team = "vision"\n')
    documents = list(yaml.safe_load_all(run("render", folder / "serinus.yaml").out))
    assert [document["metadata"]["labels"]["team"] for document in documents] == ["vision", "vision"]
    (folder / "serinus.toml").write_text("[validate]\nstrict = true\n")
    assert run("render", folder / "serinus.yaml").out == before


def test_a_wrong_serinus_toml_ends_with_2(run, folder):
    (folder / "serinus.toml").write_text("[service]\nreplicas.mni = 1\n")
    ended = run("render", folder / "serinus.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "serinus.toml:2:10: unknown key 'mni'. (at service.replicas.mni) Did you mean 'min'?" in ended.err


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("a: 1\nb: {{ nothing }}\n", 2, "'nothing' is undefined"),
        ("a: {% if %}\n", 1, "Expected an expression"),
        ("a: 1\nb: {{ labels }}\n", 2, "is no single value"),
        ("a: {{ name.x.y }}\n", 1, "has no attribute 'x'"),
    ],
)
def test_a_wrong_template_is_named_with_its_line(run, folder, template, line, message):
    own = folder / "templates" / "gateway-api"
    own.mkdir(parents=True)
    (own / "httproute.yaml.j2").write_text(template)
    ended = run("render", folder / "serinus.yaml", "--templates", folder / "templates")
    assert (ended.code, ended.out) == (2, "")
    assert f"httproute.yaml.j2:{line}:1: " in ended.err
    assert message in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "there is no such file"),
        (["serinus.yaml", "-e", "prd"], "no environment 'prd'"),
        (["serinus.yaml", "--templates", "none"], "no such folder"),
        (["serinus.yaml", "--force"], "no effect"),
        (["serinus.yaml", "--set", "replicas.mni=1"], "Did you mean 'min'?"),
    ],
)
def test_wrong_input_ends_with_2_and_one_paragraph(run, folder, monkeypatch, arguments, message):
    monkeypatch.chdir(folder)
    ended = run("render", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


def test_one_wrong_file_of_two_renders_nothing(run, folder):
    assert run("render", folder / "serinus.yaml", folder / "none.yaml").out == ""


class TestSeveralFiles:
    """Several service files in one call."""

    @pytest.fixture
    def letters(self, folder, monkeypatch):
        """A second service beside the first, pinned in the same lock."""
        monkeypatch.chdir(folder)
        (folder / "letters.yaml").write_text(SERVICE.replace("name: digits\n", "name: letters\n"))
        both = locked().with_section("letters", locked().services["digits"])
        lock.write(folder / lock.FILE, both)
        return folder

    def test_one_stream_in_the_order_of_the_files(self, run, letters):
        out = run("render", "letters.yaml", "serinus.yaml").out
        names = [document["metadata"]["name"] for document in yaml.safe_load_all(out)]
        assert names == ["letters", "letters-split", "digits", "digits-split"]
        assert out == f"{run('render', 'letters.yaml').out}---\n{run('render', 'serinus.yaml').out}"

    def test_one_folder_with_one_kustomization(self, run, letters):
        assert "5 written" in run("render", "serinus.yaml", "letters.yaml", "-o", "out").err
        assert "0 written, 0 removed, 5 unchanged" in run("render", "letters.yaml", "serinus.yaml", "-o", "out").err
        resources = yaml.safe_load((letters / "out/kustomization.yaml").read_text())["resources"]
        assert resources == sorted(
            f"{kind}-{name}.yaml"
            for kind, name in (
                ("httproute", "digits-split"),
                ("httproute", "letters-split"),
                ("inferenceservice", "digits"),
                ("inferenceservice", "letters"),
            )
        )

    def test_the_folder_is_that_of_both(self, run, letters):
        run("render", "serinus.yaml", "letters.yaml", "-o", "out")
        ended = run("render", "serinus.yaml", "-o", "out")
        assert (ended.code, ended.out) == (2, "")
        assert "this folder holds digits, letters for no environment, not digits for no environment" in ended.err

    @pytest.mark.parametrize("output", [[], ["-o", "out"]], ids=["stream", "folder"])
    @pytest.mark.parametrize("second", ["serinus.yaml", "./serinus.yaml", "twin.yaml"])
    def test_the_same_object_twice_is_refused(self, run, letters, second, output):
        (letters / "twin.yaml").write_text(SERVICE)
        ended = run("render", "serinus.yaml", second, *output)
        assert (ended.code, ended.out) == (2, "")
        assert (
            f"{Path(second)}:3:7: InferenceService digits in models is rendered twice, by serinus.yaml too."
            in ended.err
        )
        assert not (letters / "out").exists()

    def test_one_name_in_two_namespaces_is_two_objects(self, run, letters):
        (letters / "twin.yaml").write_text(SERVICE.replace("namespace: models\n", "namespace: others\n", 1))
        documents = list(yaml.safe_load_all(run("render", "serinus.yaml", "twin.yaml").out))
        assert {document["metadata"]["namespace"] for document in documents} == {"models", "others"}

    def test_an_environment_is_that_of_all(self, run, letters):
        (letters / "letters.yaml").write_text((letters / "letters.yaml").read_text().replace("  prod:", "  live:"))
        ended = run("render", "serinus.yaml", "letters.yaml", "-e", "prod")
        assert (ended.code, ended.out) == (2, "")
        assert "letters.yaml: there is no environment 'prod'." in ended.err


def test_platforms_prints_the_table_of_capabilities(run):
    table = json.loads(run("platforms", "--format", "json").out)
    cells = {(row["platform"], mode, row["strategy"], row["level"]) for row in table for mode in row["modes"]}
    assert {("kserve", "standard", "canary", "gateway"), ("kserve", "knative", "canary", "native")} <= cells
    text = run("platforms").out
    assert all(row["sentence"] in text for row in table)
    assert run("platforms", "--format", "yaml").code == 2
    assert "Did you mean 'kserve'" in run("platforms", "kserv").err
    assert "Known releases" in run("platforms", "kserve@9.9").err
    assert run("platforms", "kserve@0.20").out.startswith("\nKServe (kserve)")


def test_what_no_pod_can_have_is_refused_at_its_line(run, folder):
    file = folder / "serinus.yaml"
    file.write_text(file.read_text() + "pod: {tolerations: [{key: gpu, operator: Equals}]}\n")
    ended = run("render", file)
    assert (ended.code, ended.out) == (2, "")
    assert f"serinus.yaml:{len(file.read_text().splitlines())}:" in ended.err
    assert "'Equals' is no operator of a toleration" in ended.err
