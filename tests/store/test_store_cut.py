"""Models that were published as whole once and aren't (``cut/``): each is refused as a user publishes it, in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_kit import write_service

CUT = Path(__file__).parent / "cut"


@pytest.mark.parametrize(
    ("name", "model_format", "reason"),
    [
        (
            "sm-novars",
            "savedmodel",
            "its graph has variables (VarHandleOp), and variables/variables.index, which holds",
        ),
        ("hf-cut", "huggingface", "model.safetensors: it was cut off."),
        ("hf-surrogate", "huggingface", "config.json: its architectures aren't names of classes."),
        ("text.joblib", "sklearn", "it is no pickle."),
        ("trunc.pkl", "sklearn", "it was cut off."),
        ("cutx.json", "xgboost", "it has no learner.learner_model_param, so it is no model of XGBoost."),
        ("cut.txt", "lightgbm", "it was cut off."),
        ("mlf-cut", "mlflow", "MLmodel: it names 'model.skops', which isn't there."),
    ],
)
def test_a_model_that_is_not_whole_is_refused(run, tmp_path: Path, name: str, model_format: str, reason: str) -> None:
    file = write_service(tmp_path, "./store")
    ended = run("publish", file, "--model", CUT / name, "--set", f"model.format={model_format}")
    assert (ended.code, ended.out) == (2, "")
    assert f"serinus: {CUT / name}" in ended.err
    assert reason in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "store").exists()
