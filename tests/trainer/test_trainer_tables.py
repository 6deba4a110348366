"""Data in columns: CSV and Parquet of the user's own. Each file is written as both where both can say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from test_trainer_tabular import service_file, train

from generator.errors import InputError
from trainer import data
from trainer.data import csv_file, from_table, table
from trainer.data.base import Reading

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.data.dataset import Dataset

CLASSES, NUMBERS = Reading(classes=True, target="y"), Reading(classes=False, target="y")


def lines(count: int = 20) -> list[str]:
    """A table of a number and a text, and y, which is a number."""
    cities = ("Rome", "Oslo")
    return ["size,city,y", *(f"{index}.5,{cities[index % 2]},{index % 2}" for index in range(count))]


def write(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def read(path: Path, reading: Reading = NUMBERS) -> Dataset:
    return data.of_file(path, reading).load()


def rows(dataset: Dataset) -> int:
    return len(dataset.train) + len(dataset.test)


class TestWhatIsRead:
    def test_numbers_alone_are_one_matrix_in_the_files_order(self, tmp_path: Path) -> None:
        found = read(write(tmp_path / "a.csv", ["b,a,y", *(f"{i},{i / 2},{i * 10}" for i in range(20))]))
        assert [*found.train.inputs] == ["features"]
        features = np.concatenate([found.train.inputs["features"], found.test.inputs["features"]])
        targets = np.concatenate([found.train.targets, found.test.targets])
        assert (features.dtype, targets.dtype, features.shape) == (np.float32, np.float32, (20, 2))
        assert (features[:, 0] == features[:, 1] * 2).all()
        assert (features[:, 0] * 10 == targets).all()
        assert found.notes["columns"] == [{"name": n, "input": "features", "kind": "number"} for n in "ba"]
        assert found.notes["target"] == "y"
        assert len(found.test) == 4

    def test_with_a_text_each_column_is_an_input_of_its_own(self, tmp_path: Path) -> None:
        found = read(write(tmp_path / "a.csv", lines()))
        assert {name: array.shape[1:] for name, array in found.train.inputs.items()} == {"size": (), "city": ()}
        assert set(found.train.inputs["city"]) == {"Rome", "Oslo"}
        assert [column["kind"] for column in found.notes["columns"]] == ["number", "category"]

    @pytest.mark.parametrize("reading", [CLASSES, NUMBERS])
    def test_parquet_and_csv_of_the_same_rows_give_the_same_data(self, tmp_path: Path, reading: Reading) -> None:
        rows = lines()
        rows[3] = ",Oslo,0"
        rows[4] = "7,,1"
        content = {
            "size": [None if i == 2 else 7.0 if i == 3 else i + 0.5 for i in range(20)],
            "city": pa.array([None if i == 3 else ("Rome", "Oslo")[i % 2] if i != 2 else "Oslo" for i in range(20)]),
            "y": [i % 2 == 1 for i in range(20)],
        }
        parquet.write_table(pa.table(content), tmp_path / "a.parquet")
        first, second = read(write(tmp_path / "a.csv", rows), reading), read(tmp_path / "a.parquet", reading)
        assert first.fingerprint == second.fingerprint
        assert first.notes == second.notes
        assert first.notes["missing"] == {"size": 1, "city": 1}
        assert first.remarks == ("Values are missing: 1 of size, 1 of city.",)

    @pytest.mark.parametrize(
        ("values", "names"),
        [
            (["b", "a"], ("a", "b")),
            (["10", "9"], ("9", "10")),
            (["1", "0"], ("0", "1")),
            (["none", "some"], ("none", "some")),
        ],
    )
    def test_classes_are_named_by_their_texts_or_whole_numbers(
        self, tmp_path: Path, values: list[str], names: tuple[str, ...]
    ) -> None:
        path = write(tmp_path / "a.csv", ["x,y", *(f"{i},{values[i % 2]}" for i in range(20))])
        found = read(path, CLASSES)
        assert found.classes == names
        assert len(found.test) == 4
        for part in (found.train, found.test):
            assert [names[label] for label in part.targets] == [
                values[int(x) % 2] for x in part.inputs["features"][:, 0]
            ]

    @pytest.mark.parametrize(("kind", "classes"), [("text", ("a", "b")), ("number", ())])
    def test_without_a_task_texts_are_classes_and_numbers_are_numbers(
        self, tmp_path: Path, kind: str, classes: tuple[str, ...]
    ) -> None:
        value = {"text": ("a", "b"), "number": ("0", "1")}[kind]
        path = write(tmp_path / "a.csv", ["x,y", *(f"{i},{value[i % 2]}" for i in range(20))])
        assert read(path, Reading(target="y")).classes == classes

    def test_named_features_are_read_alone_and_in_that_order(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", ["id,a,b,y", *(f"name {i},{i},{-i},{i}" for i in range(20))])
        found = read(path, Reading(classes=False, target="y", features=("b", "a")))
        assert found.notes["columns"] == [{"name": n, "input": "features", "kind": "number"} for n in "ba"]
        assert (found.train.inputs["features"][:, 0] <= 0).all()

    @pytest.mark.parametrize("text", ["", "NA", "n/a", "NaN", "nan", "NULL", " "])
    def test_a_value_may_be_missing(self, tmp_path: Path, text: str) -> None:
        found = read(write(tmp_path / "a.csv", [*lines()[:-1], f"{text},Oslo,1"]))
        sizes = np.concatenate([found.train.inputs["size"], found.test.inputs["size"]])
        assert np.isnan(sizes).sum() == 1

    @pytest.mark.parametrize(
        ("content", "is_read"),
        [
            ("\ufeff" + "\n".join(lines()), "byte order mark"),
            ("\n".join(lines()).replace(",", ";"), "semicolons"),
            ("\n".join(lines()).replace(",", "\t"), "tabs"),
            ("\r\n".join(lines()) + "\r\n\r\n", "Windows' line ends and an empty line"),
            ("\n".join(lines()).replace(",", " , "), "spaces"),
            ("\n".join(lines()).replace("Rome", '"Rome"'), "quotes"),
        ],
        ids=lambda value: value if len(value) < 40 else "",
    )
    def test_a_csv_may_be_written_in_several_ways(self, tmp_path: Path, content: str, is_read: str) -> None:
        (tmp_path / "a.csv").write_text(content, encoding="utf-8", newline="")
        assert read(tmp_path / "a.csv").fingerprint == read(write(tmp_path / "b.csv", lines())).fingerprint, is_read

    def test_a_columns_name_may_be_any_and_its_input_is_one_that_servers_take(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", ["city,living area (m²),_x,y", *(f"Rome,{i},{i},{i}" for i in range(20))])
        found = read(path)
        assert [*found.train.inputs] == ["city", "living_area__m__", "c_x"]
        assert [column["name"] for column in found.notes["columns"]] == ["city", "living area (m²)", "_x"]


class TestHeldOut:
    def test_a_column_split_tells(self, tmp_path: Path) -> None:
        content = lines()
        marked = [
            f"{content[0]},split",
            *(f"{line},{'test' if i >= 15 else 'train'}" for i, line in enumerate(content[1:])),
        ]
        found = read(write(tmp_path / "a.csv", marked))
        assert found.test.inputs["size"].tolist() == [i + 0.5 for i in range(15, 20)]
        assert "split" not in found.train.inputs
        assert found.split == "the file's own: by its column split"
        chosen = read(tmp_path / "a.csv", Reading(classes=False, target="y", features=("size",)))
        assert chosen.test.inputs["features"][:, 0].tolist() == found.test.inputs["size"].tolist()

    def test_columns_that_are_named_leave_a_column_split_of_other_values_out(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", ["x,split,y", *(f"{i},{'dev' if i % 2 else 'train'},{i}" for i in range(20))])
        found = read(path, Reading(classes=False, target="y", features=("x",)))
        assert len(found.test) == 4
        with pytest.raises(InputError, match=r"'dev' is neither train nor test"):
            read(path)

    def test_a_column_split_with_other_values_is_a_column(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", ["split,y", *(f"{'left' if i % 2 else 'right'},{i}" for i in range(20))])
        assert [*read(path).train.inputs] == ["split"]

    def test_a_file_of_its_own_tells(self, tmp_path: Path) -> None:
        write(tmp_path / "test.csv", ["y,city,size", "1,Bergen,3", "2,Oslo,4"])
        found = read(write(tmp_path / "a.csv", lines()), Reading(classes=False, target="y", test=tmp_path / "test.csv"))
        assert len(found.train) == 20
        assert found.test.inputs["city"].tolist() == ["Bergen", "Oslo"]
        assert found.test.targets.tolist() == [1, 2]


def broken(at: int, row: str) -> list[str]:
    content = lines()
    content[at] = row
    return content


class TestRefused:
    @pytest.mark.parametrize(
        ("content", "reading", "says"),
        [
            (lines(), Reading(classes=False), ["which column is to be learned", "'size', 'city', 'y'", "train.target"]),
            (lines(), Reading(target="z"), ["no column 'z'", "model.train.target"]),
            (lines(), Reading(target="Y"), ["no column 'Y'", "Did you mean 'y'?"]),
            (lines(), Reading(target="y", features=("sice",)), ["no column 'sice'", "Did you mean 'size'?"]),
            (lines(), Reading(target="y", features=("y",)), ["'y' is the target"]),
            (lines(), Reading(target="y", features=("size", "size")), ["'size' twice"]),
            (["y", "1", "2"], NUMBERS, ["no column but 'y'"]),
            ([], NUMBERS, [":1:1", "empty"]),
            (["1,2", "3,4"], NUMBERS, [":1:1", "numbers alone"]),
            ([",x,y", "0,1,2"], NUMBERS, [":1:1", "column 1 has no name", "index=False"]),
            (["x,x,y", "0,1,2"], NUMBERS, [":1:1", "two columns are called 'x'"]),
            (["x,y"], NUMBERS, ["no rows"]),
            (broken(4, "1,2"), NUMBERS, [":5:1", "2 values", "names 3 columns"]),
            (broken(4, '1,"Rome,2'), NUMBERS, ["no CSV"]),
            (broken(4, "many,Rome,1"), NUMBERS, [":5:1", "'many' is no number", "19 other values", "column size"]),
            (broken(4, "inf,Rome,1"), NUMBERS, [":5:1", "column size", "float32"]),
            (broken(4, "1,Rome,inf"), CLASSES, [":5:1", "column y", "float32"]),
            (broken(4, "1e39,Rome,1"), NUMBERS, [":5:1", "column size", "1e+39"]),
            (broken(4, "1,Rome,"), NUMBERS, [":5:1", "column y", "no value of the target"]),
            (broken(4, "1,Rome,NaN"), CLASSES, [":5:1", "column y", "no value of the target"]),
            (broken(4, "1,Rome,0.5"), CLASSES, [":5:1", "column y", "0.5 is no class", "tabular-regression"]),
            (["x,y", *(f"{i},{'ab'[i % 2]}" for i in range(20))], NUMBERS, [":2:1", "'a' is no number"]),
            (["x,y", *(f"{i},{i}" for i in range(20))], CLASSES, ["20 different classes in 20 rows"]),
            (["a b,a-b,a_b,c,y", "1,1,1,x,1"], NUMBERS, ["'a b' and 'a-b'", "input a_b"]),
            (["x,split,y", "1,train,2", "2,dev,3"], NUMBERS, [":3:1", "'dev' is neither train nor test"]),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_a_csv_is_refused_at_its_place(
        self, tmp_path: Path, content: list[str], reading: Reading, says: list[str]
    ) -> None:
        path = write(tmp_path / "mine.csv", content) if content else tmp_path / "mine.csv"
        if not content:
            path.touch()
        with pytest.raises(InputError) as caught:
            read(path, reading)
        assert str(caught.value).startswith(f"{path}:")
        for part in says:
            assert part in str(caught.value)

    @pytest.mark.parametrize(
        ("column", "says"),
        [
            (pa.array([[1.0]] * 20), ["column x", "list<", "numbers, texts and booleans"]),
            (pa.array([0] * 20, pa.timestamp("us")), ["column x", "timestamp", "features"]),
            (pa.array([1.0] * 4 + [float("inf")] + [1.0] * 15), ["row 5, column x", "inf"]),
        ],
        ids=["lists", "times", "infinity"],
    )
    def test_a_parquet_is_refused_at_its_place(self, tmp_path: Path, column: Any, says: list[str]) -> None:
        parquet.write_table(pa.table({"x": column, "y": np.arange(20.0)}), tmp_path / "a.parquet")
        with pytest.raises(InputError) as caught:
            read(tmp_path / "a.parquet")
        for part in (str(tmp_path / "a.parquet"), *says):
            assert part in str(caught.value)

    @pytest.mark.parametrize(
        ("held", "says"),
        [
            (["size,y", "1,2"], ["the held-out data lack 'city'", "'size', 'y'"]),
            (["size,city,y", "big,Rome,0"], [":2:1", "'big' is no number, and the training data have numbers there"]),
            (
                ["size,city,y", "1,Rome,0", "1,Rome,7"],
                [":3:1", "the class '7' isn't among the training rows", "'0', '1'"],
            ),
        ],
        ids=["column", "kind", "class"],
    )
    def test_held_out_data_are_of_the_same_columns(self, tmp_path: Path, held: list[str], says: list[str]) -> None:
        test = write(tmp_path / "test.csv", held)
        with pytest.raises(InputError) as caught:
            read(write(tmp_path / "a.csv", lines()), Reading(classes=True, target="y", test=test))
        for part in (str(test), *says):
            assert part in str(caught.value)

    @pytest.mark.parametrize("at", [0, 1, 7, 20])
    def test_the_line_that_isnt_utf8_is_named(self, tmp_path: Path, at: int) -> None:
        content = [line.encode() for line in lines()]
        content[at] = content[at].replace(b"o", b"\xf6").replace(b"i", b"\xef")
        (tmp_path / "a.csv").write_bytes(b"\n".join(content))
        with pytest.raises(InputError, match=rf"a\.csv:{at + 1}:1: this line isn't UTF-8"):
            read(tmp_path / "a.csv", NUMBERS)

    @pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
    def test_what_isnt_there_or_no_such_file_is_said(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(InputError, match=r"there is no such file"):
            read(tmp_path / name)
        (tmp_path / name).mkdir()
        with pytest.raises(InputError, match=r"this is a folder"):
            read(tmp_path / name)
        (tmp_path / name).rmdir()
        (tmp_path / name).write_bytes(b"PAR1\xff\xfe not this")
        with pytest.raises(InputError, match=r"UTF-8|no readable Parquet"):
            read(tmp_path / name)

    def test_a_csv_that_is_damaged_anywhere_is_read_or_an_error_at_the_file(self, tmp_path: Path) -> None:
        random, whole = np.random.default_rng(1), "\n".join(lines(30)).encode()
        junk = (
            *(b",", b"\n", b'"', b"\x00", b"\xff", b"\r", b";", b"\t", b"nan", b"inf", b"1e400", b"-"),
            b"\xe2\x80\xa8",
            b"",
        )
        path = tmp_path / "a.csv"
        for _ in range(150):
            first, last = sorted(random.integers(0, len(whole), 2))
            damaged = whole[:first] + junk[random.integers(len(junk))] + whole[min(last, first + 5) :]
            path.write_bytes(damaged)
            for reading in (CLASSES, NUMBERS, Reading(target="y")):
                try:
                    found = read(path, reading)
                except InputError as error:
                    assert str(error).startswith(str(path)), damaged  # noqa: PT017
                else:
                    assert rows(found) in range(28, 32), damaged

    def test_a_parquet_that_is_cut_anywhere_is_an_error_of_the_input(self, tmp_path: Path) -> None:
        content = {"x": np.arange(20.0), "y": np.arange(20.0)}
        parquet.write_table(pa.table(content), tmp_path / "a.parquet")
        whole = (tmp_path / "a.parquet").read_bytes()
        for position in range(0, len(whole), 17):
            for damaged in (whole[:position], whole[:position] + b"\xff\x00" + whole[position + 2 :]):
                (tmp_path / "a.parquet").write_bytes(damaged)
                try:
                    found = read(tmp_path / "a.parquet")
                except InputError as error:
                    assert str(error).startswith(str(tmp_path / "a.parquet"))  # noqa: PT017
                else:
                    assert rows(found) == 20

    def test_more_than_memory_holds_is_refused_before_it_is_held(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(table, "MOST_BYTES", 100)
        parquet.write_table(pa.table({"x": np.arange(20.0), "y": np.arange(20.0)}), tmp_path / "a.parquet")
        for path in (write(tmp_path / "a.csv", lines()), tmp_path / "a.parquet"):
            with pytest.raises(InputError, match=r"20 rows of . columns are more than .* model.train.features"):
                read(path)

    @pytest.mark.parametrize(
        ("reading", "says"),
        [
            (Reading(image_size=(2, 2)), "model.train.imageSize has no effect on a .csv"),
            (Reading(target="y", image_size=(2, 2)), "model.train.imageSize has no effect"),
        ],
    )
    def test_a_setting_without_effect_is_refused(self, tmp_path: Path, reading: Reading, says: str) -> None:
        with pytest.raises(InputError, match=says):
            read(write(tmp_path / "a.csv", lines()), reading)
        for name in data.SOURCES:
            with pytest.raises(InputError, match=rf"model.train.target has no effect on the data '{name}'"):
                data.find(name, tmp_path, Reading(target="y"))


def test_what_a_number_is_is_pythons_float_but_for_underscores() -> None:
    assert [csv_file.number(text) for text in ("1", "-1e3", ".5", "1_000", "1,5", "0x1", "a")] == [
        *(1, -1000, 0.5),
        *[None] * 4,
    ]


def test_the_settings_that_files_in_columns_take_are_fields_of_a_reading() -> None:
    assert set(Reading.__dataclass_fields__) >= from_table.SETTINGS


@pytest.mark.tensorflow
def test_a_table_with_texts_and_gaps_is_trained_on_and_answers_a_request_by_name(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    content = ["living area,city,price"]
    for _ in range(300):
        area, city = random.integers(40, 200), random.choice(["Rome", "Oslo", "Bonn"])
        price = 1000 * area + {"Rome": 0, "Oslo": 90000, "Bonn": 30000}[city]
        content.append(f"{area if random.random() > 0.05 else ''},{city if random.random() > 0.05 else ''},{price}")
    write(tmp_path / "homes.csv", content)
    path = service_file(tmp_path, "tabular-regression", "homes.csv", ", target: price, epochs: 60")
    artifact = train(path).artifact
    assert artifact.metrics["r2"] > 0.7
    assert artifact.signature
    assert {(each.name, each.dtype) for each in artifact.signature.inputs} == {
        ("living_area", "float32"),
        ("city", "string"),
    }
    assert artifact.trained_with["data"]["missing"]
    assert artifact.trained_with["parity"]["savedmodel"]["largestDifference"] < 1e-6
