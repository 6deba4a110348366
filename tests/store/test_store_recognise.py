"""``model.format`` may be left out: the files say it, the guess is said, and a lock file keeps it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from model_files import MODELS, REAL, safetensors, write_model
from savedmodel_bytes import saved_model
from store_kit import write_files, write_service

from generator.errors import InputError
from generator.loading.load import load
from generator.plan import lock
from generator.plan.formats import settled
from generator.store.bring import artifact_from_model
from generator.store.connect import open_store
from generator.store.read import find
from generator.store.recognise import looks_like, recognise
from kit import SERVICE, locked, pin

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("model_format", MODELS)
def test_a_model_of_each_format_is_of_that_one_alone(tmp_path: Path, model_format: str) -> None:
    assert recognise(write_model(tmp_path, model_format)) == (model_format,)


@pytest.mark.parametrize("model_format", MODELS)
def test_a_damaged_model_is_told_what_is_wrong_with_it(tmp_path: Path, model_format: str) -> None:
    path = write_model(tmp_path, model_format)
    largest = max(
        (each for each in path.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size, default=path
    )
    for file in {largest, *path.glob("MLmodel"), *path.glob("saved_model.pb"), *path.glob("*.pdmodel")}:
        file.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError) as caught:
        recognise(path)
    assert "of no format" not in str(caught.value)


@pytest.mark.parametrize(
    ("files", "path", "said"),
    [
        ({"a/net.onnx": "x"}, "a", "a is of no format that is known here. Use --model {}/a/net.onnx."),
        (
            {"a/b/MLmodel": "x"},
            "a",
            "a holds no MLmodel. --model wants the folder that holds MLmodel. Use --model {}/a/b.",
        ),
        ({"a/1/saved_model.pb": saved_model()}, "a", "a holds no saved_model.pb"),
        ({"a/saved_model.pb": saved_model()}, "a/saved_model.pb", "Use --model {}/a."),
        ({"a/.hidden": "x"}, "a", "a is of no format that is known here. --model wants"),
        ({"a.txt": "notes"}, "a.txt", "the file doesn't start as a LightGBM model does"),
        ({"a.bst": "x"}, "a.bst", "a.bst looks like lightgbm or xgboost, and is whole as none. As lightgbm: "),
        ({"a.md": "x"}, "a.md", "a .mar file (torchserve)"),
    ],
)
def test_what_is_no_model_says_what_was_found_and_what_is_wanted(tmp_path: Path, files, path: str, said: str) -> None:
    write_files(tmp_path, files)
    with pytest.raises(InputError) as caught:
        recognise(tmp_path / path)
    assert said.format(tmp_path) in str(caught.value)


def test_an_empty_folder_and_nothing_at_all_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"known here\. It is empty"):
        recognise(tmp_path)
    with pytest.raises(InputError, match=r"there is no .*gone"):
        recognise(tmp_path / "gone")


def test_a_booster_is_told_from_another_by_what_the_file_says(tmp_path: Path) -> None:
    for name, model_format in (("xgboost.json", "xgboost"), ("lightgbm.txt", "lightgbm")):
        write_files(tmp_path, {"net.bst": REAL[name]})
        assert looks_like(tmp_path / "net.bst") == ("lightgbm", "xgboost")
        assert recognise(tmp_path / "net.bst") == (model_format,)


def test_a_model_of_another_format_than_the_file_says_is_told_which(tmp_path: Path) -> None:
    path = write_model(tmp_path, "onnx")
    with pytest.raises(InputError) as caught:
        artifact_from_model(path, "savedmodel", ["tensorflow-serving"], "digits", print)
    assert str(caught.value) == (
        f"{path} is a file, and a model of the format savedmodel is wanted. "
        "It is one of the format onnx: write model.format: onnx."
    )


# --- the command -----------------------------------------------------------------------------------------------------


def without_format(folder: Path, platform: str = "") -> Path:
    file = write_service(folder, "./store")
    text = file.read_text().replace("format: savedmodel, ", "")
    file.write_text(text.replace('{kind: kserve, version: "0.20", mode: standard}', platform) if platform else text)
    return file


@pytest.mark.parametrize("model_format", sorted(set(MODELS) - {"keras"}))
def test_what_is_found_is_said_published_locked_and_rendered(run, tmp_path: Path, model_format: str) -> None:
    file, path = without_format(tmp_path), write_model(tmp_path / "m", model_format)
    published = run("publish", file, "--model", path)
    assert published.code == 0, published.err
    assert f"{path} is taken for a model of the format {model_format}, by its content" in published.err
    assert find(open_store(str(tmp_path / "store")), "digits", 1).format == model_format
    assert run("lock", file).code == 0
    named = file.read_text().replace("{gate:", f"{{format: {model_format}, gate:")
    rendered = run("render", file)
    assert rendered.code == 0, rendered.err
    file.write_text(named)
    assert run("render", file).out == rendered.out


def test_two_models_in_one_folder_are_told_apart_by_nobody(run, tmp_path: Path) -> None:
    file = without_format(tmp_path)
    write_files(tmp_path / "m", {**{name[4:]: text for name, text in MODELS["savedmodel"][1].items()}, **{name[5:]: text for name, text in MODELS["huggingface"][1].items()}})  # fmt: skip
    refused = run("publish", file, "--model", tmp_path / "m")
    assert (refused.code, (tmp_path / "store").exists()) == (2, False)
    assert "m holds what several formats have: huggingface, savedmodel." in refused.err
    assert "Say which: write model.format, one of huggingface, savedmodel." in refused.err


def test_of_several_the_one_that_a_server_reads_is_taken(run, tmp_path: Path) -> None:
    file = without_format(tmp_path, "{kind: seldon-core-1}")  # which has servers of MLflow, and none of Paddle
    write_files(tmp_path / "m", {**{name[4:]: text for name, text in MODELS["mlflow"][1].items()}, **{name[4:]: text for name, text in MODELS["paddle"][1].items()}})  # fmt: skip
    published = run("publish", file, "--model", tmp_path / "m")
    assert (published.code, "of the format mlflow" in published.err) == (0, True)


def test_what_no_server_of_the_platform_reads_is_told_by_name(run, tmp_path: Path) -> None:
    file = without_format(tmp_path, "{kind: seldon-core-1}")
    refused = run("publish", file, "--model", write_model(tmp_path, "pmml"))
    assert (refused.code, "has no server for the format 'pmml' here" in refused.err) == (2, True)


# --- what the lock file says -----------------------------------------------------------------------------------------


def service_of(tmp_path: Path, text: str):
    (tmp_path / "serinus.yaml").write_text(text.replace("  format: savedmodel\n  train: {task: image-classification, data: digits, epochs: 12, seed: 7}\n", ""))  # fmt: skip
    return load(tmp_path / "serinus.yaml")


def test_each_variant_has_the_format_of_its_release(tmp_path: Path) -> None:
    service = service_of(tmp_path, SERVICE)
    pins = {"stable": pin("1", 1, "a", format="onnx", layouts=("triton",)), "canary": pin("latest", 2, "b")}
    found = settled(service, lock.Lock(services={"digits": pins}))
    assert (found.model.format, [each.format for each in found.variants]) == ("onnx", [None, "savedmodel"])


def test_what_nobody_says_is_what_it_always_was(tmp_path: Path) -> None:
    service = service_of(tmp_path, SERVICE)
    assert settled(service, lock.Lock()).model.format == "savedmodel"
    assert settled(service, locked()).variants == service.variants


def test_the_file_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "serinus.yaml").write_text(SERVICE)
    service = load(tmp_path / "serinus.yaml")
    pins = {"stable": pin("1", 1, "a", format="onnx"), "canary": pin("latest", 2, "b", format="onnx")}
    assert settled(service, lock.Lock(services={"digits": pins})) == service


def test_a_variant_that_names_its_format_and_a_server_of_the_cluster_keep_their_words(tmp_path: Path) -> None:
    service = service_of(tmp_path, SERVICE.replace("release: latest}", "release: latest, format: pmml}"))
    pins = lock.Lock(services={"digits": {"stable": pin("1", 1, "a", format="onnx"), "canary": pin("latest", 2, "b")}})
    assert [each.format for each in settled(service, pins).variants] == [None, "pmml"]
    plain = service_of(tmp_path, SERVICE)
    own = dataclasses.replace(plain, model=dataclasses.replace(plain.model, model_format="mine"))
    assert [each.format for each in settled(own, pins).variants] == [None, None]


def test_a_snapshot_that_holds_another_models_weights_is_no_ambiguity(tmp_path: Path) -> None:
    write_model(tmp_path, "huggingface")
    write_files(tmp_path / "bert", {"onnx/model.onnx": "x", "model.safetensors": safetensors()})
    assert recognise(tmp_path / "bert") == ("huggingface",)
