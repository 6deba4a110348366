"""scikit-learn: an estimator that joblib or pickle has written.

The file is never loaded: loading a pickle runs whatever is in it. Servers do load it, so publish only what you trust.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store.formats.base import Format, Model, Say, broken, file_of

if TYPE_CHECKING:
    from pathlib import Path

# KServe: python/sklearnserver/sklearnserver/model.py (v0.20.0). MLServer: runtimes/sklearn/mlserver_sklearn/sklearn.py.
ENDINGS = (".joblib", ".pkl", ".pickle")
WANTED = "a .joblib, .pkl or .pickle file"


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    head = file_of(path, WANTED, ENDINGS)
    if head.startswith(b"PK\3\4"):
        raise broken(
            path, "the file is a zip file, no pickle.", "Write the estimator with joblib.dump(estimator, path)."
        )
    return Model("sklearn", path, name=f"model{path.suffix.lower()}")


FORMAT = Format("sklearn", WANTED, _look)
