"""Where a model may come from besides a path: the Hugging Face hub's cache and an MLflow registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model_files import MODELS, PICKLE, REAL, write_model
from store_kit import write_files, write_service

from generator.errors import InputError
from generator.loading.load import load
from generator.plan import lock
from generator.store import hub, registry, sources
from generator.store.brought import Evidence, artifact_of, published_before
from generator.store.connect import open_store
from generator.store.publish import publish
from generator.store.read import find
from mlflow_server import mlflow_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMIT = "0f3cba2d4f5e6a7b8c9d0e1f2a3b4c5d6e7f8091"
OLDER = "0f3cba2d000000000000000000000000000000aa"


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the hub with one model, as its own library lays it out; the snapshot's folder."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    folder = tmp_path / "hf" / "hub" / "models--acme--bert"
    snapshot = folder / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    for number, (name, content) in enumerate(sorted(MODELS["huggingface"][1].items())):
        write_files(folder / "blobs", {f"{number:040x}": content})
        (snapshot / Path(name).name).symlink_to(f"../../blobs/{number:040x}")
    write_files(folder / "refs", {"main": COMMIT, "pr/1": COMMIT})
    return snapshot


@pytest.fixture
def service(tmp_path: Path) -> Path:
    file = write_service(tmp_path, "./store")
    file.write_text(file.read_text().replace('{format: savedmodel, gate: {accuracy: ">= 0.95"}}', "{}"))
    return file


# --- the hub's cache -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ["", "@main", "@pr/1", f"@{COMMIT}", "@0f3cba2"])
def test_a_snapshot_is_found_by_branch_and_by_commit(cached: Path, revision: str) -> None:
    for scheme in ("hf:", "hf://"):
        found = sources.resolve(f"{scheme}acme/bert{revision}", Path())
        assert found.path == cached
        assert found.facts == {"kind": "huggingface", "uri": f"hf:acme/bert@{COMMIT}", "repository": "acme/bert", "revision": COMMIT}  # fmt: skip


def test_a_model_without_an_owner_is_found(cached: Path) -> None:
    cached.parents[1].rename(cached.parents[2] / "models--gpt2")
    assert sources.resolve("hf:gpt2", Path()).facts["uri"] == f"hf:gpt2@{COMMIT}"


def test_the_variables_of_the_hub_say_where_the_cache_is(cached: Path, monkeypatch, tmp_path: Path) -> None:
    for changes in (
        {"HF_HUB_CACHE": str(tmp_path / "hf" / "hub"), "HF_HOME": "/nowhere"},
        {"HF_HOME": "", "XDG_CACHE_HOME": str(tmp_path / "cache")},
        {"HF_HOME": "", "HUGGINGFACE_HUB_CACHE": str(tmp_path / "hf" / "hub")},
    ):
        (tmp_path / "cache").mkdir(exist_ok=True)
        if not (link := tmp_path / "cache" / "huggingface").exists():
            link.symlink_to(tmp_path / "hf")
        with monkeypatch.context() as patched:
            for name, value in changes.items():
                patched.setenv(name, value)
            assert hub.find("acme/bert").name == COMMIT


def undone(snapshot: Path) -> None:
    write_files(snapshot.parents[1] / "blobs", {"ab12.incomplete": "half"})


def missing(snapshot: Path) -> None:
    (snapshot.parents[1] / "blobs" / f"{2:040x}").unlink()


def two(snapshot: Path) -> None:
    (snapshot.parent / OLDER).mkdir()


@pytest.mark.parametrize(
    ("wanted", "spoil", "said"),
    [
        ("hf:acme/bart", None, "there is no acme/bart in the hub's cache {hub}. Fetch it: hf download acme/bart."),
        ("hf:acme/bert@v2", None, "has no snapshot of the revision 'v2'. It has 0f3cba2d4f5e, main, pr/1. Fetch it: hf download acme/bert --revision v2."),
        ("hf:acme/bert@0f3cba2d", two, "has no snapshot of the revision '0f3cba2d'"),
        ("hf:acme/bert", undone, "blobs/ab12.incomplete: a fetch was broken off"),
        ("hf:acme/bert", missing, "the file that this link leads to isn't there. Fetch it: hf download acme/bert."),
        ("hf:acme/bert/x", None, "hf:acme/bert/x is no model of the hub. Write hf:ORG/NAME"),
        ("hf:", None, "hf: is no model of the hub"),
        ("hf:acme/..", None, "is no model of the hub"),
        ("hf:acme/bert@../../x", None, "is no model of the hub"),
    ],
)  # fmt: skip
def test_what_is_not_there_whole_says_how_to_fetch_it(cached: Path, wanted: str, spoil: Callable | None, said) -> None:
    if spoil:
        spoil(cached)
    with pytest.raises(InputError) as caught:
        sources.resolve(wanted, Path())
    assert said.format(hub=cached.parents[2]) in str(caught.value)


def test_a_snapshot_is_published_with_its_commit_and_locked(run, cached: Path, service: Path) -> None:
    published = run("publish", service, "--model", "hf:acme/bert")
    assert published.code == 0, published.err
    release = find(open_store(str(service.parent / "store")), "digits", 1)
    assert release.trained_with["source"]["uri"] == f"hf:acme/bert@{COMMIT}"
    assert run("lock", service).code == 0
    assert lock.read(service.parent / lock.FILE).services["digits"]["stable"].source == f"hf:acme/bert@{COMMIT}"
    assert run("lock", service).code == 0
    by_path = run("publish", service, "--model", cached)
    assert (by_path.out, "nothing was sent" in by_path.err) == (published.out, True)


def test_the_service_file_may_name_the_source(run, cached: Path, service: Path) -> None:
    service.write_text(service.read_text().replace("model: {}", "model: {source: hf:acme/bert}"))
    assert run("publish", service).code == 0
    elsewhere = write_model(service.parent / "m", "onnx")
    assert "of the format onnx" in run("publish", service, "--model", elsewhere).err


def test_the_main_job_takes_a_model_that_is_brought_along(run, cached: Path, service: Path) -> None:
    service.write_text(service.read_text().replace("model: {}", "model: {source: hf:acme/bert}"))
    released = run("release", service)
    assert released.code == 0, released.err
    assert "published digits 1: " in released.err
    (manifest,) = Path(released.out.strip()).glob("inferenceservice-*.yaml")
    assert "huggingface" in manifest.read_text()
    again = run("release", service)
    assert (again.code, "already published as 1; nothing was sent" in again.err) == (0, True)
    for option in (["--retrain"], ["--data", "x.npz"]):
        refused = run("release", service, *option)
        assert (refused.code, f"{option[0]} has no effect" in refused.err) == (2, True)


def test_a_path_in_the_service_file_starts_at_the_file(run, service: Path, monkeypatch, tmp_path: Path) -> None:
    write_model(tmp_path / "m", "sklearn")
    service.write_text(service.read_text().replace("model: {}", "model: {source: m/net.joblib}"))
    monkeypatch.chdir("/")
    published = run("publish", service)
    assert published.code == 0, published.err
    assert "source" not in find(open_store(str(tmp_path / "store")), "digits", 1).trained_with


def test_a_model_is_trained_here_or_brought_along(run, service: Path) -> None:
    text = "model: {source: ./m, train: {task: image-classification, data: digits}}"
    service.write_text(service.read_text().replace("model: {}", text))
    refused = run("publish", service)
    assert (refused.code, "a model is trained here or brought along, not both" in refused.err) == (2, True)


def test_a_lock_of_before_the_source_was_kept_stays_what_it_is(run, cached: Path, service: Path) -> None:
    assert run("publish", service, "--model", "hf:acme/bert").code == 0
    assert run("lock", service).code == 0
    file = service.parent / lock.FILE
    file.write_text("".join(line for line in file.read_text().splitlines(keepends=True) if "source:" not in line))
    again = run("lock", service)
    assert again.code == 0, again.err
    assert "hf:acme/bert@" in file.read_text()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("", "the model's path is empty. Name a file or a folder."),
        (
            "s3://bucket/net.onnx",
            "s3://bucket/net.onnx isn't on this disk, and nothing is fetched from there. Fetch it",
        ),
    ],
)
def test_what_is_no_path_is_told(run, service: Path, asked: str, says: str) -> None:
    refused = run("publish", service, "--model", asked)
    assert (refused.code, says in refused.err) == (2, True)


# --- a part of an MLflow model ---------------------------------------------------------------------------------------

FLAVORS = """\
flavors:
  python_function:
    loader_module: mlflow.{flavor}
    data: {data}
  {flavor}:
    data: {data}
