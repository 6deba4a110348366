"""On which Servers a Model can land."""

from __future__ import annotations

import pytest

from becoming import become
from generator.checks.api import check

MODEL = """
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: m, namespace: models}
spec:
  storageUri: s3://models/m
"""


def server(name: str, spec: str, namespace: str = "models") -> str:
    """A Server of the set."""
    kind = "---\napiVersion: mlops.seldon.io/v1alpha1\nkind: Server\n"
    return f"{kind}metadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n"


OWN = server("own", "serverConfig: mlserver, capabilities: [mine, sklearn], replicas: 2")
OPEN = server("open", "serverConfig: special")


@pytest.mark.parametrize(
    ("model", "others", "words"),
    [
        ("requirements: [sklearn]", "", "it lands on the chart's mlserver"),
        ("requirements: [sklearn]", OWN, "it lands on the chart's mlserver or the Server own"),
        ("requirements: ['mine ']", OWN, "it lands on the Server own"),
        ("modelType: mine", OWN, "it lands on the Server own"),
        ("requirements: [SKLearn]", OWN, "it lands nowhere: no Server has all of SKLearn"),
        ("requirements: [sklearn, onnx]", "", "it lands nowhere: no Server has all of onnx, sklearn"),
        ("requirements: [mine]", server("own", "capabilities: [mine]", "others"), "it lands nowhere: no Server has"),
        ("requirements: [mine]\n  replicas: 3", OWN, "it lands nowhere: it wants 3 replicas, and no Server that"),
        ("requirements: [mine]\n  replicas: 3\n  minReplicas: 2", OWN, "it lands on the Server own"),
        ("server: own\n  requirements: [sklearn]", OWN, "it lands on the Server own"),
        ("server: triton\n  requirements: [sklearn]", "", "it lands nowhere: no Server has all of sklearn"),
        ("server: gone", OWN, "it waits for the Server 'gone', which stands neither in the set nor in the chart"),
        ("requirements: [mine]", OPEN, "it lands on the Server open where the ServerConfig has mine"),
        (
            "requirements: [sklearn]",
            OPEN,
            "the chart's mlserver, or on the Server open where the ServerConfig has sklearn",
        ),
        (
            "requirements: [onnx]",
            server("triton", "serverConfig: triton, capabilities: [mine]"),
            "it lands nowhere: no Server has all of onnx",
        ),
        ("explainer: {type: anchor_tabular, modelRef: a}", "", "it lands on the chart's mlserver"),
    ],
)
def test_where_a_model_lands_is_said(model: str, others: str, words: str) -> None:
    found = become(f"{MODEL}  {model}\n{others}", "2.10", "seldon-core-2").outcome
    assert not found.children
    (remark,) = found.remarks
    assert words in remark.words


@pytest.mark.parametrize(("release", "lands"), [("2.8", False), ("2.9", True)])
def test_room_for_the_least_replicas_is_enough_since_2_9(release: str, lands: bool) -> None:
    text = f"{MODEL}  requirements: [mine]\n  replicas: 3\n  minReplicas: 2\n{OWN}"
    (remark,) = become(text, release, "seldon-core-2").outcome.remarks
    assert ("lands on" in remark.words) == lands


def test_validate_computes_no_words_that_it_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a Model lands on is for people who ask: a set of thousands of Models and Servers isn't slower for it."""
    monkeypatch.setattr("generator.outcome.seldon_core_2.model.landing", lambda *_: pytest.fail("computed"))
    report = check(f"{MODEL}  requirements: [sklearn]\n{OWN}", platforms=("seldon-core-2@2.10",))
    assert report.summary.documents == 2
    with pytest.raises(pytest.fail.Exception, match="computed"):
        become(f"{MODEL}  requirements: [sklearn]\n{OWN}", "2.10", "seldon-core-2")
