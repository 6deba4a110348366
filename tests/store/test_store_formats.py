"""What each format takes and refuses, with where the right path probably is; and that no file brings it to its knees."""

from __future__ import annotations

import contextlib
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_files import MODELS, PICKLE, mar, write_model, zipped
from store_kit import write_files

from generator.errors import InputError, OutsideError
from generator.store import archive, pbtxt
from generator.store.bring import artifact_from_model
from generator.store.formats import formats
from generator.store.layouts import of_format

if TYPE_CHECKING:
    from pathlib import Path


def bring(path: Path, model_format: str, told: list[str] | None = None):
    say = (told if told is not None else []).append
    return artifact_from_model(path, model_format, of_format(model_format)[:1], "digits", say)


@pytest.mark.parametrize("model_format", MODELS)
def test_what_is_there_and_right_is_taken_with_nothing_but_hints(tmp_path: Path, model_format: str) -> None:
    assert bring(write_model(tmp_path, model_format), model_format).format == model_format


@pytest.mark.parametrize("model_format", MODELS)
def test_what_is_not_there_says_what_is_wanted(tmp_path: Path, model_format: str) -> None:
    with pytest.raises(InputError) as caught:
        bring(tmp_path / "gone", model_format)
    assert str(caught.value) == f"there is no {tmp_path}/gone. --model wants {formats()[model_format].wanted}."


FOLDERS = {"huggingface", "mlflow", "paddle", "savedmodel", "triton"}


@pytest.mark.parametrize("model_format", sorted(set(MODELS) - FOLDERS))
def test_the_folder_of_a_file_leads_to_the_file(tmp_path: Path, model_format: str) -> None:
    path = write_model(tmp_path, model_format)
    with pytest.raises(InputError) as caught:
        bring(tmp_path, model_format)
    assert str(caught.value).startswith(f"{tmp_path} is a folder.")
    assert str(caught.value).endswith(f"Use --model {path}.")


@pytest.mark.parametrize("model_format", sorted(FOLDERS - {"triton"}))
def test_a_file_of_a_folder_leads_to_the_folder(tmp_path: Path, model_format: str) -> None:
    path = write_model(tmp_path, model_format)
    inside = next(entry for entry in sorted(path.iterdir()) if entry.is_file())
    with pytest.raises(InputError) as caught:
        bring(inside, model_format)
    assert str(caught.value).startswith(f"{inside} is a file.")
    assert str(caught.value).endswith(f"Use --model {path}.")


@pytest.mark.parametrize("model_format", sorted(FOLDERS - {"triton", "paddle"}))
@pytest.mark.parametrize("where", ["above", "below"])
def test_a_folder_near_by_is_named(tmp_path: Path, model_format: str, where: str) -> None:
    path = write_model(tmp_path, model_format)
    (path / "more").mkdir()
    with pytest.raises(InputError) as caught:
        bring(tmp_path if where == "above" else path / "more", model_format)
    assert str(caught.value).endswith(f"Use --model {path}.")


@pytest.mark.parametrize("model_format", sorted(set(MODELS) - FOLDERS))
@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "the file is empty"), (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", "git lfs pull")],
)
def test_an_empty_file_and_a_pointer_of_git_lfs_are_no_model(
    tmp_path: Path, model_format: str, content, reason
) -> None:
    path = write_model(tmp_path, model_format)
    path.write_bytes(content)
    with pytest.raises(InputError, match=reason):
        bring(path, model_format)


