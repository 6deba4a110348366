"""A .keras file that is brought along becomes a release of what servers load, held against Keras' own answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from generator.store.connect import open_store
from generator.store.read import find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.filterwarnings("ignore:You are saving a model that has not yet been built:UserWarning"),
    # Keras 3.15 and TensorFlow 2.20 between themselves, when a model is saved
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {{kind: kserve, version: "0.20", mode: standard}}
store: {{url: s3://models, publish: ./store}}
model: {model}
variants: [{{name: stable, release: latest}}]
"""


def service(folder: Path, model: str = "{}") -> Path:
    (folder / "serinus.yaml").write_text(SERVICE.format(model=model))
    return folder / "serinus.yaml"


def dense(keras: Any) -> Any:
    given = keras.Input((4,), name="x")
    return keras.Model(given, keras.layers.Dense(3, activation="softmax", name="y")(given))


def sequential(keras: Any) -> Any:
    return keras.Sequential([keras.Input((4,), name="x"), keras.layers.Dense(3), keras.layers.Softmax(name="y")])


def by_name(keras: Any) -> Any:
    image = keras.Input((8, 8, 3), dtype="uint8", name="x")
    seen = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 3)(keras.layers.Rescaling(1 / 255)(image)))
    return keras.Model({"x": image}, {"y": keras.layers.Dense(3)(seen)})


def several(keras: Any) -> Any:
    words, more = keras.Input((None,), dtype="int64", name="x"), keras.Input((2,), name="z")
    read = keras.layers.LSTM(4)(keras.layers.Embedding(9, 4)(words))
    both = keras.layers.Concatenate()([read, more])
    return keras.Model([words, more], [keras.layers.Dense(1, name="y")(both), keras.layers.Dense(2, name="w")(both)])


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    def save(build: Callable[[Any], Any]) -> Path:
        from trainer import backend

        build(backend.keras()).save(tmp_path / "net.keras")
        return tmp_path / "net.keras"

    return save


@pytest.mark.parametrize("model_format", ["savedmodel", "onnx"])
@pytest.mark.parametrize("build", [dense, sequential, by_name, several])
def test_it_is_converted_held_against_keras_and_published_once(run, tmp_path, saved, build, model_format: str) -> None:
    if model_format == "onnx":
        pytest.importorskip("tf2onnx")
    file, path = service(tmp_path, f"{{format: {model_format}}}"), saved(build)
    published = run("publish", file, "--model", path)
    assert published.code == 0, published.err
    assert f"net.keras is Keras' own format, which no server reads: it is converted to {model_format}" in published.err
    release = find(open_store(str(tmp_path / "store")), "digits", 1)
    assert (release.format, release.trained_with["convertedFrom"]["format"]) == (model_format, "keras")
    assert release.trained_with["parity"][model_format]["largestDifference"] <= 1e-4
    assert {"x"} <= {each.name for each in release.signature.inputs}
    assert {"y"} <= {each.name for each in release.signature.outputs}
    again = run("publish", file, "--model", path)
    assert (again.code, again.out) == (0, published.out)
    assert "is already published as 1; nothing was converted or sent" in again.err
    for step in (["lock", file], ["render", file]):
        assert run(*step).code == 0


def test_the_keras_file_of_an_mlflow_model_is_converted(run, tmp_path: Path, saved) -> None:
    path = saved(dense)
    (tmp_path / "run" / "data").mkdir(parents=True)
    path.rename(tmp_path / "run" / "data" / "model.keras")
    (tmp_path / "run" / "MLmodel").write_text(
        "flavors:\n  python_function:\n    data: data\n  tensorflow:\n    data: data\n"
    )
    published = run("publish", service(tmp_path, "{format: savedmodel}"), "--model", tmp_path / "run")
    assert published.code == 0, published.err
    assert "of the MLflow model, data/model.keras is published, for model.format is savedmodel" in published.err


def test_the_golden_pair_is_held_against_what_it_became(run, tmp_path: Path, saved) -> None:
    file, path = service(tmp_path), saved(dense)
    (tmp_path / "pair.json").write_text(json.dumps({"request": {"x": [[1, 2, 3]]}, "response": {"y": [[1, 0, 0]]}}))
    refused = run("publish", file, "--model", path, "--golden", tmp_path / "pair.json")
    assert (refused.code, "it has 3 values where 4 are wanted. (at request.x[0])" in refused.err) == (2, True)


def lambda_(keras: Any) -> Any:
    given = keras.Input((4,), name="x")
    return keras.Model(given, keras.layers.Lambda(lambda value: value * 2)(given))


def uncalled(keras: Any) -> Any:
    return keras.Sequential([keras.layers.Dense(3)])


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (
            lambda_,
            "it can't be converted: Lambda, a lambda is code that isn't Keras' own. Export it where that code is",
        ),
        (uncalled, "it doesn't say its inputs: it was never called. Export it yourself"),
    ],
)
def test_what_keras_alone_cannot_load_is_refused(run, tmp_path: Path, saved, build, says: str) -> None:
    refused = run("publish", service(tmp_path), "--model", saved(build))
    assert (refused.code, says in refused.err, (tmp_path / "store").exists()) == (2, True, False), refused.err


def test_weights_that_do_not_fit_are_told_in_keras_words(run, tmp_path: Path, saved) -> None:
    import zipfile

    path = saved(dense)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["config.json"] = files["config.json"].replace(b'"units": 3', b'"units": 5')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    refused = run("publish", service(tmp_path), "--model", path)
    assert (refused.code, "net.keras: Keras " in refused.err, "doesn't load it: " in refused.err) == (2, True, True)


def test_nothing_of_the_conversion_stays(run, tmp_path: Path, saved, monkeypatch) -> None:
    (tmp_path / "temporary").mkdir()
    path = saved(dense)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert run("publish", service(tmp_path), "--model", path).code == 0
    assert [*(tmp_path / "temporary").iterdir()] == []