mlflow_version: 2.19.0
"""


@pytest.mark.parametrize(
    ("model_format", "data", "content", "layout"),
    [
        ("xgboost", "model.xgb", REAL["xgboost.json"], "plain/model.json"),
        ("xgboost", "model.xgb", REAL["xgboost.ubj"], "plain/model.ubj"),
        ("xgboost", "model.ubj", REAL["xgboost.ubj"], "plain/model.ubj"),
        ("lightgbm", "model.lgb", REAL["lightgbm.txt"], "plain/model.bst"),
        ("onnx", "model.onnx", MODELS["onnx"][1]["net.onnx"], "triton/digits/1/model.onnx"),
    ],
    ids=["json", "ubjson", "ubj", "lightgbm", "onnx"],
)
def test_of_an_mlflow_model_the_part_in_the_format_that_is_asked_for_is_published(
    run, service: Path, model_format, data, content, layout
) -> None:
    here = service.parent
    write_files(here / "run", {"MLmodel": FLAVORS.format(flavor=model_format, data=data), data: content})
    service.write_text(service.read_text().replace("model: {}", f"model: {{format: {model_format}}}"))
    published = run("publish", service, "--model", here / "run")
    assert published.code == 0, published.err
    assert f"of the MLflow model, {data} is published, for model.format is {model_format}" in published.err
    assert (Path(published.out.strip()) / layout).is_file()


def test_the_savedmodel_of_a_keras_model_in_mlflow_is_published(run, service: Path) -> None:
    here = service.parent
    files = {f"data/model/{name.partition('/')[2]}": content for name, content in MODELS["savedmodel"][1].items()}
    write_files(here / "run", {"MLmodel": FLAVORS.format(flavor="tensorflow", data="data"), **files})
    service.write_text(service.read_text().replace("model: {}", "model: {format: savedmodel}"))
    published = run("publish", service, "--model", here / "run")
    assert (published.code, "of the MLflow model, data/model is published" in published.err) == (0, True), published.err


def test_an_mlflow_model_without_that_part_is_told(run, service: Path) -> None:
    here = service.parent
    write_files(here / "run", {"MLmodel": FLAVORS.format(flavor="sklearn", data="model.pkl"), "model.pkl": PICKLE})
    service.write_text(service.read_text().replace("model: {}", "model: {format: onnx}"))
    refused = run("publish", service, "--model", here / "run")
    assert (refused.code, "It is one of the format mlflow: write model.format: mlflow." in refused.err) == (2, True)


# --- the registry ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted", ["", "digits", "digits/Production", "digits/0", "digits@", "m-0123456789abcdef", "a/1/x"]
)
def test_what_names_no_version_is_told_before_anything_is_asked(wanted: str) -> None:
    with pytest.raises(InputError, match=r"names no version of a model. Write models:/NAME@ALIAS"):
        registry.resolve(wanted)


def test_a_registry_has_to_be_named(monkeypatch) -> None:
    for name in registry.REGISTRIES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match=r"no MLflow registry is named. Name it: export MLFLOW_TRACKING_URI="):
        registry.resolve("digits@champion")


def test_without_the_client_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setitem(__import__("sys").modules, "mlflow", None)
    with pytest.raises(InputError, match="a model of an MLflow registry needs the extra 'mlflow'"):
        registry.resolve("digits@champion")


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    pytest.importorskip("mlflow", reason="needs the extra mlflow")
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as address:
        yield address


@pytest.fixture
def version(server: str, tmp_path: Path, monkeypatch) -> Callable[..., str]:
    """Registers files as the next version of a model, whose name is the test's own."""
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)
    client = MlflowClient(server)
    name = tmp_path.name
    client.create_registered_model(name)
    experiment = client.create_experiment(name)

    def register(files: dict[str, bytes | str], alias: str = "") -> str:
        folder = tmp_path / "logged"
        shutil.rmtree(folder, ignore_errors=True)
        write_files(folder, files)
        run = client.create_run(experiment).info
        client.log_artifacts(run.run_id, str(folder), "model")
        made = client.create_model_version(name, f"{run.artifact_uri}/model", run.run_id)
        if alias:
            client.set_registered_model_alias(name, alias, made.version)
        return str(run.run_id)

    return register