@pytest.mark.parametrize(
    ("model_format", "files", "reason"),
    [
        ("onnx", {"net.pb": "x"}, r"net.pb doesn't end in .onnx"),
        ("onnx", {"net.onnx": "not ONNX at all"}, "it is no ONNX model"),
        ("sklearn", {"net.h5": "x"}, r"doesn't end in .joblib or .pkl or .pickle"),
        ("sklearn", {"net.joblib": zipped({"a": "b"})}, "the file is a zip file, no pickle"),
        ("xgboost", {"net.bst": PICKLE}, "is a pickle, which no server reads as an XGBoost model"),
        ("xgboost", {"net.json": "binf"}, "the file holds no JSON"),
        ("xgboost", {"net.ubj": "binf"}, "the file holds no UBJSON"),
        ("lightgbm", {"net.txt": PICKLE}, "with the line 'tree'"),
        ("torchserve", {"net.mar": "x" * 100}, "no model archive: it is no zip file"),
        ("torchserve", {"net.mar": zipped({"a": "b"})}, "holds no MAR-INF/MANIFEST.json"),
        ("torchserve", {"net.mar": zipped({"MAR-INF/MANIFEST.json": "{"})}, "is no JSON"),
        ("torchserve", {"net.mar": zipped({"MAR-INF/MANIFEST.json": "[" * 100_000})}, "is no JSON"),
        ("torchserve", {"net.mar": zipped({"MAR-INF/MANIFEST.json": "[]"})}, "names no model version"),
        ("torchserve", {"net.mar": zipped({"MAR-INF/MANIFEST.json": '{"model": []}'})}, "names no model version"),
        ("torchserve", {"net.mar": mar(modelVersion="")}, "names no model version"),
        ("torchserve", {"net.mar": zipped({"MAR-INF/MANIFEST.json": " " * 2**21})}, "is bigger than 1048576 bytes"),
        ("torchscript", {"net.pt": zipped({"net/data.pkl": ""}), "config.pbtxt": ""}, "holds weights without code"),
        ("torchscript", {"net.pt": "x" * 100}, "it is no TorchScript file"),
        ("torchscript", {"net.pt": zipped({"net/constants.pkl": ""})}, "doesn't say its inputs and outputs"),
        (
            "torchscript",
            {"net.pt": zipped({"net/constants.pkl": ""}), "config.pbtxt": 'name: "other"'},
            "it names the model 'other', but its folder 'digits'",
        ),
        ("pmml", {"net.pmml": "<PMML version='4.4'>"}, "no well-formed XML: no element found in line 1"),
        ("pmml", {"net.pmml": "PMML"}, "no well-formed XML: syntax error"),
        ("pmml", {"net.pmml": "<html/>"}, "its root element is html, not PMML"),
        ("pmml", {"net.pmml": "<PMML/>"}, "its version '' is none that servers read"),
        ("pmml", {"net.pmml": "<PMML version='2.1'/>"}, "its version '2.1' is none that servers read"),
        (
            "pmml",
            {"net.pmml": "<?xml version='1.0' encoding='x-none'?><PMML version='4.4'/>"},
            "unknown encoding|be read",
        ),
        ("mlflow/run", {"run/MLmodel": "artifact_path: model\n"}, "it lists no flavors"),
        ("huggingface/bert", {"bert/config.json": "{"}, "it is no JSON"),
        ("huggingface/bert", {"bert/config.json": "[" * 100_000}, "it is no JSON"),
        ("huggingface/bert", {"bert/config.json": "[]"}, "names neither model_type nor architectures"),
        ("huggingface/bert", {"bert/config.json": '{"architectures": 1}'}, "its architectures are no list"),
        ("huggingface/bert", {"bert/config.json": '{"model_type": "bert"}'}, "holds no weights"),
        (
            "huggingface/bert",
            {
                "bert/config.json": '{"model_type": "bert"}',
                "bert/a.bin": "version https://git-lfs.github.com/spec/v1\n",
            },
            "git lfs pull",
        ),
        ("paddle/net", {"net/net.pdmodel": "x"}, "holds no .pdiparams file"),
        ("paddle/net", {"net/net.pdiparams": "x"}, "holds no .pdmodel and no .json file"),
        ("paddle/net", {"net/a.pdiparams": "x", "net/b.pdiparams": "x", "net/a.json": "x"}, "several .pdiparams files"),
        ("triton/.", {"file": "x"}, "holds no folder"),
        ("triton/file", {"file": "x"}, "is a file"),
        ("triton/.", {"net/model.onnx": "x"}, "has no version folder, named by a number from 1"),
        ("triton/.", {"net/01/model.onnx": "x"}, "has no version folder, named by a number from 1"),
        ("triton/.", {"net/1/.keep": "x"}, "the version folder is empty"),
        ("triton/net", {"net/1/model.onnx": "x"}, "is the folder of one model"),
        (
            "triton/.",
            {"net/1/m": "x", "net/config.pbtxt": 'name: "Net"'},
            "it names the model 'Net', but its folder 'net'",
        ),
        ("triton/.", {"net/1/m": "x", "net/config.pbtxt": 'name: "net'}, "Triton couldn't read it: line 1"),
        (
            "triton/.",
            {"net/1/m": "x", "net/config.pbtxt": "input {"},
            "Triton couldn't read it: a bracket isn't closed",
        ),
        ("triton/.", {"net/1/m": "x", "net/config.pbtxt": b"\xff"}, "Triton couldn't read it"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_what_no_server_could_load_is_refused(tmp_path: Path, model_format: str, files, reason: str) -> None:
    write_files(tmp_path, files)
    model_format, _, path = model_format.partition("/")
    with pytest.raises(InputError, match=reason) as caught:
        bring(tmp_path / (path or next(iter(files))), model_format)
    assert caught.value.fix


def test_the_folder_of_one_triton_model_leads_to_the_repository(tmp_path: Path) -> None:
    repository = write_model(tmp_path, "triton")
    with pytest.raises(InputError) as caught:
        bring(repository / "net", "triton")
    assert str(caught.value).endswith(f"Use --model {repository}.")


def test_the_cache_of_the_hub_leads_to_its_snapshot(tmp_path: Path) -> None:
    write_files(tmp_path, {"models--a--b/snapshots/0f3/config.json": "{}", "models--a--b/refs/main": "0f3"})
    with pytest.raises(InputError) as caught:
        bring(tmp_path / "models--a--b", "huggingface")
    assert str(caught.value).endswith(f"Use --model {tmp_path}/models--a--b/snapshots/0f3.")


@pytest.mark.parametrize(
    ("model_format", "files", "told"),
    [
        ("torchserve/net.mar", {"net.mar": mar(handler="")}, "names no handler"),
        ("mlflow/run", {"run/MLmodel": "flavors:\n  sklearn:\n    code: null\n"}, "has no flavor python_function"),
        (
            "huggingface/b",
            {"b/config.json": '{"model_type": "vit", "architectures": ["ViTForImageClassification"]}', "b/a.bin": "x"},
            "no tokenizer",
        ),
    ],
)
def test_what_may_be_a_hindrance_is_said(tmp_path: Path, model_format: str, files, told: str) -> None:
    write_files(tmp_path, files)
    model_format, _, path = model_format.partition("/")
    heard: list[str] = []
    bring(tmp_path / path, model_format, heard)
    assert [line for line in heard if told in line]


def test_no_pickle_is_ever_loaded(tmp_path: Path) -> None:
    """Loading this one would make a file."""
    write_files(tmp_path, {"net.pkl": b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."})
    with pytest.raises(InputError, match=r"it names os\.system, which runs commands where it is loaded"):
        bring(tmp_path / "net.pkl", "sklearn")
    assert not (tmp_path / "ran").exists()


# --- files that mean harm --------------------------------------------------------------------------------------------


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE PMML [<!ENTITY l0 "ha">{laughs}]><PMML version="4.4">&l11;</PMML>'
    write_files(tmp_path, {"net.pmml": bomb})
    with pytest.raises(InputError, match=r"declares a document type, which PMML has no use for. Remove the DOCTYPE"):
        bring(tmp_path / "net.pmml", "pmml")


def test_a_zip_bomb_is_not_blown_up(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "net.mar", "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("MAR-INF/MANIFEST.json", "w", force_zip64=True) as member,
    ):
        for _ in range(200):
            member.write(b" " * 2**20)
    with pytest.raises(InputError, match="is bigger than 1048576 bytes"):
        bring(tmp_path / "net.mar", "torchserve")


MAR = mar()
CHANGES = st.lists(st.tuples(st.integers(0, len(MAR) - 1), st.integers(0, 255)), min_size=1, max_size=6)


@settings(max_examples=200)
@given(CHANGES, st.integers(0, len(MAR)))
def test_a_damaged_archive_is_refused_and_nothing_worse(tmp_path_factory, changes, end: int) -> None:
    content = bytearray(MAR)
    for position, byte in changes:
        content[position] = byte
    path = tmp_path_factory.getbasetemp() / "bent.mar"
    for written in (bytes(content), bytes(content[:end])):
        path.write_bytes(written)
        with contextlib.suppress(archive.ArchiveError):
            archive.member(path, "MAR-INF/MANIFEST.json", 2**20)
        with contextlib.suppress(InputError, OutsideError):
            bring(path, "torchserve")


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_a_garbled_xml_is_refused_and_nothing_worse(tmp_path_factory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bent.pmml"
    for written in (content, b"<?xml version='1.0' encoding='" + content + b"'?><PMML/>", b"<PMML version='" + content):
        path.write_bytes(written)
        with contextlib.suppress(InputError):
            bring(path, "pmml")


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["model", "modelVersion", "architectures", "model_type"]), inner)
        ),
    )
)
def test_json_of_any_shape_is_taken_or_refused(tmp_path_factory, content) -> None:
    folder = tmp_path_factory.getbasetemp() / "odd"
    write_files(
        folder,
        {
            "config.json": json.dumps(content),
            "a.bin": "x",
            "net.mar": zipped({"MAR-INF/MANIFEST.json": json.dumps(content)}),
        },
    )
    for path, model_format in ((folder, "huggingface"), (folder / "net.mar", "torchserve")):
        with contextlib.suppress(InputError):
            bring(path, model_format)


# --- protocol buffers as text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('name: "net"', "net"),
        ("name : 'net' # a comment with } and \"", "net"),
        ('input [ { name: "x" } ] name: "net"', "net"),
        ('input { name: "x" }', None),
        ('name: "a" name: "b"', "b"),
        ('name: "ne" "t"', "net"),
        (r'name: "\156\x65\u0074\"\\"', 'net"\\'),
        (r'name: "\303\274"', "ü"),
        ('platform: name\nname: "net"', "net"),
        ("", None),
        ('a < name: "x" > b: -1.5e+3; name: "net",', "net"),
        ('parameters { key: "a" value: { string_value: "}" } }\nname: "net"', "net"),
    ],
)
def test_the_name_at_the_top_is_read(content: str, name: str | None) -> None:
    assert pbtxt.text_at_top(content, "name") == name


@pytest.mark.parametrize(
    "content", ['name: "net', "name", "name: 5", "input {", "}", "name: ", r'name: "\377"', r'name: "\U00110000"', "$"]
)
def test_what_is_no_text_proto_is_refused(content: str) -> None:
    with pytest.raises(pbtxt.TextError):
        pbtxt.text_at_top(content, "name")


@settings(max_examples=200)
@given(st.text(alphabet="name:\"'\\{}[]<>#\n x0u,;ü") | st.text())
def test_any_text_is_read_or_refused(content: str) -> None:
    with contextlib.suppress(pbtxt.TextError):
        pbtxt.text_at_top(content, "name")


@given(st.text())
def test_a_literal_is_read_as_it_was_meant(text: str) -> None:
    with contextlib.suppress(UnicodeEncodeError):  # half a pair of surrogates is no text
        assert pbtxt.text_at_top(f"name: {pbtxt.quoted(text)}", "name") == text
