"""What must not be said: a secret planted in each channel stands in no output and no file of any command; neither does
a character that steers a terminal, nor a line that gives an order to a CI system.
"""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.text.printable import inert

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "SEKRET11abcdefgh"
SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {{kind: kserve, version: "0.20", mode: standard}}
store: {store}
model: {{format: sklearn}}
variants: [{variant}]
"""
LATEST = "{name: stable, release: latest}"
PICKLE = b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94."
STEER = "\x1b[31mx\n::error file=a::owned\r\u202e\x9b5m"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for variable in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.joblib").write_bytes(PICKLE)


def write(store: dict[str, str], variant: str = LATEST) -> None:
    Path("serinus.yaml").write_text(SERVICE.format(store=json.dumps(store), variant=variant))


COMMANDS = (
    ("publish", "serinus.yaml", "--model", "m.joblib"),
    ("publish", "serinus.yaml"),
    ("releases", "serinus.yaml"),
    ("releases", "serinus.yaml", "--format", "json"),
    ("lock", "serinus.yaml"),
    ("release", "serinus.yaml"),
    ("render", "serinus.yaml"),
    ("render", "serinus.yaml", "-o", "out"),
    ("validate", "serinus.yaml", "out"),
)


def everything(run, commands=COMMANDS, *more: str) -> str:
    """What the commands say and write; of the files that were there before nothing is repeated here."""
    before = {path for path in Path().rglob("*") if path.is_file()}
    said = ""
    for command in commands:
        ended = run(*command, *(more if command[0] != "validate" else ()))
        assert ended.code in {0, 1, 2, 3}, ended
        said += ended.out + ended.err
    written = [path for path in Path().rglob("*") if path.is_file() and path not in before]
    return said + "".join(path.read_text(errors="replace") for path in written)


URLS = [
    f"s3://user:{SECRET}@models/x",
    f"s3://{SECRET}@models/x",
    f"s3://models/x?X-Amz-Signature={SECRET}",
    f"s3://models/{'x' * 50}?X-Amz-Signature={SECRET}",
    f"s3://models//x?sig={SECRET}",
    f"file://user:{SECRET}@host/x",
    f"file://{SECRET}@host/x",
    f"https://{SECRET}@models.example/x",
    f"https://models.example/x?sig={SECRET}",
    f"gs://u:{SECRET}@models",
    f"az://u:{SECRET}@models/x",
    f"az://models/x?sv=1&sig={SECRET}",
    f"azureblob://models/x?sig={SECRET}",
    f"abfss://models:{SECRET}@acme.dfs.core.windows.net/x",
    f"abfss://models@acme.dfs.core.windows.net/x?sig={SECRET}",
    f"https://acme.dfs.core.windows.net/models/x?sig={SECRET}",
    f"https://acme.blob.core.windows.net/models/x?sv=1&sig={SECRET}",
    f"https://acme.blob.core.windows.net/models?sig={SECRET}",
]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("key", ["url", "publish", "endpoint"])
def test_a_credential_in_the_address_of_the_store_is_never_repeated(run, url: str, key: str) -> None:
    write({"url": "s3://models", "publish": "./store"} | {key: url})
    assert SECRET not in everything(run)


@pytest.mark.parametrize("url", URLS)
def test_a_credential_given_by_set_is_never_repeated(run, url: str) -> None:
    write({"url": "s3://models", "publish": "./store"})
    for key in ("store.url", "store.publish", "store.endpoint", "variants[0].uri", "store.nothing", "name"):
        assert SECRET not in everything(run, COMMANDS, "--set", f"{key}={url}")


@pytest.mark.parametrize("url", [*URLS, f"wasbs://c:{SECRET}@account/x", f"remote:path?sig={SECRET}"])
def test_a_credential_in_the_address_of_a_model_is_refused_and_not_rendered(run, url: str) -> None:
    write({"url": "s3://models"}, f'{{name: stable, uri: "{url}"}}')
    ended = run("render", "serinus.yaml")
    assert ended.code == 2, ended
    assert "serinus.yaml:7:" in ended.err
    assert SECRET not in everything(run)


@pytest.mark.parametrize("channel", ["environment", "file"])
@pytest.mark.parametrize(
    ("status", "echo"),
    [(400, "{auth}"), (403, "<Error><Code>Odd</Code><Message>{auth}</Message></Error>"), (418, "{auth}")],
)
def test_a_server_that_repeats_what_it_was_sent_is_not_believed(run, monkeypatch, channel, status, echo) -> None:
    if channel == "environment":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AK")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_SESSION_TOKEN", f"{SECRET}/+=")
    else:
        file = Path("credentials")
        file.write_text(
            f"[default]\naws_access_key_id=AK\naws_secret_access_key={SECRET}\naws_session_token={SECRET}/+=\n"
        )
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    with parrot(status, echo) as endpoint:
        write({"url": "s3://models", "endpoint": endpoint})
        assert SECRET not in everything(run)


AZURE_BLOBS = "https://acme.blob.core.windows.net/models"


@pytest.mark.parametrize("echo", ["{auth}", "<Error><Code>Odd</Code><Message>{auth}</Message></Error>"])
@pytest.mark.parametrize(
    ("url", "variable", "value"),
    [
        (AZURE_BLOBS, "AZURE_STORAGE_SAS_TOKEN", f"sv=1&sp=r&sig={SECRET}%2Bx%3D"),
        (AZURE_BLOBS, "AZURE_STORAGE_CONNECTION_STRING", f"AccountName=acme;SharedAccessSignature=sv=1&sig={SECRET}"),
        (AZURE_BLOBS, "AZURE_STORAGE_ACCOUNT_KEY", base64.b64encode(SECRET.encode() * 6).decode()),
        ("gs://models", "CLOUDSDK_AUTH_ACCESS_TOKEN", SECRET),
        ("gs://models", "GOOGLE_APPLICATION_CREDENTIALS", "login.json"),
    ],
)
def test_no_cloud_that_repeats_what_it_was_sent_is_believed(run, monkeypatch, url, variable, value, echo) -> None:
    Path("login.json").write_text(json.dumps({"type": "authorized_user", "client_id": "i", "refresh_token": SECRET}))
    monkeypatch.setenv(variable, value)
    with parrot(403, echo) as endpoint:
        write({"url": url, "endpoint": f"{endpoint}/acme"})
        said = everything(run)
    assert "access is denied" in said or "the server says Odd" in said
    assert SECRET not in said
    assert value not in said or value == "login.json"


@contextmanager
def parrot(status: int, echo: str) -> Iterator[str]:
    """A server that answers with the headers and the address of the request."""

    class Parrot(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = echo.format(auth=f"{self.path} {self.headers}".replace("\n", " ")).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_GET  # noqa: N815 (the base class' manner)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Parrot) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("variable", ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"])
@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (f"[default]\naws_access_key_id = x\naws_secret_access_key {SECRET}\n", "this line is no 'key = value'", 3),
        (f"{SECRET} = 1\n", "a section has to begin before this line", 1),
        (f"[default]\n{SECRET} = 1\n{SECRET} = 2\n", "is there already", 3),
        (f"[{SECRET}]\n[{SECRET}]\n", "is there already", 2),
        (f"[default]\n  {SECRET}\n", "this line is no 'key = value'", 2),
        (f"[default\naws_secret_access_key = {SECRET}\n", "a section has to begin", 1),
        (b"[default]\naws_secret_access_key = \xff" + SECRET.encode(), "it is no UTF-8 at byte 34", None),
        (f"[default]\naws_access_key_id = x\naws_secret_access_key = {SECRET}\n {SECRET}\n", "holds a character", None),
        (f"[default]\naws_access_key_id = x\naws_secret_access_key = {SECRET} # mine\n", "holds a character", None),
    ],
)
def test_a_broken_file_of_the_aws_tools_is_told_by_its_line_alone(
    run, monkeypatch, variable: str, content: str | bytes, reason: str, line: int | None
) -> None:
    Path("broken").write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv(variable, "broken")
    write({"url": "s3://models", "endpoint": "http://127.0.0.1:9"})
    if reason != "holds a character" or variable == "AWS_SHARED_CREDENTIALS_FILE":
        ended = run("releases", "serinus.yaml")
        assert ended.code == 2
        assert reason in ended.err
        assert line is None or f"broken:{line}:" in ended.err
    assert SECRET not in everything(run)


def test_a_credential_in_a_manifest_is_not_repeated_in_a_log(run) -> None:
    Path("a.yaml").write_text(
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a}\nspec:\n  predictor:\n"
        f"    model: {{modelFormat: {{name: sklearn}}, storageUri: 's3://u:{SECRET}@b/x?X-Amz-Signature={SECRET}', x: 1}}\n"
        f"    minReplicas: https://{SECRET}@host\n"
    )
    for form in ("text", "json", "sarif", "junit", "github"):
        ended = run("validate", "a.yaml", "--format", form)
        assert ended.code == 1
        assert SECRET not in ended.out + ended.err, form


def harmless(text: str) -> None:
    """No character that steers a terminal, no line that a CI system obeys."""
    assert not {char for char in text if not char.isprintable()} - {"\n"}
    assert text == "\n".join(map(inert, text.split("\n")))


@pytest.mark.parametrize("key", ["store.publish", "store.url", "name", "variants[0].name", STEER, "model.format"])
def test_what_set_gives_cannot_steer(run, key: str) -> None:
    write({"url": "s3://models", "publish": "./store"})
    for command in COMMANDS[:-1]:
        ended = run(*command, "--set", f"{key}={STEER}")
        harmless(ended.out + ended.err)


@pytest.mark.parametrize("name", [STEER.replace("/", "_"), "::error::x", "##vso[task.x]y"])
def test_the_name_of_a_file_cannot_steer(run, name: str) -> None:
    write({"url": "s3://models", "publish": f"./{name}"})
    harmless("".join((ended := run(*command)).out + ended.err for command in COMMANDS))
    Path(f"{name}.yaml").write_text("kind: x\napiVersion: [1\n")
    Path(f"{name}.joblib").write_bytes(PICKLE)
    Path(f"{name}-service.yaml").write_text(Path("serinus.yaml").read_text() + "nothing: 1\n")
    for command in (
        ("validate", "."),
        ("validate", f"{name}.yaml"),
        ("validate", ".", "--format", "json"),
        ("validate", ".", "--format", "sarif"),
        ("validate", ".", "--format", "junit"),
        ("convert", f"{name}.yaml"),
        ("publish", "serinus.yaml", "--model", f"{name}.joblib"),
        ("publish", "serinus.yaml", "--model", f"{name}.gone"),
        ("render", f"{name}-service.yaml"),
        ("render", "serinus.yaml", "--templates", name),
        ("render", "serinus.yaml", "--explain-env", name),
    ):
        ended = run(*command)
        assert ended.code in {0, 1, 2, 3}
        harmless(ended.out + ended.err)
    ended = run("validate", ".", "--format", "github")
    assert not {char for char in ended.out if not char.isprintable()} - {"\n"}
    told = ("::error file=", "::warning file=", "::notice file=")
    assert all(line.startswith(told) for line in ended.out.splitlines()[:-1])


def test_a_manifest_cannot_steer(run) -> None:
    Path("a.yaml").write_text(
        json.dumps(
            {
                "apiVersion": "serving.kserve.io/v1beta1",
                "kind": "InferenceService",
                "metadata": {"name": STEER, "labels": {STEER: STEER}},
                "spec": {STEER: 1, "predictor": {"minReplicas": STEER, "model": {"modelFormat": {"name": STEER}}}},
            }
        )
    )
    for command in (
        *(("validate", "a.yaml", "--format", form) for form in ("text", "json", "sarif", "junit")),
        ("convert", "a.yaml"),
    ):
        ended = run(*command)
        harmless(ended.out + ended.err)
    for line in run("validate", "a.yaml", "--format", "github").out.splitlines():
        assert line.isprintable()
        assert line.startswith(("::error file=a.yaml,", "::warning file=a.yaml,", "::notice file=a.yaml,", "1 doc"))


HEAD = "flavors:\n  python_function:\n    model_path: "
CHANNELS = {
    "architectures": ("huggingface", "m", {"config.json": json.dumps({"architectures": [STEER]}), "a.bin": "x"}),
    "a file that is named": ("mlflow", "m", {"MLmodel": f"{HEAD}x\x1b[31m\u202e\x9b5m\n"}),
    "a version": ("mlflow", "m", {"MLmodel": f"{HEAD}MLmodel\nmlflow_version: '3\x1b[31m\u202e'\n"}),
    "the name of a model": ("triton", "m", {"net/config.pbtxt": r'name: "\\033[31m\\n::error::x"', "net/1/x": "x"}),
    "the name of a folder": ("triton", "m", {f"{STEER}/1/x": "x"}),
    "the name of a file": ("huggingface", "m", {"config.json": '{"model_type": "x"}', f"{STEER}.bin": "x"}),
    "a package": ("sklearn", "m/m.pkl", {"m.pkl": b"c\x1b[31m\xe2\x80\xae.x\n::error::y\n."}),
    "an element": ("pmml", "m/m.pmml", {"m.pmml": "<\u202e/>"}),
    "a version of PMML": ("pmml", "m/m.pmml", {"m.pmml": "<PMML version='&#10;::error::x'/>"}),
    "an encoding": ("pmml", "m/m.pmml", {"m.pmml": "<?xml version='1.0' encoding='x\x1b'?><PMML/>"}),
}


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_a_model_says_of_itself_cannot_steer(run, channel: str) -> None:
    model_format, path, files = CHANNELS[channel]
    for name, content in files.items():
        file = Path("m", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    Path("serinus.yaml").write_text(
        SERVICE.format(store='{"url": "s3://models", "publish": "./store"}', variant=LATEST).replace(
            "format: sklearn", f"format: {model_format}"
        )
    )
    for command in (
        ("publish", "serinus.yaml", "--model", path),
        ("releases", "serinus.yaml"),
        ("releases", "serinus.yaml", "--format", "json"),
        ("lock", "serinus.yaml"),
        ("render", "serinus.yaml"),
    ):
        ended = run(*command)
        assert ended.code in {0, 1, 2, 3}, ended
        harmless(ended.out + ended.err)
    for record in Path("store").rglob("release.json"):
        assert "\x1b" not in json.dumps(json.loads(record.read_text()))


@pytest.mark.parametrize(
    ("model_format", "path", "files"),
    [
        (
            "huggingface",
            "m",
            {"config.json": f'{{"model_type": "x", "_name_or_path": "https://u:{SECRET}@h"}}', "a.bin": "x"},
        ),
        ("mlflow", "m", {"MLmodel": f"{HEAD}MLmodel\nrun_id: {SECRET}\nmlflow_version: 3.1.0\n"}),
        (
            "pmml",
            "m/m.pmml",
            {"m.pmml": f"<PMML version='4.4'><Header description='{SECRET}'/><TreeModel x='{SECRET}'/></PMML>"},
        ),
        ("sklearn", "m/m.pkl", {"m.pkl": b"S'" + SECRET.encode() + b"'\n."}),
    ],
)
def test_what_else_stands_in_a_model_goes_into_no_record(run, model_format: str, path: str, files) -> None:
    for name, content in files.items():
        Path("m").mkdir(exist_ok=True)
        Path("m", name).write_bytes(content if isinstance(content, bytes) else content.encode())
    Path("serinus.yaml").write_text(
        SERVICE.format(store='{"url": "s3://models", "publish": "./store"}', variant=LATEST).replace(
            "format: sklearn", f"format: {model_format}"
        )
    )
    said = ""
    for command in (
        ("publish", "serinus.yaml", "--model", path),
        ("releases", "serinus.yaml", "--format", "json"),
        ("lock", "serinus.yaml"),
        ("render", "serinus.yaml", "-o", "out"),
    ):
        ended = run(*command)
        assert ended.code == 0, ended
        said += ended.out + ended.err
    records = [*Path("store").rglob("release.json"), Path("serinus.lock"), *Path("out").iterdir()]
    assert len(records) > 3
    assert SECRET not in said + "".join(file.read_text() for file in records)
