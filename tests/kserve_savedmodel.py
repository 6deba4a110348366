"""KServe's ModelServer around a SavedModel, for the tests; run by a Python that has kserve.

    python kserve_savedmodel.py FOLDER NAME PORT SITE_PACKAGES

FOLDER holds ``saved_model.pb``; SITE_PACKAGES is where TensorFlow lies, which need not be installed twice.
"""

from __future__ import annotations

import sys
from typing import Any

FOLDER, NAME, PORT, SITE_PACKAGES = sys.argv[1:]
sys.path.append(SITE_PACKAGES)  # behind kserve's own, whose releases go first

import tensorflow as tf  # noqa: E402
from kserve import Model, ModelServer  # noqa: E402


class SavedModel(Model):  # type: ignore[misc]
    """The classic request: rows in, rows out, as TensorFlow Serving has it."""

    def load(self) -> bool:
        self.loaded = tf.saved_model.load(FOLDER)
        self.served = self.loaded.signatures["serving_default"]
        self.ready = True
        return True

    def predict(self, payload: dict[str, Any], headers: Any = None, response_headers: Any = None) -> dict[str, Any]:
        rows = payload["instances"]
        specs = self.served.structured_input_signature[1]
        given = {name: tf.constant([row[name] for row in rows], spec.dtype) for name, spec in specs.items()}
        answer = {name: value.numpy().tolist() for name, value in self.served(**given).items()}
        return {"predictions": [dict(zip(answer, row, strict=True)) for row in zip(*answer.values(), strict=True)]}


model = SavedModel(NAME)
model.load()
ModelServer(http_port=int(PORT), enable_grpc=False, workers=1).start([model])
