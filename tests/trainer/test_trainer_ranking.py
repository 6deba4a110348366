"""``recommendation``: ratings, what is held out of them, how rankings are measured, and what a client is answered."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trainer_kit import SERVICE, asked, task_file, trained

from generator.errors import InputError, Place
from generator.loading.load import load
from generator.model import gate, measures
from generator.model.artifact import Tensor
from trainer import data
from trainer.data import ratings
from trainer.data.base import Reading
from trainer.measures import ranking
from trainer.service import train_service
from trainer.tasks import recommendation

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.artifact import Artifact
    from trainer.data.dataset import Dataset

FINGERPRINT = "a665109f5b8b352feeab53fd5755008068ed4b82d235aa2bd0813e133bffa392"
"""Of MovieLens' ratings, on any machine."""


def made(*rows: tuple[float, ...], **other: Any) -> ratings.Ratings:
    """Ratings from rows of user, item, rating and perhaps time."""
    columns = np.array(rows, dtype=float).T
    return ratings.Ratings(
        user=columns[0],
        item=columns[1],
        rating=columns[2],
        time=columns[3] if len(columns) > 3 else None,
        place=lambda row, column: Place("mine.csv", row + 2, path=column),
        **other,
    )


def dataset(*rows: tuple[float, ...]) -> Dataset:
    return ratings.dataset("made", made(*rows), licence="")


def pairs(of: Dataset, part: str) -> set[tuple[int, int, int]]:
    """User, item, and what the rating came to."""
    examples = getattr(of, part)
    found = zip(*np.nonzero(examples.targets), strict=True)
    users = examples.inputs["user"]
    return {(int(users[row]), int(of.items[column]), int(examples.targets[row, column])) for row, column in found}


class TestMetrics:
    def test_by_hand(self) -> None:
        scores = np.array([[0.9, 0.8, 0.7, 0.1], [0.9, 0.8, 0.7, 0.1], [0.9, 0.8, 0.7, 0.1]])
        held_out = np.array([[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 1, 1]])
        found = ranking.of_scores(scores, held_out, k=3)
        # The first user's is second, the second one's isn't among three, of the third one's three two are.
        second, third = 1 / np.log2(3), 1 / np.log2(4)
        assert found["hitRate"] == pytest.approx(2 / 3)
        assert found["ndcg"] == pytest.approx((second + 0 + (1 + third) / (1 + second + third)) / 3)
        assert (found["k"], found["items"], found["examples"]) == (3, 4, 3)

    @given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 12), st.integers(1, 15))
    @settings(max_examples=30, deadline=None)
    def test_ndcg_is_scikit_learns_and_both_are_shares(self, seed: int, users: int, items: int, k: int) -> None:
        from sklearn.metrics import ndcg_score

        random = np.random.default_rng(seed)
        scores = random.permuted(np.tile(np.arange(float(items)), (users, 1)), axis=1)
        held_out = random.integers(0, 2, (users, items))
        held_out[:, random.integers(items)] = 1
        found = ranking.of_scores(scores, held_out, k)
        assert found["ndcg"] == pytest.approx(ndcg_score(held_out, scores, k=k))
        assert 0 <= found["ndcg"] <= found["hitRate"] <= 1

    def test_the_best_ranking_is_1_and_the_worst_0(self) -> None:
        held_out = np.eye(5, 30, dtype=int)
        assert ranking.of_scores(held_out * 2.0, held_out)["ndcg"] == 1
        assert ranking.of_scores(held_out * -2.0, held_out)["hitRate"] == 0

    def test_the_baseline_is_what_most_like_without_the_users_own(self) -> None:
        # Film 1 is liked by six, film 2 by five besides; what is held out of these five nobody else likes.
        rows = [row for user in range(1, 6) for row in ((user, 1, 5, 0), (user, 2, 5, 1), (user, 10 + user, 5, 2))]
        others = [(100 + item, 50 + item, 5, 0) for item in range(30)]
        of = dataset(*rows, *others, (9, 1, 5, 0), (9, 2, 5, 1))
        assert pairs(of, "test") == {(9, 2, 1), *((user, 10 + user, 1) for user in range(1, 6))}
        # To the last one film 1 isn't recommended, so film 2 comes first.
        assert ranking.baseline(of) == {"hitRate": pytest.approx(1 / 6), "ndcg": pytest.approx(1 / 6)}

    def test_every_name_can_be_gated_and_no_other_is_measured(self) -> None:
        of = dataset(*((user, item, item % 5, item) for user in range(12) for item in range(12)))
        metrics = ranking.evaluate(of, lambda inputs: np.zeros((len(inputs["user"]), 12)))
        metrics |= {"baseline": ranking.baseline(of)}
        paths = set(metrics) - {"baseline"} | {f"baseline.{name}" for name in metrics["baseline"]}
        assert paths == set(measures.MEASURES["ranking"])
        (verdict,) = gate.judge([gate.parse("ndcg", ">= baseline * 0")], metrics)
        assert verdict.met
        assert "hitRate@10" in ranking.table(metrics)


