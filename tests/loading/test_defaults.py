"""``[service]`` and ``[render]`` of ``serinus.toml``: what lies under a repository's service files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from generator.decoding.nodes import parse
from generator.decoding.plain import DoubtError
from generator.errors import InputError, OutsideError
from generator.loading import defaults
from generator.loading import load as service_file
from kit import SERVICE

if TYPE_CHECKING:
    from pathlib import Path

    from generator.service import Service

TOML = """\
[service]
namespace = "shared"
serviceAccount = "everyone"
labels = { team = "vision", cost-centre = "42" }
annotations."example.com/owner" = "ml"
platform.version = "0.20"

[service.replicas]
max = 9

[service.resources]
limits = { cpu = 4, "nvidia.com/gpu" = "1" }
"""
FILE = SERVICE.replace("serviceAccount: models-reader\n", "").replace(
    "environments:\n", "environments:\n  dev: {labels: {team: ~}, serviceAccount: ~}\n"
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a ``serinus.toml`` at its top and a service file in a folder; where the test runs."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "digits").mkdir()
    (tmp_path / "serinus.toml").write_text(TOML)
    (tmp_path / "digits" / "serinus.yaml").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(**options) -> Service:
    return service_file.load("digits/serinus.yaml", **options)


class TestUnderTheFile:
    """What is laid under a service file, and what wins over it."""

    @pytest.mark.parametrize(
        ("environment", "sets", "get", "value"),
        [
            (None, [], lambda s: s.service_account, "everyone"),
            (None, [], lambda s: s.labels, {"team": "vision", "cost-centre": "42"}),
            (None, [], lambda s: s.annotations, {"example.com/owner": "ml"}),
            (None, [], lambda s: s.namespace, "models"),
            (None, [], lambda s: s.replicas.max, 6),
            (None, [], lambda s: s.resources.limits, {"cpu": "2", "nvidia.com/gpu": "1", "memory": "2Gi"}),
            ("staging", [], lambda s: (s.namespace, s.replicas.max, s.service_account), ("staging", 4, "everyone")),
            ("dev", [], lambda s: (s.labels, s.service_account), ({"cost-centre": "42"}, None)),
            ("dev", ["serviceAccount=me"], lambda s: s.service_account, "me"),
            (None, ["labels.team=audio"], lambda s: s.labels["team"], "audio"),
        ],
    )
    def test_the_file_wins_then_the_environment_then_set(self, repository, environment, sets, get, value):
        assert get(load(environment=environment, sets=sets)) == value

    def test_a_null_that_takes_no_default_away_is_judged_as_ever(self, repository):
        (repository / "digits/serinus.yaml").write_text(FILE.replace('{accuracy: ">= 0.95"}', "{accuracy: }"))
        with pytest.raises(InputError, match=r"^digits/serinus.yaml:10:20: text is wanted here"):
            load()

    def test_null_in_the_file_takes_a_default_away(self, repository):
        (repository / "digits/serinus.yaml").write_text(FILE + "labels: {team: ~}\nserviceAccount: null\n")
        service = load()
        assert (service.labels, service.service_account) == ({"cost-centre": "42"}, None)

    @pytest.mark.parametrize("environment", [None, "staging", "dev"])
    def test_both_lanes_say_the_same(self, repository, environment):
        under = defaults.of(repository / "digits")
        fast = service_file._quick(FILE, "serinus.yaml", environment, under)
        root = parse(FILE, "serinus.yaml")
        slow = service_file.build(root, "serinus.yaml", environment=environment, under=under)
        assert fast == slow
        for path in (("namespace",), ("labels", "team"), ("resources", "limits"), ("gone",), ("replicas", "max")):
            assert fast.place(*path) == slow.place(*path)

    def test_a_file_may_leave_out_what_has_a_default(self, repository):
        (repository / "digits/serinus.yaml").write_text(FILE.replace(', version: "0.20"', ""))
        assert load().platform.version == "0.20"

    def test_the_nearest_file_holds_alone(self, repository):
        (repository / "digits" / "serinus.toml").write_text('[service]\nserviceAccount = "mine"\n')
        service = load()
        assert (service.service_account, service.labels) == ("mine", {})

    def test_a_file_that_was_changed_is_read_again(self, repository):
        assert load().service_account == "everyone"
        (repository / "serinus.toml").write_text('[service]\nserviceAccount = "somebody-else"\n')
        assert load().service_account == "somebody-else"
        (repository / "serinus.toml").unlink()
        assert load().service_account is None

    def test_it_is_read_once_for_many_services(self, repository, monkeypatch):
        read = []
        monkeypatch.setattr(defaults.repository, "read_toml", lambda *each: read.append(each))
        monkeypatch.setattr(defaults, "_candidates", lambda *_: ())
        for _ in range(3):
            load()
        assert read == []

    def test_a_path_starts_at_the_service_file_as_if_it_stood_there(self, repository):
        (repository / "serinus.toml").write_text('[service]\nstore.publish = "build/store"\n')
        (repository / "digits/serinus.yaml").write_text(FILE.replace(", publish: ./build/store", ""))
        assert load().publish_url == str(repository / "digits/build/store")


class TestPlaces:
    """Messages point to where a value comes from."""

    @pytest.mark.parametrize(
        ("path", "place"),
        [
            (("serviceAccount",), "serinus.toml:3:18"),
            (("labels", "cost-centre"), "serinus.toml:4:43"),
            (("annotations",), "serinus.toml:5:1"),
            (("platform", "version"), "digits/serinus.yaml:5:35"),
            (("platform",), "digits/serinus.yaml:5:11"),
            (("resources", "limits", "nvidia.com/gpu"), "serinus.toml:12:40"),
            (("gone",), "digits/serinus.yaml:1:1"),
        ],
    )
    def test_a_part_stands_where_it_was_written(self, repository, path, place):
        assert str(load().place(*path)) == place

    def test_a_rule_that_a_default_breaks_names_the_default(self, repository):
        (repository / "serinus.toml").write_text("[service]\nreplicas.max = 1\n")
        (repository / "digits/serinus.yaml").write_text(FILE.replace("{min: 2, max: 6,", "{min: 2,"))
        with pytest.raises(InputError, match=r"^serinus.toml:2:16: max 1 is below min 2\. \(at replicas\.max\)"):
            load()

    def test_what_is_missing_is_missing_in_the_service_file(self, repository):
        (repository / "serinus.toml").write_text('[service]\nstore.endpoint = "https://s3.example.com"\n')
        (repository / "digits/serinus.yaml").write_text(FILE.replace("url: s3://models, ", ""))
        with pytest.raises(InputError, match=r"^digits/serinus.yaml:6:8: the key 'url' is missing"):
            load()

    def test_a_file_named_in_full_has_its_defaults_named_in_full(self, repository):
        service = service_file.load(repository / "digits/serinus.yaml")
        assert service.place("serviceAccount").file == str(repository / "serinus.toml")

    def test_from_inside_the_folder_the_name_leads_out(self, repository, monkeypatch):
        monkeypatch.chdir(repository / "digits")
        assert service_file.load("serinus.yaml").place("serviceAccount").file == "../serinus.toml"


REFUSED = {
    "an unknown key": ('namespce = "x"', "2:1", "unknown key 'namespce'. (at service.namespce) Did you mean namespace?"),
    "an unknown key inside": ("replicas.mxa = 2", "2:10", "unknown key 'mxa'. (at service.replicas.mxa) Did you mean 'max'?"),
    "a name": ('name = "x"', "2:1", "name can't have a default. (at service.name) It stands in each service file."),
    "a format": ('apiVersion = "serinus/v1"', "2:1", "apiVersion can't have a default."),
    "a kind": ('kind = "ModelService"', "2:1", "kind can't have a default."),
    "environments": ("environments = {}", "2:1", "environments can't have a default."),
    "a wrong type": ('replicas.min = "2"', "2:16", "a whole number is wanted here"),
    "a number where text is wanted": ("platform.version = 0.20", "2:20", 'Write it in quotes: "0.2"'),
    "a boolean where text is wanted": ("namespace = true", "2:13", "text is wanted here"),
    "a date": ("annotations.since = 2024-01-31", "2:21", "a date means nothing here. Write it in quotes."),
    "out of bounds": ("replicas.min = -1", "2:16", "-1 is below 0"),
    "no number": ("model.train.learningRate = nan", "2:28", "a number is wanted here, not .nan"),
    "an infinite number in Kubernetes' words": ("pod.x = -inf", "2:9", "-.inf can't stand in a manifest"),
    "a list item": ('[[service.variants]]\nname = "a b"', "3:8", "no variant name"),
    "no table": ("", "1:1", "service is a table. (at service) Write [service]."),
    "an environment": ('[render]\nenvironment = "prod"', "3:1", "would hide what is rendered"),
    "another key of render": ('[render]\ntemplate = "t"', "3:1", "Did you mean templates?"),
    "templates that are no text": ("[render]\ntemplates = 1", "3:1", 'Write templates = "templates".'),
    "templates of another repository": ('[render]\ntemplates = "../theirs"', "3:1", "../theirs lies outside this repository"),
    "templates of this machine": ('[render]\ntemplates = "/etc"', "3:1", "/etc lies outside this repository"),
    "another section": ("[services]", "2:2", "unknown key 'services'. (at services) Did you mean service?"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_what_it_cannot_say_is_said_with_its_place(repository, case):
    line, place, message = REFUSED[case]
    (repository / "serinus.toml").write_text(f"[service]\n{line}\n" if line else "service = 1\n")
    with pytest.raises(InputError) as raised:
        load()
    assert str(raised.value).startswith(f"serinus.toml:{place}: "), str(raised.value)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[service\n", "this is no TOML"),
        ("[service]\na = 1\na = 2\n", "this is no TOML"),
        ("a = " + "[" * 5000, "this is nested too deep"),
        ("a = " + "1" * 5000, "this is no TOML"),
    ],
    ids=["unclosed", "doubled", "deep", "huge"],
)
def test_what_is_no_toml_is_refused_in_one_paragraph(repository, text, message):
    (repository / "serinus.toml").write_text(text)
    with pytest.raises(InputError, match=message) as raised:
        load()
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_an_outside_error(repository):
    (repository / "serinus.toml").chmod(0)
    with pytest.raises(OutsideError):
        load()


def test_a_broken_service_file_is_told_before_its_defaults_are_asked(repository):
    (repository / "serinus.toml").write_text("[service\n")
    with pytest.raises(InputError, match="there is no such file"):
        service_file.load("digits/none.yaml")


def test_a_folder_of_that_name_is_no_file(repository):
    (repository / "digits" / "serinus.toml").mkdir()
    assert load().service_account == "everyone"


def test_without_a_file_there_are_no_defaults(tmp_path):
    assert defaults.of(tmp_path) is None
    assert defaults.templates_of(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "value"), [("1e22", 10**22), ("1.5", 1.5), ("2.0", 2), ("-3e-7", -3e-7), ("0x1F", 31), ('"1.5"', "1.5")]
)
def test_a_number_in_kubernetes_words_stays_one(repository, text, value):
    (repository / "serinus.toml").write_text(f"[service]\npod.x = [{text}]\n")
    assert load().pod == {"x": [value]}


def test_a_fraction_takes_the_exact_lane(repository):
    (repository / "serinus.toml").write_text("[service]\nmodel.train.learningRate = 0.5\n")
    with pytest.raises(DoubtError):
        service_file._quick(FILE, "serinus.yaml", None, defaults.of(repository))
    assert load().model.train.learning_rate == 0.5


class TestTemplates:
    def test_they_start_at_the_file(self, repository):
        (repository / "serinus.toml").write_text('[render]\ntemplates = "our/templates"\n')
        (repository / "our/templates").mkdir(parents=True)
        assert str(defaults.templates_of(repository / "digits")) == str(repository / "our/templates")

    def test_a_missing_folder_is_told_when_it_is_wanted(self, repository):
        (repository / "serinus.toml").write_text('[render]\ntemplates = "none"\n')
        assert load().name == "digits"
        with pytest.raises(InputError, match=r"serinus.toml:2:1: there is no folder"):
            defaults.templates_of(repository / "digits")
