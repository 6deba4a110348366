"""Which documents a controller sees: those that the API server takes, after the platform's webhook wrote them back."""

from __future__ import annotations

import pytest

from generator.checks.api import check
from generator.checks.children import REFUSED, outcome_of
from generator.checks.platforms import asked
from generator.checks.subject import Index
from generator.reading.documents import Document, read

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: churn, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    minReplicas: MIN
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/churn
      resources: {requests: {cpu: CPU}}
"""


@pytest.mark.parametrize(
    ("minimum", "cpu", "seen"),
    [
        ("1", '"100m"', True),
        ("1", "0.1", True),  # the webhook writes it back as 100m: seen in the lab with KServe 0.19 and 0.20
        ("1", "{}", False),
        ("two", "1", False),
    ],
)
def test_what_the_webhook_mends_is_seen(minimum: str, cpu: str, seen: bool) -> None:
    (document,) = read(SERVICE.replace("MIN", minimum).replace("CPU", cpu), "isvc.yaml")
    assert isinstance(document, Document)
    target = asked(["kserve@0.20"]).targets[0]
    found = outcome_of(Index.of([document]), document, target).outcome
    assert (bool(found.children), REFUSED in [gap.words for gap in found.gaps]) == (seen, not seen)


def test_a_fault_is_told_where_it_was_written_not_where_the_webhook_moved_it() -> None:
    text = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    sklearn: {storageUri: "s3://models/digits/1", volumeMounts: [{name: gone, mountPath: /gone}]}
"""
    found = [one for one in check(text, platforms=["kserve@0.20"]).findings if "gone" in one.message]
    assert [one.path for one in found] == ["spec.predictor.sklearn.volumeMounts[0].name"]