def logged(digit: int) -> dict[str, bytes | str]:
    files = {name.removeprefix("run/"): content for name, content in MODELS["mlflow"][1].items()}
    return {**files, "digit": str(digit)}


@pytest.mark.server
def test_an_alias_is_resolved_once_and_its_release_is_locked(run, version, service: Path, tmp_path: Path) -> None:
    name = tmp_path.name
    first = version(logged(1), "champion")
    service.write_text(service.read_text().replace("model: {}", f"model: {{source: 'models:/{name}@champion'}}"))
    published = run("publish", service)
    assert published.code == 0, published.err
    assert f"models:/{name}@champion is models:/{name}/1 now" in published.err
    release = find(open_store(str(tmp_path / "store")), "digits", 1)
    assert release.format == "mlflow"
    assert release.trained_with["source"] == {"kind": "mlflow", "uri": f"models:/{name}/1", "name": name, "version": "1", "runId": first}  # fmt: skip
    assert {file.path.partition("/")[2] for file in release.files} == {"mlserver/model-settings.json", "mlserver/model/MLmodel", "mlserver/model/digit", "mlserver/model/model.pkl"}  # fmt: skip
    assert run("lock", service).code == 0
    assert lock.read(tmp_path / lock.FILE).services["digits"]["stable"].source == f"models:/{name}/1"

    again = run("publish", service)
    assert (again.code, again.out) == (0, published.out)
    assert "already published as 1; nothing was fetched or sent" in again.err
    version(logged(2), "champion")
    before = (tmp_path / lock.FILE).read_bytes()
    assert run("render", service).code == 0
    assert (tmp_path / lock.FILE).read_bytes() == before
    moved = run("publish", service)
    assert f"models:/{name}@champion is models:/{name}/2 now" in moved.err
    assert "published digits 2" in moved.err
    assert "fetching models:/" in run("publish", service, "--model", f"models:/{name}/1", "--version", "3").err


