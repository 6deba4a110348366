"""The files that the benchmark is run on: real manifests, each object with a name of its own that is one."""

from __future__ import annotations

import pytest
import yaml

from bench.manifests import renamed


@pytest.mark.parametrize("written", ["iris", '"iris"', "'iris'", " iris"])
def test_a_name_stays_one_however_it_is_quoted(written):
    text = f"kind: InferenceService\nmetadata:\n  name: {written}\nspec:\n  predictor: {{}}\n"
    assert yaml.safe_load(renamed(text, 7))["metadata"] == {"name": "n7-iris"}


def test_only_the_first_name_is_changed():
    text = "metadata:\n  name: a\nspec:\n  containers:\n  - env:\n    - x: 1\n    name: b\n"
    assert renamed(text, 1).count("n1-") == 1
