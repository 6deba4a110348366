"""Parts in Kubernetes' own words: read as kubectl reads them, in both lanes, and never with a credential."""

from __future__ import annotations

import pytest

from generator.decoding import plain
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading import load as service_file

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve}
store: {url: s3://models}
variants: [{name: a, release: "1"}]
"""


def exact(text):
    return service_file.build(parse(HEAD + text, "serinus.yaml"), "serinus.yaml")


READ = {
    "container: {args: [--a=1, '2', yes], tty: true}": {"args": ["--a=1", "2", True], "tty": True},
    "container: {env: [{name: A, value: '1'}]}": {"env": [{"name": "A", "value": "1"}]},
    "container:\n  ports:\n    - containerPort: 8080\n": {"ports": [{"containerPort": 8080}]},
    "container: {a: 1e3, b: 0x10, c: 1.5, d: 2020-01-01, e: '='}": {
        "a": 1000,
        "b": 16,
        "c": 1.5,
        "d": "2020-01-01",
        "e": "=",
    },
    "container: {script: |\n    a\n    b\n  }".replace(" |\n    a\n    b\n  ", ' "a\\nb"'): {"script": "a\nb"},
}


@pytest.mark.parametrize("text", READ)
def test_data_is_what_kubectl_would_read(text):
    assert exact(text).container == READ[text]


@pytest.mark.parametrize("text", READ)
def test_the_fast_lane_reads_the_same_or_is_in_doubt(text):
    try:
        found = service_file._quick(HEAD + text, "serinus.yaml", None)
    except plain.DoubtError:
        return
    assert found.container == READ[text]


REFUSED = {
    "container: {args: }": "nothing stands here",
    "container: {args: [~]}": "nothing stands here",
    "container: {a: .nan}": "can't stand in a manifest",
    "container: [a]": "a mapping is wanted",
    "container: {resources: {limits: {cpu: 1}}}": "says this by resources",
    "pod: {serviceAccountName: x}": "says this by serviceAccount",
    "pod: {containers: []}": "says this by container",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_means_nothing_or_stands_elsewhere_is_refused(text):
    with pytest.raises(InputError, match=REFUSED[text]):
        exact(text)


CREDENTIALS = [
    "container: {env: [{name: AWS_SECRET_ACCESS_KEY, value: abcdefgh}]}",
    "container: {env: [{name: DB_PASSWORD, value: hunter2}]}",
    "container: {env: [{name: HF_TOKEN, value: hf_abcdefghijklmnopqrstuvwxyz0123456789}]}",
    "container: {args: [--key=AKIAABCDEFGHIJKLMNOP]}",
    "pod: {initContainers: [{name: x, env: [{name: API_KEY, value: secret}]}]}",
    "transformer: {container: {image: a/b:1, env: [{name: CLIENT_SECRET, value: s}]}}",
]


URLS = [
    "store: {url: 's3://user:hunter2@models'}",
    "store: {url: s3://models, endpoint: 'http://user:hunter2@minio:9000'}",
    "variants: [{name: a, uri: 'https://user:hunter2@models.example.com/a.zip'}]",
    "logger: {url: 'http://user:hunter2@sink'}",
]


@pytest.mark.parametrize("text", URLS)
def test_a_url_with_a_password_is_refused_without_saying_it(text):
    key = text.partition(":")[0]
    head = "".join(line for line in HEAD.splitlines(keepends=True) if not line.startswith(f"{key}:"))
    with pytest.raises(InputError, match="holds a credential") as raised:
        service_file.build(parse(head + text, "serinus.yaml"), "serinus.yaml")
    assert "hunter2" not in str(raised.value)


def test_a_container_before_the_at_sign_is_no_user():
    text = HEAD.replace("s3://models", "abfss://models@account.dfs.core.windows.net")
    assert service_file.build(parse(text, "serinus.yaml"), "serinus.yaml").store.url.startswith("abfss://")


@pytest.mark.parametrize("text", CREDENTIALS)
def test_a_credential_in_clear_text_never_reaches_a_manifest(text):
    with pytest.raises(InputError, match="clear text"):
        exact(text)


@pytest.mark.parametrize(
    "text",
    [
        "container: {env: [{name: AWS_SECRET_ACCESS_KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}]}",
        "container: {env: [{name: TOKENIZERS_PARALLELISM, value: 'false'}]}",
        "container: {env: [{name: GOOGLE_APPLICATION_CREDENTIALS, value: /var/secrets/key.json}]}",
        "container: {env: [{name: MAX_TOKEN, value: '4096'}]}",
    ],
)
def test_what_only_looks_like_one_is_taken(text):
    assert exact(text).container["env"]
