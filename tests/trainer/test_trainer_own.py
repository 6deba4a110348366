"""Training code of the user's: what it is given, what it may give back, and how its errors are told."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import SERVICE, run

from generator.errors import AnswerIsNoError, InputError, SerinusError
from generator.loading import load as loader
from generator.model.artifact import Tensor
from trainer import backend
from trainer.data.base import NOTHING, Reading
from trainer.own import Dataset, Examples, code, given, words
from trainer.own.code import OwnCodeError
from trainer.service import train_service, training_key

if TYPE_CHECKING:
    from trainer.run import Outcome

LINEAR = """
import keras
from trainer.own import Made, Request

def build(request):
    (x,) = request.dataset.train.inputs.values()
    return keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(len(request.dataset.classes))])
"""

DATA = """
import numpy as np

def data():
    x = np.arange(40.0).reshape(40, 1) % 7
    return x, (x[:, 0] > 3).astype(int)
"""


MODEL = "model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])"
BROKEN = "model = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(float('nan')), keras.layers.Dense(2)])"


def service_file(folder: Path, source: str = LINEAR, train: str = "entrypoint: net:build, data: 'net:data'") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "serinus.yaml"
    text = SERVICE.replace("task: image-classification, data: digits, epochs: 2", train)
    path.write_text(text.replace('gate: {accuracy: ">= 0.5"}', "gate: {}"), encoding="utf-8")
    (folder / "net.py").write_text(textwrap.dedent(source) + DATA, encoding="utf-8")
    return path


def train(path: Path, *sets: str, **options: Any) -> Outcome:
    return train_service(loader.load(path, sets=sets), **{"say": lambda _: None, **options})


class TestFinding:
    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("net", ["'net' isn't of the form module:function", "net:build"]),
            ("net:", ["isn't of the form"]),
            ("net.py:build", ["no module", "net.py"]),
            ("nett:build", ["no module 'nett'", "beside the service file"]),
            ("trainer:build", ["no module 'trainer'"]),
            ("sys:exit", ["the module 'sys' is Python's own", "a module of yours"]),
            ("json:loads", ["doesn't matter"]),
        ],
    )
    def test_a_module_is_looked_for_beside_the_service_file_and_then_among_the_installed(
        self, tmp_path: Path, name: str, says: list[str]
    ) -> None:
        path = service_file(tmp_path, train=f"entrypoint: '{name}', data: digits")
        if name == "json:loads":
            assert code.find(name, tmp_path).root.name == "json"
            return
        if name == "net.py:build":
            # A module of that name has a part py, which importing it tells.
            assert code.find(name, tmp_path).module == "net.py"
            return
        with pytest.raises(InputError) as caught:
            train(path)
        assert str(caught.value).startswith(f"{path}:7:")
        assert "model.train.entrypoint" in str(caught.value)
        for part in says:
            assert part in str(caught.value)

    @pytest.mark.parametrize("name", ["trainer", "json"])
    def test_a_name_that_is_taken_is_said(self, tmp_path: Path, name: str) -> None:
        (tmp_path / f"{name}.py").touch()
        with pytest.raises(InputError, match=rf"module name '{name}' is taken by .*Rename your module"):
            code.find(f"{name}:build", tmp_path)

    def test_the_folder_is_on_the_path_for_the_time_and_its_modules_are_forgotten(self, tmp_path: Path) -> None:
        path, modules = list(sys.path), set(sys.modules)
        for number in (1, 2):
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "same.py").write_text(f"def get(): return {number}", encoding="utf-8")
            entry = code.find("same:get", folder)
            with code.importable(folder):
                assert entry.call(None) == number
            assert not (folder / "__pycache__").exists()
        assert sys.path == path
        assert "same" not in set(sys.modules) - modules


class TestFingerprint:
    def fingerprint(self, folder: Path, name: str = "net:build") -> str:
        return code.find(name, folder).fingerprint

    def test_the_module_counts_and_what_it_imports_from_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "net.py").write_text("import helper, json\nfrom lib import part\n")
        (tmp_path / "helper.py").write_text("import deeper\n")
        (tmp_path / "deeper.py").write_text("x = 1\n")
        (tmp_path / "other.py").write_text("x = 1\n")
        (tmp_path / "lib").mkdir()
        for name in ("__init__", "part", "further"):
            (tmp_path / "lib" / f"{name}.py").touch()
        before = self.fingerprint(tmp_path)
        for name, counts in (
            ("net.py", True),
            ("helper.py", True),
            ("deeper.py", True),
            ("lib/further.py", True),
            ("other.py", False),
        ):
            kept = (tmp_path / name).read_text()
            (tmp_path / name).write_text(f"{kept}# changed\n")
            assert (self.fingerprint(tmp_path) != before) is counts, name
            (tmp_path / name).write_text(kept)
        assert self.fingerprint(tmp_path) == before

    def test_of_a_package_every_source_counts_and_nothing_is_run(self, tmp_path: Path) -> None:
        (tmp_path / "pkg" / "sub").mkdir(parents=True)
        for name in ("__init__.py", "net.py", "sub/__init__.py"):
            (tmp_path / "pkg" / name).write_text("raise SystemExit\n")
        before = self.fingerprint(tmp_path, "pkg.net:build")
        (tmp_path / "pkg" / "sub" / "new.py").write_text("this is no Python")
        assert self.fingerprint(tmp_path, "pkg.net:build") != before

    def test_where_the_folder_lies_doesnt_matter(self, tmp_path: Path) -> None:
        for name in "ab":
            (tmp_path / name).mkdir()
            (tmp_path / name / "net.py").write_text("x = 1")
        assert self.fingerprint(tmp_path / "a") == self.fingerprint(tmp_path / "b")


class TestServiceFile:
    @pytest.mark.parametrize(
        ("train_part", "says"),
        [
            ("epochs: 2", ["what is trained?", "model.train", "entrypoint"]),
            ("task: image-classification, parameters: {a: 1}", ["parameters", "Take them out"]),
            ("entrypoint: net:build", ["your own code needs data", "model.train.data"]),
            ("entrypoint: net:build, data: digits, hidden: [3]", ["layers of your own code can't be chosen"]),
            ("entrypoint: net:build, data: 'net:data', target: x", ["target has no effect on data of your own code"]),
            ("task: tabular-classification, data: digits, target: x", ["target has no effect on the data 'digits'"]),
        ],
    )
    def test_what_doesnt_go_together_is_refused(self, tmp_path: Path, train_part: str, says: list[str]) -> None:
        path = service_file(tmp_path, train=train_part)
        with pytest.raises(InputError) as caught:
            training_key(loader.load(path))
        for part in (str(path), *says):
            assert part in str(caught.value)

    def test_a_gate_of_own_code_may_name_what_nobody_here_knows(self, tmp_path: Path) -> None:
        path = service_file(tmp_path)
        path.write_text(path.read_text().replace("gate: {}", 'gate: {profit: ">= 3"}'))
        assert loader.load(path).model.conditions[0].metric == "profit"


def read(value: Any, reading: Reading = NOTHING) -> Dataset:
    return given.dataset(value, "net:data", reading)


X, LABELS = np.arange(20.0).reshape(20, 1), np.array([0, 1] * 10)


class TestGivenData:
    @pytest.mark.parametrize(
        ("value", "examples", "classes"),
        [
            (((X, LABELS), (X[:4], LABELS[:4])), (20, 4), ("0", "1")),
            (((X, LABELS[:, None]), (X[:4], LABELS[:4, None])), (20, 4), ("0", "1")),
            ([(X, LABELS), (X[:4], LABELS[:4])], (20, 4), ("0", "1")),
            ((X, LABELS), (16, 4), ("0", "1")),
            ((X, np.array(["no", "yes"] * 10)), (16, 4), ("no", "yes")),
            ((X, X[:, 0]), (16, 4), ()),
            (({"a": X, "b": X[:, 0]}, X[:, 0]), (16, 4), ()),
        ],
        ids=["two parts", "columns of labels", "a list", "one", "texts", "numbers", "by name"],
    )
    def test_arrays_may_be_given_in_several_ways(self, value: Any, examples: Any, classes: tuple[str, ...]) -> None:
        found = read(value)
        assert (len(found.train), len(found.test)) == examples
        assert found.classes == classes
        assert found.train.targets.dtype == (np.int64 if classes else np.float32)

    def test_bytes_of_images_are_images_from_0_to_1(self) -> None:
        images = np.full((20, 4, 4, 3), 255, dtype=np.uint8)
        found = read((images, LABELS))
        assert found.train.inputs["image"].dtype == np.float32
        assert found.train.inputs["image"].max() == 1

    def test_the_task_says_whether_whole_numbers_are_classes(self) -> None:
        assert read((X, LABELS), Reading(classes=False)).classes == ()
        with pytest.raises(InputError, match=r"float32; classes are"):
            read((X, X[:, 0]), Reading(classes=True))

    @pytest.mark.parametrize(
        ("value", "says"),
        [
            (None, "it gives nothing"),
            (7, "it gives a builtins.int"),
            ((X, LABELS[:3]), "3 targets for 20 examples of features"),
            ((X, [{}] * 20), "objects"),
            ((X, 3), "a single int"),
            ((X.astype(complex), LABELS), "complex128"),
            (([[1], [1, 2]], [0, 1]), "several shapes"),
            (({}, LABELS), "no inputs"),
            ((X, -LABELS), "labels from -1 to 0; classes count from 0"),
            ((X, LABELS * 10**9), "labels from 0 to 1000000000"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_data_is_refused(self, value: Any, says: str) -> None:
        with pytest.raises(InputError) as caught:
            read(value)
        assert says in str(caught.value)
        assert "the data of net:data" in str(caught.value)

    def test_a_dataset_of_ones_own_making_may_hold_lists(self) -> None:
        part = Examples(inputs={"x": [1.5] * 20}, targets=list(range(20)))  # type: ignore[dict-item, arg-type]
        mine = Dataset(name="mine", train=part, test=part, classes=(), split="by hand", licence="CC0")
        found = read(mine)
        assert (found.name, found.licence, found.train.inputs["x"].dtype) == ("mine", "CC0", np.float32)
        with pytest.raises(InputError, match="its train and test are"):
            read(dataclasses.replace(mine, test=None))  # type: ignore[arg-type]

    def test_errors_of_the_users_code_come_with_its_frames_alone(self, tmp_path: Path) -> None:
        path = service_file(tmp_path)
        (tmp_path / "net.py").write_text("import helper\ndef data():\n    print('hello')\n    return helper.go({})\n")
        (tmp_path / "helper.py").write_text("def go(d):\n    return d['colour']\n")
        with pytest.raises(OwnCodeError) as caught:
            training_key(loader.load(path))
        first, *trace = caught.value.lines
        assert first == "calling net:data failed: KeyError: 'colour'."
        assert trace[0] == "Traceback (most recent call last):"
        assert [line.strip().split(", ", 1)[1] for line in trace if "File " in line] == [
            "line 4, in data",
            "line 2, in go",
        ]
        assert trace[-1] == "KeyError: 'colour'"
        assert not any(f"{os.sep}trainer{os.sep}" in line.replace(str(tmp_path), "") for line in trace)

    @pytest.mark.parametrize(
        ("source", "says", "last"),
        [
            ("def data(:\n", "importing net failed: SyntaxError", "SyntaxError"),
            ("import nothere\n", "importing net failed: ModuleNotFoundError: No module named 'nothere'", "nothere'"),
            ("raise SystemExit(3)\n", "importing net failed: SystemExit: 3", "SystemExit: 3"),
            ("x = 1\n", "the module net has no function 'data'", ""),
            ("data = 3\n", "the module net has a int, not a function, 'data'", ""),
            ("def data():\n    return 1 / 0\n", "calling net:data failed: ZeroDivisionError", "ZeroDivisionError"),
            ("def data():\n    raise GeneratorExit\n", "calling net:data failed: GeneratorExit", "GeneratorExit"),
            (
                "class Own(BaseException):\n    pass\n\n\ndef data():\n    raise Own('stop')\n",
                "calling net:data failed: Own: stop",
                "Own: stop",
            ),
            (
                "class Mute(Exception):\n    def __str__(self):\n        return 1 / 0\n\n\ndef data():\n    raise Mute\n",
                "calling net:data failed: Mute: its words can't be had, ZeroDivisionError",
                "Mute",
            ),
            (
                "def __getattr__(name):\n    raise RuntimeError(name)\n",
                "looking for net:data failed: RuntimeError: data",
                "RuntimeError: data",
            ),
            ("def data(a, b):\n    pass\n", "calling net:data failed: TypeError", ""),
        ],
    )
    def test_each_way_to_fail_is_one_paragraph(self, tmp_path: Path, source: str, says: str, last: str) -> None:
        path = service_file(tmp_path)
        (tmp_path / "net.py").write_text(source)
        with pytest.raises(InputError) as caught:
            training_key(loader.load(path))
        assert says in caught.value.lines[0]
        assert last in caught.value.lines[-1]

    def test_the_stack_in_tensorflows_words_isnt_shown(self) -> None:
        frames = "\n\n".join(f'  File "/x/site-packages/keras/{name}.py", line 7, in call' for name in "abc")
        text = (
            f"Graph execution error:\n\nDetected at node mse/sub defined at (most recent call last):\n{frames}\n\n"
            "Incompatible shapes: [32] vs. [32,3]\n\t [[{{node mse/sub}}]] [Op:__inference_steps_472]"
        )
        assert words.said(ValueError(text)) == "ValueError: Incompatible shapes: [32] vs. [32,3]"
        assert words.cleaned(f"ValueError: {text}\n") == "ValueError: Incompatible shapes: [32] vs. [32,3]"
        assert words.cleaned(frames) == frames

    def test_who_interrupts_is_obeyed(self, tmp_path: Path) -> None:
        path = service_file(tmp_path)
        (tmp_path / "net.py").write_text("def data():\n    raise KeyboardInterrupt\n")
        with pytest.raises(KeyboardInterrupt):
            training_key(loader.load(path))

    def test_the_working_directory_stays_ours(self, tmp_path: Path) -> None:
        path = service_file(tmp_path)
        (tmp_path / "net.py").write_text("import os\n\n\ndef data():\n    os.chdir('/')\n    return 3\n")
        before = Path.cwd()
        with pytest.raises(InputError):
            training_key(loader.load(path))
        assert Path.cwd() == before

    def test_the_parameters_are_handed_over_and_standard_output_stays_ours(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = service_file(tmp_path, train="task: tabular-regression, data: 'net:data', parameters: {rows: 30}")
        (tmp_path / "net.py").write_text(
            "import numpy as np\n"
            "def data(request):\n"
            "    print('rows', request.parameters['rows'], request.folder.name)\n"
            "    x = np.arange(float(request.parameters['rows'])).reshape(-1, 1)\n"
            "    return x, x[:, 0]\n"
        )
        first = training_key(loader.load(path))
        out, err = capsys.readouterr()
        assert (out, err) == ("", f"rows 30 {tmp_path.name}\n")
        path.write_text(path.read_text().replace("rows: 30", "rows: 31"))
        assert training_key(loader.load(path)) != first

    def test_what_a_started_program_prints_isnt_on_standard_output_either(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        path = service_file(tmp_path)
        source = "import os, subprocess, sys\n\n\ndef data():\n"
        source += "    subprocess.run([sys.executable, '-S', '-c', 'print(1)'], check=True)\n"
        (tmp_path / "net.py").write_text(f"{source}    os.write(1, b'2 ')\n    return 3\n")
        with pytest.raises(InputError):
            training_key(loader.load(path))
        os.write(1, b"ours")
        out, err = capfd.readouterr()
        assert (out, err) == ("ours", "1\n2 ")


@pytest.mark.tensorflow
class TestModels:
    def test_a_bare_model_goes_all_the_way_and_its_code_is_in_the_key_and_the_record(self, tmp_path: Path) -> None:
        path = service_file(tmp_path)
        first = train(path)
        assert first.fresh
        artifact = first.artifact
        assert artifact.signature
        assert set(artifact.signature.outputs) == {
            Tensor("probabilities", "float32", (None, 2)),
            Tensor("class", "int64", (None,)),
        }
        assert artifact.golden
        assert artifact.trained_with["entrypoint"] == "net:build"
        assert artifact.trained_with["code"] == code.find("net:build", tmp_path).fingerprint
        assert artifact.trained_with["parity"]["savedmodel"]["largestDifference"] < 1e-5
        assert "task" not in artifact.trained_with
        assert artifact.metrics["baseline"]["accuracy"] > 0
        assert not train(path).fresh
        with (tmp_path / "net.py").open("a") as file:
            file.write("# another comment\n")
        again = train(path)
        assert again.fresh
        assert again.artifact.metrics == artifact.metrics

    @pytest.mark.parametrize(
        ("layers", "compiled"),
        [
            ("keras.layers.Dense(2)", ""),
            ("keras.layers.Dense(2, activation='softmax')", ""),
            ("keras.layers.Dense(2)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ],
        ids=["logits", "probabilities", "compiled"],
    )
    def test_logits_probabilities_and_a_compiled_model_are_all_measured_and_answered_right(
        self, tmp_path: Path, layers: str, compiled: str
    ) -> None:
        source = f"""
            import keras
            def build(request):
                model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(8, "relu"), {layers}])
                if {compiled!r}:
                    model.compile(optimizer=keras.optimizers.SGD(0.1), loss={compiled or None})
                return model
            """
        artifact = train(
            service_file(tmp_path, source), "model.train.epochs=60", "model.train.learningRate=0.02"
        ).artifact
        assert artifact.metrics["accuracy"] > 0.8
        assert 0 < artifact.metrics["loss"] < 0.6
        assert artifact.golden
        for row, number in zip(
            artifact.golden.response["probabilities"], artifact.golden.response["class"], strict=True
        ):
            assert sum(row) == pytest.approx(1, abs=1e-5)
            assert row.index(max(row)) == number

    def test_metrics_answer_and_a_trained_model_of_ones_own(self, tmp_path: Path) -> None:
        source = """
            import keras, numpy as np
            from trainer.own import Made, Request

            def build(request: Request) -> Made:
                model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
                model.set_weights([np.array([[request.settings.parameters["slope"]]])])
                return Made(model=model, answer=answer, metrics=metrics, trained=True)

            def answer(raw):
                return {"half": raw / 2, "double": raw * 2}

            def metrics(held_out, raw):
                worst = abs(raw[:, 0] - held_out.targets).max()
                return {"worst": worst, "by": {"first": np.float32(2), "none": float("nan")}, "r2": 1}
            """
        path = service_file(tmp_path, source, "entrypoint: net:build, data: 'net:data', parameters: {slope: 3}")
        (tmp_path / "net.py").write_text(
            textwrap.dedent(source)
            + "\ndef data():\n    x = np.arange(30.0).reshape(30, 1)\n    return x, x[:, 0] * 3\n"
        )
        path.write_text(path.read_text().replace("gate: {}", 'gate: {worst: "< 0.001", mse: "< 0.1"}'))
        said: list[str] = []
        artifact = train(path, say=said.append).artifact
        assert artifact.metrics["worst"] == 0
        assert artifact.metrics["by"] == {"first": 2, "none": None}
        assert artifact.metrics["r2"] == 1  # what the user measures goes before ours
        assert artifact.golden
        (request,) = artifact.golden.request.values()
        assert artifact.golden.response["double"] == [[6 * row[0]] for row in request]
        assert any("worst 0" in line for line in said)
        json.dumps(artifact.metrics, allow_nan=False)
        path.write_text(path.read_text().replace("< 0.001", "> 1"))
        with pytest.raises(AnswerIsNoError, match="worst is 0, asked is > 1"):
            train(path)

    @pytest.mark.parametrize(
        ("body", "error", "says"),
        [
            ("pass", InputError, ["net:build gives nothing", "Does the function return it?"]),
            ("return 3", InputError, ["net:build gives a builtins.int", "keras.Model is wanted"]),
            ("return Made(model=None)", InputError, ["gives nothing"]),
            ("raise ValueError('too\\n  wide')", OwnCodeError, ["calling net:build failed: ValueError: too wide."]),
            (
                "return keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])",
                OwnCodeError,
                ["the network of net:build doesn't take the data (features float32 [1])"],
            ),
            (
                "return keras.Sequential([keras.Input((1,)), keras.layers.Dense(3)])",
                InputError,
                ["gives outputs [examples, 3]", "[examples, 2], a logit or a probability a class"],
            ),
            (
                f"{MODEL}\n    return Made(model=model, metrics=lambda held_out, raw: 3)",
                InputError,
                ["metrics of net:build are a int"],
            ),
            (
                f"{MODEL}\n    return Made(model=model, metrics=lambda held_out, raw: dict(a='b'))",
                InputError,
                ["the metric a of net:build is a str"],
            ),
            (
                f"{MODEL}\n    return Made(model=model, metrics=lambda held_out, raw: 1 / 0)",
                OwnCodeError,
                ["the metrics of net:build: calling them failed: ZeroDivisionError"],
            ),
            (
                f"{MODEL}\n    return Made(model=model, answer=lambda raw: raw)",
                InputError,
                ["the answer of net:build is no mapping"],
            ),
            (
                f"{BROKEN}\n    return Made(model=model, trained=True)",
                AnswerIsNoError,
                ["held-out examples with no finite numbers", "number 1"],
            ),
        ],
    )
    def test_what_a_function_gives_wrongly_is_one_paragraph(
        self, tmp_path: Path, body: str, error: type[SerinusError], says: list[str]
    ) -> None:
        source = f"import keras\nfrom trainer.own import Made\n\ndef build(request):\n    {body}\n"
        path = service_file(tmp_path, source)
        with pytest.raises(error) as caught:
            train(path)
        for part in says:
            assert part in caught.value.lines[0]
        assert not list(tmp_path.rglob("artifact.json"))

    @pytest.mark.parametrize("when", ["len(x.shape) and x.shape[0] == 11", "x.shape[0] is None"])
    def test_a_network_that_fails_later_is_told_with_its_frames_too(self, tmp_path: Path, when: str) -> None:
        source = f"""
            import keras
            class Net(keras.Model):
                def __init__(self):
                    super().__init__()
                    self.dense = keras.layers.Dense(2)
                def call(self, x):
                    if {when}:
                        raise RuntimeError("too late")
                    return self.dense(x)
            def build(request):
                return Net()
            """
        with pytest.raises(OwnCodeError) as caught:
            train(service_file(tmp_path, source))
        first, *trace = caught.value.lines
        assert "the network of net:build failed: RuntimeError: " in first
        assert "too late" in first
        assert [line for line in trace if line.strip().startswith("File ")] == [
            line for line in trace if "net.py" in line and line.strip().endswith("in call")
        ]
        assert "\x1b" not in "".join(caught.value.lines)

    def test_a_fault_of_ours_is_no_fault_of_the_users_code(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("ours")

        monkeypatch.setattr("trainer.parity.demand", broken)
        with pytest.raises(RuntimeError, match="ours"):
            train(service_file(tmp_path))

    def test_a_loss_that_doesnt_fit_has_no_frame_of_the_users_and_none_is_shown(self, tmp_path: Path) -> None:
        source = LINEAR.replace("    return keras", "    model = keras") + (
            "    model.compile('adam', 'categorical_crossentropy')\n    return model\n"
        )
        with pytest.raises(
            OwnCodeError, match=r"training the network of net:build failed: ValueError: .*rank"
        ) as caught:
            train(service_file(tmp_path, source))
        assert caught.value.trace == ()

    def test_a_network_that_knows_no_missing_number_is_refused_before_training(self, tmp_path: Path) -> None:
        source = """
            import keras
            def build(request):
                return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
            """
        path = service_file(tmp_path, source, "entrypoint: net:build, data: a.csv, target: z")
        (tmp_path / "a.csv").write_text("\n".join(["a,b,z", *(f"{'' if i == 20 else i},1,{i}" for i in range(40))]))
        with pytest.raises(InputError, match=r"a.csv: values of features are missing, and the network of net:build"):
            train(path)

    def test_inputs_of_texts_and_numbers_go_in_by_name_prepared_or_not(self, tmp_path: Path) -> None:
        source = """
            import keras
            from trainer.own import Made
            def build(request):
                x = request.dataset.train.inputs
                size, city = keras.Input((), name="size"), keras.Input((), dtype="string", name="city")
                lookup = keras.layers.StringLookup(vocabulary=sorted(set(x["city"])), output_mode="one_hot")
                parts = [keras.ops.expand_dims(size, -1), keras.ops.reshape(lookup(city), (-1, 4))]
                features = keras.layers.Concatenate()(parts)
                given = {"size": size, "city": city}
                if request.settings.parameters["inside"]:
                    return keras.Model(given, keras.layers.Dense(1)(features))
                body = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
                return Made(model=body, prepare=keras.Model(given, features))
            """
        rows = [f"{i % 37},{'abc'[i % 3]},{i % 37 * 2 + i % 3}" for i in range(100)]
        part = "entrypoint: net:build, data: a.csv, target: price, epochs: 2, parameters: {inside: yes}"
        for inside in ("true", "false"):
            path = service_file(tmp_path / inside, source, part.replace("yes", inside))
            (path.parent / "a.csv").write_text("\n".join(["size,city,price", *rows]))
            artifact = train(path).artifact
            assert artifact.golden
            assert set(artifact.golden.request) == {"size", "city"}
            assert artifact.metrics["baseline"]["mse"] > 0

    def test_the_program_shows_the_users_frames_and_ends_with_2(self, tmp_path: Path) -> None:
        service_file(tmp_path, "def build(request):\n    return request.dataset.colour\n")
        done = run(tmp_path, "train", "serinus.yaml", "-q")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("serinus: calling net:build failed: AttributeError: ")
        assert 'net.py", line 2, in build' in done.stderr
        assert "trainer/own" not in done.stderr

    def test_standard_error_holds_our_lines_only_though_the_users_module_imports_keras(self, tmp_path: Path) -> None:
        service_file(tmp_path)
        done = run(tmp_path, "train", "serinus.yaml")
        assert (done.returncode, done.stdout) == (0, "build/digits/artifact\n")
        first, device, fitted, *epochs, second, class_, zero, one, macro = done.stderr.splitlines()
        table = [class_, zero, one, macro]
        assert first == "Training net:build on net:data: 29 examples, epochs: 12."
        assert device.startswith("Computing on the CPU")
        assert fitted.startswith("Fitted in ")
        assert epochs
        assert all(line.startswith("Epoch ") for line in epochs)
        assert second.startswith("Trained in ")
        assert [line.split()[0] for line in table] == ["class", "0", "1", "macro"]

    def test_tf_data_may_be_given(self, tmp_path: Path) -> None:
        tf = backend.tensorflow()
        whole = tf.data.Dataset.from_tensor_slices((X.astype("float32"), LABELS))
        for value in (whole, (whole, whole.take(4)), whole.batch(6), (whole.batch(6), whole.take(4).batch(3))):
            found = read(value)
            assert found.classes == ("0", "1")
            assert found.train.inputs["features"].shape[1:] == (1,)
            assert len(found.train) + len(found.test) in (20, 24)
        for wrong, says in (
            (whole.repeat(), "no end"),
            (whole.take(0), "it is empty"),
            (whole.map(lambda x, _: x), "no pairs"),
        ):
            with pytest.raises(InputError, match=says):
                read(wrong)
