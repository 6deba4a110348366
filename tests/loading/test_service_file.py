"""The service file: what is accepted, what is refused, and at which line and column."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import InputError, OutsideError
from generator.loading import load as service_file
from generator.loading import schema as service_schema
from kit import ROLLING, ROOT, SERVICE


def load(text: str, **options):
    from generator.decoding.nodes import parse

    return service_file.build(parse(text, "serinus.yaml"), "serinus.yaml", **options)


def refused(text: str, **options) -> str:
    with pytest.raises(InputError) as raised:
        load(text, **options)
    assert raised.value.exit_code == 2
    return str(raised.value)


def test_a_whole_file_is_read():
    service = load(SERVICE)
    assert (service.name, service.namespace, service.platform.version) == ("digits", "models", "0.20")
    assert service.strategy.canary is not None
    assert service.strategy.canary.percent == 5
    assert service.model.train is not None
    assert service.model.train.epochs == 12
    assert service.resources.limits == {"cpu": "2", "memory": "2Gi"}
    assert [condition.metric for condition in service.model.conditions] == ["accuracy"]


REFUSED = {
    "an unknown key": ("replicas:", "replcias:", "16:1", "unknown key 'replcias'", "'replicas'"),
    "an unknown key inside": ("epochs: 12", "epoch: 12", "9:53", "unknown key 'epoch'", "'epochs'"),
    "a wrong type": ("epochs: 12", "epochs: twelve", "9:61", "whole number", "twelve"),
    "a number where text is wanted": ('version: "0.20"', "version: 0.20", "5:35", "text is wanted", 'quotes: "0.20"'),
    "a boolean where text is wanted": ("name: models", "name: yes", "15:17", "text is wanted", '"yes"'),
    "a list where a mapping is wanted": (
        "{rolling: {}}",
        "[rolling]",
        "13:11",
        "a mapping is wanted",
        "rolling, canary",
    ),
    "a step of 120 %": ("[5, 25, 50, 100]", "[5, 120]", "14:65", "120 is above 100", ""),
    "a step of 0 %": ("[5, 25, 50, 100]", "[0, 100]", "14:62", "0 is below 1", ""),
    "steps that fall": ("[5, 25, 50, 100]", "[5, 50, 25]", "14:69", "steps rise, and 25 comes after 50", "step"),
    "steps that stand": ("[5, 25, 50, 100]", "[5, 5]", "14:65", "steps rise, and 5 comes after 5", ""),
    "no steps": ("[5, 25, 50, 100]", "[]", "14:61", "at least one step", "[5, 25, 50, 100]"),
    "a step that isn't there": ("step: 1}", "step: 5}", "14:85", "step 5 of 4", "count from 1"),
    "a variant that isn't there": ("variant: canary", "variant: canari", "14:46", "no variant 'canari'", "'canary'"),
    "one variant as both": ("variant: canary", "variant: stable", "14:46", "stable variant too", ""),
    "a variant that the strategy doesn't name": (
        "  - {name: canary, release: latest}\n",
        "  - {name: canary, release: latest}\n  - {name: b, release: latest}\n",
        "14:12",
        "doesn't name the variant 'b'",
        "",
    ),
    "two variants of one name": ("{name: canary,", "{name: stable,", "13:12", "two variants are named 'stable'", ""),
    "a release that is no number": ('release: "1"', 'release: "01"', "12:29", "no release", ""),
    "min above max": ("min: 2, max: 6", "min: 7, max: 6", "16:25", "max 6 is below min 7", "Raise max"),
    "an option without effect": ("max: 6, ", "", "16:28", "no effect without max", ""),
    "no quantity": ("cpu: 500m", "cpu: half", "17:29", "no quantity", "500m"),
    "a quantity below zero": ("cpu: 500m", "cpu: -1", "17:29", "-1 is below zero", "500m"),
    "a request above its limit": ("cpu: 500m", "cpu: 3", "17:29", "request 3 is above the limit 2", ""),
    "a condition that is none": ('">= 0.95"', '"good"', "10:20", "", ">= 0.95"),
    "a missing key": ("url: s3://models, ", "", "6:8", "the key 'url' is missing", "s3://models"),
    "a doubled key": ("namespace: models\n", "namespace: models\nname: x\n", "5:1", "the key 'name' stands twice", ""),
    "another format": ("serinus/v1", "serinus/v2", "1:13", "'serinus/v2' isn't known", "serinus/v1"),
    "a tab": ("  format:", "\tformat:", "8:1", "not YAML", ""),
    "an unknown key in an environment": ("max: 4", "mxa: 4", "20:52", "unknown key 'mxa'", "'max'"),
    "an environment's list with half an item": (
        "{namespace: prod}",
        "{variants: [{release: latest}]}",
        "21:21",
        "the key 'name' is missing",
        "",
    ),
    "a wrong type deep in an environment": (
        "staging: {namespace: staging,",
        "staging: {model: {train: {task: [a]}},",
        "20:35",
        "text is wanted here",
        "",
    ),
    "an environment that renames": ("{namespace: prod}", "{name: other}", "21:10", "can't change name", ""),
    "a name that Kubernetes refuses": ("name: digits\n", "name: Digits\n", "3:7", "no name", "lower-case"),
    "a label that Kubernetes refuses": ("namespace: models\n", "labels: {a b: c}\n", "4:10", "no label", ""),
    "a host that is none": ("host: digits.example.com", "host: digits", "15:52", "no host name", ""),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_what_is_wrong_is_said_with_its_place_and_the_mend(case):
    old, new, place, message, fix = REFUSED[case]
    base = ROLLING if old.startswith("{rolling") else SERVICE
    assert old in base
    text = refused(base.replace(old, new, 1))
    assert text.startswith(f"serinus.yaml:{place}: "), text
    assert message in text
    assert fix in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("a: [1\n", "not YAML"),
        ("- a\n", "a mapping is wanted at the top"),
        (f"{SERVICE}---\n{SERVICE}", "a second document begins here"),
        ("[" * 100_000, "nested deeper"),
        ("- " * 100_000, "nested deeper"),
        ("a: &a [x]\nb: *c\n", "the anchor *c is not defined"),
        ("a: !!python/object:os.system x\n", "tags"),
    ],
    ids=["empty", "comment", "unclosed", "list", "two documents", "deep", "deep sequences", "alias", "tag"],
)
def test_what_is_no_service_file_is_refused_in_one_paragraph(content, message):
    text = refused(content)
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize("link", ["[{}]", "{{k: {}}}"], ids=["lists", "mappings"])
def test_aliases_that_would_fill_the_memory_are_refused(link):
    lines = [f"a0: &a0 [{', '.join('x' * 9)}]"]
    for level in range(1, 6):
        item = link.format(f"*a{level - 1}")
        lines.append(f"a{level}: &a{level} [{', '.join([item] * 9)}]")
    text = refused("\n".join(lines) + "\n")
    assert text.startswith("serinus.yaml:"), text
    assert "aliases (*name) are expanded too often" in text
    assert "\n" not in text


def test_a_missing_file_and_a_folder_say_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"no such file.*serinus init"):
        service_file.load(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="this is a folder"):
        service_file.load(tmp_path)
    (tmp_path / "latin").write_bytes(b"name: \xff\n")
    with pytest.raises(InputError, match="not UTF-8 at byte 6") as raised:
        service_file.load(tmp_path / "latin")
    assert (raised.value.place.line, raised.value.place.column) == (1, 7)
    (tmp_path / "wide").write_bytes("name: a\n".encode("utf-16"))
    with pytest.raises(InputError, match="saved as UTF-16"):
        service_file.load(tmp_path / "wide")


def test_a_file_that_cannot_be_read_is_an_outside_error(tmp_path):
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    with pytest.raises(OutsideError) as raised:
        service_file.load(loop)
    assert raised.value.exit_code == 3


def test_an_environment_is_laid_over_key_by_key():
    service = load(SERVICE, environment="staging")
    assert (service.namespace, service.replicas.min, service.replicas.max) == ("staging", 1, 4)
    assert (service.replicas.metric, service.gateway.host) == ("cpu", "digits.example.com")


def test_an_environment_takes_a_key_away_with_null():
    service = load(
        SERVICE.replace("prod: {namespace: prod}", "prod: {namespace: ~, serviceAccount: null}"), environment="prod"
    )
    assert (service.namespace, service.service_account) == (None, None)


@pytest.mark.parametrize(
    ("differences", "get", "value"),
    [
        ("~", lambda s: s.namespace, "models"),
        ("{labels: {team: ~}}", lambda s: s.labels, {"tier": "gold"}),
        ("{labels: {gone: ~}}", lambda s: s.labels, {"team": "vision", "tier": "gold"}),
        ("{annotations: {a: b, c: ~}}", lambda s: s.annotations, {"a": "b"}),
        ("{model: {train: ~}}", lambda s: s.model.train, None),
        ("{gateway: ~}", lambda s: s.gateway, None),
        ("{pod: {dnsPolicy: ~, affinity: {podAffinity: ~, x: 1}}}", lambda s: s.pod, {"affinity": {"x": 1}}),
        ("{strategy: {canary: {steps: [10, 100]}}}", lambda s: s.strategy.canary.steps, (10, 100)),
    ],
)
def test_an_environment_may_say_nothing_or_take_away(differences, get, value):
    text = SERVICE.replace("prod: {namespace: prod}", f"prod: {differences}")
    text = text.replace(
        "namespace: models\n", "namespace: models\nlabels: {team: vision, tier: gold}\npod: {dnsPolicy: None}\n", 1
    )
    service = load(text, environment="prod")
    assert get(service) == value
    assert service_file._quick(text, "serinus.yaml", "prod") == service


def test_an_unknown_environment_names_the_known():
    assert "Did you mean 'prod'?" in refused(SERVICE, environment="prd")


@pytest.mark.parametrize(
    ("assignment", "get", "value"),
    [
        ("replicas.min=3", lambda s: s.replicas.min, 3),
        ("annotations.probe=yes", lambda s: s.annotations, {"probe": "yes"}),
        ('annotations."a.b/c"=x=y', lambda s: s.annotations, {"a.b/c": "x=y"}),
        ("annotations.empty=", lambda s: s.annotations, {"empty": ""}),
        ("variants[0].release=4", lambda s: s.variants[0].release, "4"),
        ("strategy.canary.steps=1,2,100", lambda s: s.strategy.canary.steps, (1, 2, 100)),
        ("model.train.learningRate=1e-2", lambda s: s.model.train.learning_rate, 0.01),
        ("resources.limits.cpu=4000m", lambda s: s.resources.limits["cpu"], "4"),
        ("platform.version=0.20", lambda s: s.platform.version, "0.20"),
    ],
)
def test_set_converts_by_the_type_that_stands_there(assignment, get, value):
    assert get(load(SERVICE, sets=[assignment])) == value


FRAGMENT = (
    SERVICE
    + """container:
  imagePullPolicy: Always
  tty: true
  ports: [{name: http, containerPort: 8080}]
  livenessProbe: {periodSeconds: 2.5, text: "3"}
