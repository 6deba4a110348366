"""scikit-learn: an estimator that joblib or pickle has written.

The file is never loaded: loading a pickle runs whatever is in it. Servers do load it, so publish only what you trust.
Its instructions are walked to the last one (``generator.store.contents.pickles``).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from generator.store import disk
from generator.store.contents.pickles.read import read
from generator.store.formats.base import Format, Model, Say, broken, ends_in, file_of, versions, whole

if TYPE_CHECKING:
    from pathlib import Path

# KServe: python/sklearnserver/sklearnserver/model.py (v0.20.0). MLServer: runtimes/sklearn/mlserver_sklearn/sklearn.py.
ENDINGS = (".joblib", ".pkl", ".pickle")
WANTED = "a .joblib, .pkl or .pickle file"


USUAL = {
    *("__builtin__", "_codecs", "_thread", "builtins", "collections", "copy_reg", "copyreg", "types"),
    *("joblib", "numpy", "scipy", "sklearn"),
}
"""What every server of scikit-learn has."""
AGAIN = "Write the estimator with joblib.dump(estimator, path)."


def _look(path: Path, say: Say) -> Model:
    head = file_of(path, WANTED, ENDINGS)
    if head.startswith(b"PK\3\4"):
        raise broken(path, "the file is a zip file, no pickle.", AGAIN)
    with whole(path, AGAIN), disk.opened(path) as file:
        seen = read(file, os.fstat(file.fileno()).st_size)
    if not seen.whole:
        say(f"{path} is too long, or of a form too unusual, to be walked to its end: only its last byte was looked at")
    if others := sorted(seen.packages - USUAL):
        say(f"{path} names the packages {', '.join(others)}, which a server has to have as well")
    return Model(
        "sklearn", path, name=f"model{path.suffix.lower()}", written_by=versions(**{"scikit-learn": seen.sklearn})
    )


FORMAT = Format("sklearn", WANTED, _look, ends_in(*ENDINGS))