@pytest.mark.server
def test_what_the_registry_lacks_is_told_and_nothing_is_published(run, version, service: Path, tmp_path: Path) -> None:
    version(logged(1))
    for wanted in (f"models:/{tmp_path.name}@champion", f"models:/{tmp_path.name}/7", "models:/nobody@champion"):
        refused = run("publish", service, "--model", wanted)
        assert (refused.code, f"{wanted} isn't in the MLflow registry" in refused.err) == (2, True), refused.err
    assert not (tmp_path / "store").exists()


@pytest.mark.server
def test_a_registry_that_nobody_answers_at_is_an_outside_failure(run, service: Path, monkeypatch) -> None:
    pytest.importorskip("mlflow", reason="needs the extra mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    refused = run("publish", service, "--model", "models:/digits@champion")
    assert (refused.code, "can't get models:/digits@champion from the MLflow registry" in refused.err) == (3, True)
    assert "Look at MLFLOW_TRACKING_URI" in refused.err


@pytest.mark.server
def test_nothing_of_mlflow_is_left_behind(run, version, service: Path, tmp_path: Path, monkeypatch) -> None:
    version(logged(1))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert run("publish", service, "--model", f"models:/{tmp_path.name}/1").code == 0
    assert [*(tmp_path / "temporary").iterdir()] == []
    assert set(tmp_path.iterdir()) - before == {tmp_path / "store"}
    assert "registered_model_meta" not in json.dumps([str(each) for each in (tmp_path / "store").rglob("*")])


@pytest.mark.parametrize(
    ("more", "facts", "known"),
    [
        ("", {}, True),
        ("runtime: mlserver", {}, False),  # which reads another layout
        ("format: onnx", {}, False),
        ("", {"runId": "another"}, False),
        ("", {"runId": None}, False),  # without a run a version of that name may be another registry's
    ],
)
def test_a_version_is_known_by_its_run_with_all_that_is_read_now(run, service: Path, more: str, facts, known) -> None:
    told = {"kind": "mlflow", "uri": "models:/digits/7", "name": "digits", "version": "7", "runId": "abc"}
    text, store = service.read_text(), open_store(str(service.parent / "store"))
    model = write_model(service.parent / "m", "sklearn")
    publish(store, "digits", artifact_of(load(service), model, told, Evidence(), print))
    service.write_text(text.replace("model: {}", f"model: {{{more}}}"))
    asked = {key: value for key, value in {**told, **facts}.items() if value}
    found = published_before(store, load(service), sources.Source(None, asked))
    assert (found is not None) == known