"""
)


@pytest.mark.parametrize(
    ("assignment", "get", "value"),
    [
        ("container.imagePullPolicy=Never", lambda c: c["imagePullPolicy"], "Never"),
        ("container.imagePullPolicy=yes", lambda c: c["imagePullPolicy"], "yes"),
        ("container.ports[0].containerPort=9090", lambda c: c["ports"][0]["containerPort"], 9090),
        ("container.ports[0].containerPort=http", lambda c: c["ports"][0]["containerPort"], "http"),
        ("container.tty=false", lambda c: c["tty"], False),
        ("container.tty=1", lambda c: c["tty"], "1"),
        ("container.livenessProbe.periodSeconds=5", lambda c: c["livenessProbe"]["periodSeconds"], 5),
        ("container.livenessProbe.text=4", lambda c: c["livenessProbe"]["text"], "4"),
        ("container.new.deep=1", lambda c: c["new"], {"deep": "1"}),
    ],
)
def test_set_in_kubernetes_words_keeps_the_type_that_stood_there(assignment, get, value):
    assert get(load(FRAGMENT, sets=[assignment]).container) == value


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("container.ports=1", "holds several values"),
        ("container.ports[1].name=x", "no item [1]"),
        ("container.imagePullPolicy.x=1", "nothing below this path"),
        ("container.ports.x=1", "nothing below this path"),
    ],
)
def test_set_in_kubernetes_words_keeps_the_shape(assignment, message):
    assert message in refused(FRAGMENT, sets=[assignment])


def test_set_comes_after_the_environment():
    assert load(SERVICE, environment="staging", sets=["replicas.min=3"]).replicas.min == 3


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("replicas.mni=3", "unknown key 'mni'. Did you mean 'min'?"),
        ("replicas.min=three", "whole number"),
        ("replicas=3", "holds several values"),
        ("replicas.min.x=3", "nothing below"),
        ("variants[7].release=1", "no item [7]"),
        ("replicas.min", "path=text is wanted"),
        ("=3", "path=text is wanted"),
        ("name=other", "can't be set"),
        ("variants.stable.release=1", "nothing below"),
    ],
)
def test_a_set_that_fits_nothing_is_refused(assignment, message):
    text = refused(SERVICE, sets=[assignment])
    assert message in text
    assert text.startswith("--set")


@pytest.mark.parametrize("assignment", ["hunter2", "=hunter2", "annotations[99999]=hunter2", "annotations.hunter2"])
def test_a_set_without_a_path_is_not_shown_since_it_may_be_a_secret(assignment):
    assert "hunter2" not in refused(SERVICE, sets=[assignment])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_set_text_is_never_parsed(text):
    assert load(SERVICE, sets=[f"annotations.probe={text}"]).annotations == {"probe": text}


def test_anchors_and_merge_keys_are_read():
    text = SERVICE.replace("staging: {namespace", "staging: &s {namespace").replace(
        "prod: {namespace: prod}", "prod: {<<: *s, namespace: prod}"
    )
    service = load(text, environment="prod")
    assert (service.namespace, service.replicas.max) == ("prod", 4)


class TestSchema:
    """The JSON Schema says of a file what loading says of it."""

    def check(self, text):
        return not list(jsonschema.Draft7Validator(service_schema.schema()).iter_errors(yaml.safe_load(text)))

    def test_it_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(service_schema.schema())
        json.dumps(service_schema.schema())

    def test_an_environment_may_take_any_key_away(self):
        assert self.check(SERVICE.replace("{namespace: prod}", "{labels: {team: ~}, gateway: {host: ~}, model: ~}"))
        assert not self.check(SERVICE.replace("namespace: models\n", "labels: {team: ~}\n"))

    def test_it_takes_what_loading_takes(self):
        assert self.check(SERVICE)
        assert self.check(ROLLING)
        assert self.check((ROOT / "examples/digits/serinus.yaml").read_text())

    @pytest.mark.parametrize(
        "case",
        [
            "an unknown key",
            "a wrong type",
            "a number where text is wanted",
            "a step of 120 %",
            "a missing key",
            "another format",
            "an unknown key in an environment",
            "a name that Kubernetes refuses",
            "a label that Kubernetes refuses",
            "no steps",
        ][:-1],
    )
    def test_it_refuses_what_loading_refuses(self, case):
        old, new, *_ = REFUSED[case]
        assert not self.check(SERVICE.replace(old, new, 1))
