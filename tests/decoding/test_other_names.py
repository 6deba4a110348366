"""What is meant by a word that is not known."""

from __future__ import annotations

import pytest

from generator.decoding.exact import OTHER_NAMES, likely, nearest

FORMATS = ("savedmodel", "onnx", "sklearn", "xgboost", "lightgbm", "torchserve", "torchscript", "huggingface", "paddle")
PLATFORMS = ("kserve", "seldon-core-1", "seldon-core-2", "kubernetes")


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("Sklearn", FORMATS, "sklearn"),
        ("scikit-learn", FORMATS, "sklearn"),
        ("hf", FORMATS, "huggingface"),
        ("HF", FORMATS, "huggingface"),
        ("tensorflow", FORMATS, "savedmodel"),
        ("SavedModel", FORMATS, "savedmodel"),
        ("pytorch", FORMATS, "torchscript"),
        ("xgb", FORMATS, "xgboost"),
        ("lgbm", FORMATS, "lightgbm"),
        ("k8s", PLATFORMS, "kubernetes"),
        ("seldon", PLATFORMS, "seldon-core-2"),
        ("KServe", PLATFORMS, "kserve"),
        ("hf", PLATFORMS, None),
        ("prolog", FORMATS, None),
    ],
)
def test_another_name_of_the_same_thing(word: str, known: tuple[str, ...], meant: str | None) -> None:
    assert likely(word, known) == meant
    assert (meant or "Known here") in nearest(word, known)


def test_other_names_are_in_lower_case_and_name_something_else() -> None:
    assert all(name == name.lower() and name not in meant for name, meant in OTHER_NAMES.items())
