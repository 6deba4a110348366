"""XGBoost: what ``Booster.save_model`` has written, as JSON, UBJSON or in the old binary form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store.formats.base import Format, Model, Say, broken, file_of

if TYPE_CHECKING:
    from pathlib import Path

# KServe: python/xgbserver/xgbserver/model.py (v0.20.0). MLServer: runtimes/xgboost/mlserver_xgboost/xgboost.py.
ENDINGS = (".bst", ".json", ".ubj")
WANTED = "a .bst, .json or .ubj file"
PICKLED = (b"\x80\4\x95", b"\x80\5\x95")  # protocols 4 and 5, then the first frame: Lib/pickletools.py
AGAIN = "Write it with booster.save_model(path)."


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    head = file_of(path, WANTED, ENDINGS)
    ending = path.suffix.lower()
    if head.startswith(PICKLED):
        raise broken(path, "the file is a pickle, which no server reads as an XGBoost model.", AGAIN)
    # Both JSON and UBJSON hold one object, which starts so in both.
    if ending != ".bst" and not head.lstrip().startswith(b"{"):
        raise broken(path, f"the file holds no {'JSON' if ending == '.json' else 'UBJSON'}.", AGAIN)
    return Model("xgboost", path, name=f"model{ending}")


FORMAT = Format("xgboost", WANTED, _look)
