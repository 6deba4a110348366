"""Metrics and a golden pair that come with a model: kept as they are, or one paragraph with file, place and cure."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_files import write_model
from store_kit import write_service

from generator.errors import InputError, OutsideError
from generator.model.artifact import Signature, Tensor
from generator.store.connect import open_store
from generator.store.evidence import read_golden, read_metrics
from generator.store.golden import bodies
from generator.store.read import find
from generator.store.requests import pair

if TYPE_CHECKING:
    from pathlib import Path

METRICS = {"accuracy": 0.97, "perClass": [{"recall": 0.9, "support": 12}, {"recall": None, "support": 0}]}
IMAGE = Signature("serve", (Tensor("image", "float32", (None, 2, 2)),), (Tensor("p", "float32", (None, 3)), Tensor("class", "int64", (None,))))  # fmt: skip
ROWS = [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6], [0.7, 0.8]]]
ANSWER = {"p": [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], "class": [2, 2]}
GOLDEN = {"request": {"image": ROWS}, "response": ANSWER}


def written(folder: Path, content: object) -> Path:
    file = folder / "given.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def golden(folder: Path, content: object, signature: Signature | None = IMAGE, told: list[str] | None = None):
    return read_golden(written(folder, content), signature, (told if told is not None else []).append)


# --- metrics ---------------------------------------------------------------------------------------------------------


def test_metrics_are_kept_as_they_are(tmp_path: Path) -> None:
    assert read_metrics(written(tmp_path, METRICS)) == METRICS
    assert read_metrics(written(tmp_path, "\ufeff" + json.dumps(METRICS))) == METRICS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"accuracy": 0.9,}', ":1:18: it is no JSON: "),
        ("accuracy: 0.9", ":1:1: it is no JSON: Expecting value. Write metrics by name"),
        ("[0.9]", ": it isn't a JSON object. Write metrics by name"),
        ("{}", ": it holds no number."),
        ('{"accuracy": null}', ": it holds no number."),
        ('{"accuracy": "0.9"}', ": a metric is a number, and this is text. (at accuracy) Take it out"),
        ('{"a": {"b": [1, true]}}', "and this is true or false. (at a.b[1])"),
        ('{"accuracy": NaN}', ": it holds NaN, which is no JSON number and no release can keep. Write null"),
        ('{"loss": -Infinity}', ": it holds -Infinity"),
        ('{"loss": 1e999}', ": it holds 1e999, which is bigger than a computer's numbers"),
        ('{"loss": ' + "9" * 400 + "}", ": this number is bigger than a computer's. (at loss)"),
        ('{"loss": ' + "9" * 5000 + "}", "digits"),
        ('{"a": 1, "a": 2}', ": it has the key 'a' twice. Leave one of them out."),
        ('{"a\\u001b[31m": 1}', "holds what can't be printed"),
        ('{"a": ' * 2000, "nested too deep|no JSON"),
        ('{"a": ' * 40 + "1" + "}" * 40, "nested more than 32 levels deep"),
    ],
)
def test_what_no_gate_could_be_asked_of_is_refused_at_its_place(tmp_path: Path, content: str, said: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_metrics(file)
    assert any(part in str(caught.value) for part in said.split("|"))
    assert str(caught.value).startswith(str(file))
    assert caught.value.fix


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"gone\.json: can't be read: No such file"):
        read_metrics(tmp_path / "gone.json")
    (tmp_path / "latin.json").write_bytes(b'{"\xe4": 1}')
    with pytest.raises(InputError, match="not UTF-8 at byte 2"):
        read_metrics(tmp_path / "latin.json")
    with pytest.raises(InputError, match="it is bigger than 4 MB"):
        read_metrics(written(tmp_path, '{"a": 1' + " " * (4 << 20) + "}"))


# --- golden pairs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ({"image": ROWS}, ANSWER),
        ({"instances": ROWS}, ANSWER),
        ({"signature_name": "serve", "instances": [{"image": row} for row in ROWS]}, ANSWER),
        ({"inputs": {"image": ROWS}}, {"outputs": ANSWER}),
        ({"inputs": ROWS}, {"predictions": [{"p": ANSWER["p"][row], "class": 2} for row in (0, 1)]}),
        (
            {"id": "1", "inputs": [{"name": "image", "shape": [2, 2, 2], "datatype": "FP32", "data": ROWS}]},
            {
                "model_name": "digits",
                "outputs": [
                    {
                        "name": "p",
                        "shape": [2, 3],
                        "datatype": "FP32",
                        "data": [each for row in ANSWER["p"] for each in row],
                    },
                    {"name": "class", "shape": [2], "datatype": "INT64", "data": ANSWER["class"]},
                ],
            },
        ),
        (
            {"inputs": [{"name": "image", "shape": [2, 2, 2], "data": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}]},
            ANSWER,
        ),
    ],
    ids=["names", "rows", "rows-by-name", "columns", "bare-columns", "v2-nested", "v2-flat"],
)
def test_a_pair_is_read_in_every_form_that_clients_send(tmp_path: Path, request_, response) -> None:
    found = golden(tmp_path, {"request": request_, "response": response})
    assert (found.request, found.response) == ({"image": ROWS}, ANSWER)


def test_an_answer_may_leave_outputs_out(tmp_path: Path) -> None:
    found = golden(tmp_path, {"request": {"image": ROWS}, "response": {"class": [2, 2]}})
    assert found.response == {"class": [2, 2]}


def test_a_tensor_that_is_called_like_a_form_is_that_tensor(tmp_path: Path) -> None:
    signature = Signature("s", (Tensor("inputs", "float32", (None,)),), (Tensor("outputs", "float32", (None,)),))
    found = golden(tmp_path, {"request": {"inputs": [1.5]}, "response": {"outputs": [2.5]}}, signature)
    assert (found.request, found.response) == ({"inputs": [1.5]}, {"outputs": [2.5]})


def test_without_a_signature_a_pair_is_held_against_itself_and_that_is_said(tmp_path: Path) -> None:
    told: list[str] = []
    assert golden(tmp_path, GOLDEN, None, told).request == {"image": ROWS}
    assert told == [
        f"{tmp_path}/given.json can't be held against the model, whose files don't say its inputs and outputs"
    ]
    for change in ({"image": [[1, 2], [3]]}, {"image": [1, "a"]}, {"instances": [[1], 2]}, {"image": [[1], 2]}):
        with pytest.raises(InputError):
            golden(tmp_path, {**GOLDEN, "request": change}, None)


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ({"instances": [[5.1, 3.5], [6, 3]]}, {"predictions": [0, 2]}),
        ({"inputs": [[5.1, 3.5], [6, 3]]}, {"outputs": [0, 2]}),
        ({"input": [[5.1, 3.5], [6, 3]]}, {"predictions": [0, 2], "model_name": "iris"}),
    ],
    ids=["rows", "columns", "mixed"],
)
def test_a_pair_without_names_is_one_where_nobody_knows_the_models_names(tmp_path: Path, request_, response) -> None:
    found = golden(tmp_path, {"request": request_, "response": response}, None)
    assert (found.request, found.response) == ({"input": [[5.1, 3.5], [6, 3]]}, {"output": [0, 2]})
    assert bodies(found, None, protocols=["v1"]) == {"golden.v1": b'{"instances":[[5.1,3.5]]}'}


def with_(request: object = None, response: object = None) -> dict[str, Any]:
    return {"request": {"image": ROWS} if request is None else request, "response": ANSWER if response is None else response}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([GOLDEN], "it isn't a JSON object. Write {"),
        ({"request": {"image": ROWS}}, "it has no response."),
        ({**GOLDEN, "responce": 1}, "it has the unknown key 'responce'. Did you mean 'response'?"),
        (with_([]), "it isn't a JSON object. (at request)"),
        (with_({}), "the model's input 'image' is missing. (at request)"),
        (with_(response={}), "it names no tensor. (at response)"),
        (with_({"imgae": ROWS}), "the model's input 'image' is missing"),
        (with_({"image": ROWS, "imgae": ROWS}), "the model has no input 'imgae'. (at request) Did you mean 'image'?"),
        (with_(response={"probability": [1]}), "the model has no output 'probability'. (at response)"),
        (with_({"image": [[[0.1, 0.2], [0.3]], ROWS[1]]}), "it has 1 values where 2 are wanted. (at request.image[0][1])"),
        (with_({"image": [0.1, 0.2]}), "a list of 2 is wanted here: the tensor has 3 dimensions. (at request.image[0])"),
        (with_({"image": [[[[0.1], 0.2], [0.3, 0.4]], ROWS[1]]}), "a list stands where a value is wanted"),
        (with_({"image": []}), "it holds no row. (at request.image)"),
        (with_({"image": [[["a", 0], [0, 0]], ROWS[1]]}), "'a' is no float32. (at request.image[0][0][0])"),
        (with_({"image": [[[True, 0], [0, 0]], ROWS[1]]}), "true is no float32"),
        (with_({"image": [[[None, 0], [0, 0]], ROWS[1]]}), "null is no float32"),
        (with_({"image": [[[1e39, 0], [0, 0]], ROWS[1]]}), "1e+39 is no float32"),
        (with_(response={"class": [2.0, 2]}), "2.0 is no int64. (at response.class[0]) Write values that int64 holds"),
        (with_(response={"class": [2**63, 2]}), "9223372036854775808 is no int64"),
        (with_(response={"class": [2]}), "it has 1 rows, and request.image has 2. (at response.class)"),
        (with_(response={"predictions": [1, 2]}), "it doesn't say which tensor of the model it is, of which it has p, class"),
        (with_({"instances": 3}), "it isn't a list of rows. (at request.instances)"),
        (with_({"instances": [{"image": ROWS[0]}, ROWS[1]]}), "doesn't name what the first one names. (at request.instances[1])"),
        (with_({"inputs": [{"name": "image", "shape": [2, 2], "data": [1]}]}), "it has 1 values, and its shape [2, 2] takes 4"),
        (with_({"inputs": [{"name": "image", "shape": "2", "data": [1]}]}), "its shape isn't a list of sizes"),
        (with_({"inputs": [{"name": "image", "shape": [1]}]}), "it has no data. (at request.inputs[0]) Binary data isn't read"),
        (with_({"inputs": [{"name": "image", "shape": [1], "datatype": "INT8", "data": [1]}]}), "its datatype is INT8, and the model's FP32"),
        (with_({"inputs": [{"name": 3, "shape": [1], "data": [1]}]}), "its name is no text"),
        ('{"request": {"image": [NaN]}, "response": {}}', "it holds NaN"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_pair_that_the_model_could_not_have_given_is_refused_at_its_place(tmp_path: Path, content, said) -> None:
    with pytest.raises(InputError) as caught:
        golden(tmp_path, content)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/given.json: ")
    assert caught.value.fix


@pytest.mark.parametrize(
    ("dtype", "good", "bad"),
    [
        ("bool", [True], [1]),
        ("string", ["a"], [1]),
        ("uint8", [255], [256]),
        ("int8", [-128], [-129]),
        ("uint4", [15], [16]),
        ("float16", [65504], [65505]),
        ("float64", [1e308], ["1"]),
        ("bfloat16", [3e38], [3.4e38]),
        ("float8_e4m3fn", [1], [None]),
        ("complex64", [], [1]),
    ],
)
def test_a_value_is_one_that_the_type_holds(tmp_path: Path, dtype: str, good, bad) -> None:
    signature = Signature("s", (Tensor("x", dtype, (None,)),), (Tensor("y", "bool", (1,)),))
    if good:
        assert golden(tmp_path, {"request": {"x": good}, "response": {"y": [True]}}, signature).request == {"x": good}
    with pytest.raises(InputError):
        golden(tmp_path, {"request": {"x": bad}, "response": {"y": [True]}}, signature)


SIZES = st.lists(st.integers(1, 3), min_size=1, max_size=3)


@given(st.data(), SIZES, st.booleans())
def test_flat_data_of_the_v2_protocol_is_what_its_shape_says(data, shape: list[int], free: bool) -> None:
    def nested(sizes: list[int]) -> Any:
        return [nested(sizes[1:]) for _ in range(sizes[0])] if sizes else data.draw(st.integers(-9, 9))

    def flat(value: Any) -> list[int]:
        return [each for part in value for each in flat(part)] if isinstance(value, list) else [value]

    value = nested(shape)
    signature = Signature("s", (Tensor("x", "int8", (None if free else shape[0], *shape[1:])),), (Tensor("y", "bool", (1,)),))  # fmt: skip
    asked, _ = pair({"inputs": [{"name": "x", "shape": shape, "data": flat(value)}]}, {"y": [True]}, signature)
    assert asked == {"x": value}


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path) -> Path:
    write_service(tmp_path, "./store")
    write_model(tmp_path, "savedmodel")
    return tmp_path


PAIR = {"request": {"x": [[1, 2, 3, 4]]}, "response": {"y": [[0.1, 0.2, 0.7]]}}


def test_with_metrics_the_gate_is_asked_of_a_model_of_others_too(run, here: Path) -> None:
    low, high = here / "low.json", here / "high.json"
    low.write_text('{"accuracy": 0.5}')
    high.write_text('{"accuracy": 0.97}')
    given = ("publish", here / "serinus.yaml", "--model", here / "net", "--metrics")
    refused = run(*given, low)
    assert (refused.code, (here / "store").exists()) == (1, False)
    assert "accuracy is 0.5, asked is >= 0.95" in refused.err
    assert run(*given, high).code == 0
    assert json.loads(run("releases", here / "serinus.yaml", "--format", "json").out)[0]["metrics"] == {
        "accuracy": 0.97
    }


def test_what_is_wrong_with_metrics_is_told_before_the_model_is_looked_at(run, here: Path) -> None:
    (here / "m.json").write_text('{"accuracy": NaN}')
    for content, code in (('{"accuracy": NaN}', 2), ('{"accuracy": 0.5}', 1)):
        (here / "m.json").write_text(content)
        refused = run("publish", here / "serinus.yaml", "--model", here / "gone", "--metrics", here / "m.json")
        assert (refused.code, "gone" in refused.err) == (code, False)


def test_a_metric_that_the_file_lacks_is_a_gate_that_is_not_met(run, here: Path) -> None:
    (here / "m.json").write_text('{"acuracy": 0.97}')
    refused = run("publish", here / "serinus.yaml", "--model", here / "net", "--metrics", here / "m.json")
    assert (refused.code, "did you mean 'acuracy'?" in refused.err) == (1, True)


def test_the_golden_pair_goes_into_the_record(run, here: Path) -> None:
    (here / "pair.json").write_text(json.dumps(PAIR))
    assert run("publish", here / "serinus.yaml", "--model", here / "net", "--golden", here / "pair.json").code == 0
    release = find(open_store(str(here / "store")), "digits", 1)
    assert (release.golden.request, release.golden.response) == (PAIR["request"], PAIR["response"])


def test_a_wrong_pair_publishes_nothing(run, here: Path) -> None:
    (here / "pair.json").write_text(json.dumps({**PAIR, "request": {"x": [[1, 2, 3]]}}))
    refused = run("publish", here / "serinus.yaml", "--model", here / "net", "--golden", here / "pair.json")
    assert (refused.code, (here / "store").exists()) == (2, False)
    assert f"{here}/pair.json: it has 3 values where 4 are wanted. (at request.x[0])" in refused.err


def test_what_comes_too_late_for_a_release_is_said(run, here: Path) -> None:
    (here / "m.json").write_text('{"accuracy": 0.97}')
    (here / "pair.json").write_text(json.dumps(PAIR))
    given = ("publish", here / "serinus.yaml", "--model", here / "net")
    assert run(*given).code == 0
    late = run(*given, "--metrics", here / "m.json")
    assert late.code == 0
    assert "what --metrics says is not recorded: release 1 has the same files and none" in late.err
    assert find(open_store(str(here / "store")), "digits", 1).metrics == {}


def test_a_golden_pair_is_part_of_the_layouts_so_it_makes_another_release(run, here: Path) -> None:
    (here / "pair.json").write_text(json.dumps(PAIR))
    given = ("publish", here / "serinus.yaml", "--model", here / "net")
    assert run(*given).code == 0
    assert run(*given, "--golden", here / "pair.json").code == 0
    second = find(open_store(str(here / "store")), "digits", 2)
    assert second.golden is not None
    assert any(file.path.endswith(("golden.v1", "golden.v2")) for file in second.files)


def test_what_was_trained_here_was_measured_here(run, here: Path) -> None:
    for option in ("--metrics", "--golden"):
        refused = run("publish", here / "serinus.yaml", option, os.devnull)
        assert (refused.code, "what was trained has its own" in refused.err) == (2, True)