class TestSplit:
    def test_the_last_fifth_in_time_of_what_a_user_liked_is_held_out(self) -> None:
        liked = [(1, item, 5, 100 - item) for item in range(10)]
        disliked = [(1, item, 1, 200) for item in range(20, 30)]
        of = dataset(*liked, *disliked)
        assert pairs(of, "test") == {(1, 0, 1), (1, 1, 1)}
        assert pairs(of, "train") == {(1, item, 1) for item in range(2, 10)} | {(1, item, -1) for item in range(20, 30)}

    def test_without_times_the_order_of_the_rows_changes_nothing(self) -> None:
        rows = [(user, item, 3) for user in range(9) for item in range(15)]
        first, turned = dataset(*rows), dataset(*rows[::-1])
        assert pairs(first, "test") == pairs(turned, "test")
        assert len({item for _, item, _ in pairs(first, "test")}) > 3
        assert "no time" in first.split

    def test_what_was_rated_twice_counts_as_rated_last(self) -> None:
        rows = [(1, item, 5, item) for item in range(1, 4)]
        of = dataset(*rows, (1, 9, 5, 0), (1, 9, 1, 9), (1, 8, 1, 9), (1, 8, 5, 0))
        assert {(1, 9, -1), (1, 8, -1)} <= pairs(of, "train")

    def test_liked_is_what_has_the_median_whatever_the_scale(self) -> None:
        of = dataset(*((1, item, 10 * item) for item in range(11)))
        assert of.notes["likedFrom"] == 50
        assert {item for _, item, what in pairs(of, "train") | pairs(of, "test") if what == 1} == set(range(5, 11))

    def test_where_there_is_one_value_all_is_liked(self) -> None:
        of = dataset(*((1, item, 1) for item in range(10)))
        assert {what for _, _, what in pairs(of, "train")} == {1}

    @given(st.lists(st.tuples(*[st.integers(0, 8)] * 4), min_size=1, max_size=80), st.booleans())
    @settings(max_examples=80, deadline=None)
    def test_no_rating_is_on_both_sides_and_none_is_lost(self, rows: list[tuple[int, ...]], timed: bool) -> None:
        of = dataset(*(row if timed else row[:3] for row in rows))
        assert of.contaminated() == 0
        train, test = pairs(of, "train"), pairs(of, "test")
        assert {pair[:2] for pair in train | test} == {row[:2] for row in rows}
        assert len(train) + len(test) == len({row[:2] for row in rows})
        for user in of.train.inputs["user"].tolist():
            liked = sum(own == user and what == 1 for own, _, what in train | test)
            assert sum(own == user for own, _, _ in test) == (max(1, liked // 5) if liked > 1 else 0)

    def test_a_rating_on_both_sides_would_be_told(self) -> None:
        of = dataset(*((user, item, 1) for user in range(3) for item in range(10)))
        both = dataclasses.replace(of.test, targets=of.train.targets)
        assert dataclasses.replace(of, test=both).contaminated() == 3


class TestMovieLens:
    def test_the_ratings_are_the_same_everywhere(self) -> None:
        films = data.SOURCES["movielens"].load()
        assert films.fingerprint == FINGERPRINT
        assert (films.notes["ratings"], films.notes["users"], films.notes["items"]) == (100_004, 671, 9_066)
        assert films.notes["likedFrom"] == 4
        assert films.contaminated() == 0
        assert "commercial" in films.licence


ROWS = [f"{user},{item},{(user + item) % 5 + 1},{user * 7 + item}" for user in range(12) for item in range(15)]


def written(folder: Path, *changed: str, head: str = "who,what,stars,at") -> Path:
    path = folder / "mine.csv"
    path.write_text("\n".join([head, *changed, *ROWS]) + "\n", encoding="utf-8")
    return path


def read(
    path: Path, target: str | None = "stars", features: tuple[str, ...] = ("who", "what", "at"), **other: Any
) -> Dataset:
    return data.of_file(path, Reading(ratings=True, target=target, features=features, **other)).load()


class TestOwnRatings:
    def test_the_columns_are_named(self, tmp_path: Path) -> None:
        of = read(written(tmp_path))
        assert (of.notes["users"], of.notes["items"], of.notes["likedFrom"]) == (12, 15, 3)
        assert of.notes["columns"] == {"user": "who", "item": "what", "time": "at", "rating": "stars"}
        assert "in time" in of.split

    def test_without_a_rating_each_row_is_a_like(self, tmp_path: Path) -> None:
        of = read(written(tmp_path), None, ("who", "what"))
        assert of.notes["likedFrom"] == 1
        assert {what for _, _, what in pairs(of, "train")} == {1}

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            ("1,1,,5", ["mine.csv:2:", "there is no rating"]),
            ("1,1,nan,5", ["mine.csv:2:", "there is no rating"]),
            ("1,1,inf,5", ["mine.csv:2:", "there is no rating"]),
            (",1,3,5", ["mine.csv:2:", "there is no user"]),
            ("1,1,3,", ["mine.csv:2:", "there is no time"]),
            ("1.5,1,3,5", ["mine.csv:2:", "the user 1.5 is no whole number"]),
            ("1,9007199254740994,3,5", ["mine.csv:2:", "the item 9007199254740994 is no whole number up to 2^53"]),
            ("1,1,3,5\nanna,1,3,5", ["mine.csv:3:", "'anna' is no number"]),
            ("1,1,good,5", ["mine.csv:2:", "'good' is no number"]),
        ],
    )
    def test_a_wrong_value_is_told_with_its_line(self, tmp_path: Path, row: str, says: list[str]) -> None:
        with pytest.raises(InputError) as caught:
            read(written(tmp_path, row))
        for part in (*says, "Mend "):
            assert part in str(caught.value)

    def test_ids_of_text_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.csv"
        path.write_text("who,what\n" + "".join(f"u{user},{item}\n" for user in range(12) for item in range(12)))
        with pytest.raises(InputError, match=r"mine.csv:2:1: the user 'u0' is no number"):
            read(path, None, ("who", "what"))

    @pytest.mark.parametrize(
        ("target", "features", "says"),
        [
            ("stars", (), ["who, what, stars, at", "in this order", "model.train.features"]),
            ("stars", ("who",), ["in this order"]),
            ("stars", ("who", "wat", "at"), ["no column 'wat'", "Did you mean 'what'?"]),
            ("star", ("who", "what"), ["no column 'star'"]),
            ("at", ("who", "what", "at"), ["a column has two parts"]),
        ],
    )
    def test_columns_that_arent_there_are_told(
        self, tmp_path: Path, target: str, features: Any, says: list[str]
    ) -> None:
        with pytest.raises(InputError) as caught:
            read(written(tmp_path), target, features)
        for part in says:
            assert part in str(caught.value)

    def test_a_file_of_held_out_ratings_has_no_effect_and_is_refused(self, tmp_path: Path) -> None:
        path = written(tmp_path)
        with pytest.raises(InputError, match=r"model\.train\.test has no effect on ratings"):
            read(path, test=path)

    def test_more_users_and_items_than_fit_are_refused(self) -> None:
        many = np.arange(8_000)
        with pytest.raises(InputError, match=r"8,000 users times 8,000 items are more than 50,000,000"):
            ratings.dataset("made", ratings.Ratings(user=many, item=many, rating=many), licence="")

    @pytest.mark.parametrize("items", [1, 10])
    def test_as_many_items_as_are_recommended_are_too_few(self, items: int) -> None:
        of = dataset(*((user, item, 1) for user in range(12) for item in range(items)))
        with pytest.raises(InputError, match=f"{items} items; 10 of them are recommended"):
            recommendation.check(of)

    def test_other_data_are_no_ratings(self) -> None:
        with pytest.raises(InputError, match="these are no ratings"):
            recommendation.check(data.SOURCES["wine"].load())


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Of the file that ``init`` writes; its gate is met, or this raises."""
    return trained(task_file(tmp_path_factory.mktemp("films"), "recommendation"))


@pytest.fixture(scope="module")
def recommended(artifact: Artifact) -> dict[str, Any]:
    """What every user is recommended."""
    (said,) = asked(artifact, {"user": data.SOURCES["movielens"].load().train.inputs["user"].tolist()})
    return said


@pytest.mark.tensorflow
class TestTraining:
    def test_a_client_sends_a_user_and_gets_items(self, artifact: Artifact) -> None:
        assert artifact.signature
        assert artifact.signature.inputs == (Tensor("user", "int64", (None,)),)
        assert set(artifact.signature.outputs) == {
            Tensor("items", "int64", (None, 10)),
            Tensor("scores", "float32", (None, 10)),
        }

    def test_a_server_that_knows_no_keras_gives_the_golden_answer(self, artifact: Artifact) -> None:
        assert artifact.golden
        (said,) = asked(artifact, artifact.golden.request)
        assert said["items"] == artifact.golden.response["items"]
        assert np.array(said["scores"]) == pytest.approx(np.array(artifact.golden.response["scores"]), abs=1e-4)

    def test_the_metrics_are_those_of_the_exported_files(self, artifact: Artifact, recommended: Any) -> None:
        films = data.SOURCES["movielens"].load()
        tested = np.isin(films.train.inputs["user"], films.test.inputs["user"])
        items, scores = (np.array(recommended[name])[tested] for name in ("items", "scores"))
        columns = np.searchsorted(films.items, items)
        assert (films.items[columns] == items).all()
        hits = np.take_along_axis(films.test.targets > 0, columns, axis=1)
        assert hits.any(axis=1).mean() == pytest.approx(artifact.metrics["hitRate"], abs=0.002)
        assert (np.diff(scores, axis=1) <= 0).all()

    def test_nothing_that_a_user_has_rated_is_recommended(self, recommended: Any) -> None:
        films = data.SOURCES["movielens"].load()
        columns = np.searchsorted(films.items, np.array(recommended["items"]))
        assert (np.take_along_axis(films.train.targets, columns, axis=1) == 0).all()

    def test_a_user_that_is_not_known_gets_what_most_like(self, artifact: Artifact) -> None:
        films = data.SOURCES["movielens"].load()
        (said,) = asked(artifact, {"user": [0, -1, 672, 2**62]})
        assert len({tuple(items) for items in said["items"]}) == 1
        most = np.argsort(-ranking.liked(films), kind="stable")[:10]
        assert said["items"][0] == films.items[most].tolist()

    def test_the_same_seed_gives_the_same_metrics(self, tmp_path: Path, artifact: Artifact) -> None:
        path = task_file(tmp_path, "recommendation", epochs=1)
        assert trained(path).metrics == trained(path, retrain=True).metrics != artifact.metrics

    def test_onnx_holds_it(self, tmp_path: Path) -> None:
        path = task_file(tmp_path, "recommendation", epochs=1)
        path.write_text(path.read_text().replace("model: {", "model: {formats: [onnx], "))
        parity = trained(path).trained_with["parity"]
        assert parity["onnx"]["largestDifference"] < 1e-4

    def test_own_ratings_from_a_file(self, tmp_path: Path) -> None:
        written(tmp_path)
        path = tmp_path / "serinus.yaml"
        train = "{task: recommendation, data: mine.csv, target: stars, features: [who, what, at], epochs: 1}"
        path.write_text(
            SERVICE.replace("{task: image-classification, data: digits, epochs: 2}", train).replace(
                '{accuracy: ">= 0.5"}', '{hitRate: ">= 0"}'
            )
        )
        artifact = train_service(load(path), say=lambda _: None).artifact
        # Each user has rated 12 to 14 of 15 items, so the last ones are the user's own, far below.
        (said,) = asked(artifact, {"user": [3]})
        assert len(set(said["items"][0])) == 10
        assert said["scores"][0][-1] < recommendation.KNOWN / 2
