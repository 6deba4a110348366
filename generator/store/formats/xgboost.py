"""XGBoost: what ``Booster.save_model`` has written, as JSON, UBJSON or in the old binary form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.store import disk
from generator.store.contents import outline
from generator.store.contents.damage import DamagedError
from generator.store.formats.base import Format, Model, Say, broken, ends_in, file_of, versions, whole

if TYPE_CHECKING:
    from pathlib import Path

# KServe: python/xgbserver/xgbserver/model.py (v0.20.0). MLServer: runtimes/xgboost/mlserver_xgboost/xgboost.py.
ENDINGS = (".bst", ".json", ".ubj", ".xgb")  # .xgb is MLflow's
WANTED = "a .bst, .json, .ubj or .xgb file"
PICKLED = (b"\x80\4\x95", b"\x80\5\x95")  # protocols 4 and 5, then the first frame: Lib/pickletools.py
BST, MLFLOWS = ".bst", ".xgb"
AGAIN = "Write it with booster.save_model(path)."


# dmlc/xgboost, src/learner.cc, LearnerConfiguration::LoadConfig and LearnerIO::LoadModel
NEEDED = (("learner", "learner_model_param"), ("learner", "objective"), ("learner", "gradient_booster", "name"))
BOOSTER = ("learner", "gradient_booster")
MODELS = ((*BOOSTER, "model"), (*BOOSTER, "gbtree", "model"))
NAMES = (b"gbtree", b"gblinear", b"dart")
"""The boosters, one of which stands near the start of the old binary form (removed in XGBoost 3.1)."""
NEAR = 1024


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    head = file_of(path, WANTED, ENDINGS)
    # XGBoost and the servers tell JSON and UBJSON by the ending, and know nothing of MLflow's.
    ending = BST if path.suffix.lower() == MLFLOWS else path.suffix.lower()
    if head.startswith(PICKLED):
        raise broken(path, "the file is a pickle, which no server reads as an XGBoost model.", AGAIN)
    # Both JSON and UBJSON hold one object, which starts so in both.
    if not head.lstrip().startswith(b"{"):
        if ending != BST:
            raise broken(path, f"the file holds no {'JSON' if ending == '.json' else 'UBJSON'}.", AGAIN)
        if not any(name in disk.read(path, NEAR) for name in NAMES):
            raise broken(path, "it names no booster, so it is no model of XGBoost.", AGAIN)
        return Model("xgboost", path, name="model.bst")
    as_json = ending == ".json" or (ending == BST and head.lstrip()[1:].lstrip().startswith(b'"'))
    _hold_ending(path, ending, head.lstrip()[1:])
    if path.suffix.lower() == MLFLOWS:
        ending = ".json" if as_json else ".ubj"
    with whole(path, AGAIN), disk.mapped(path) as content:
        found = (outline.of_json if as_json else outline.of_ubjson)(content)
        _demand_model(found)
    version = _version(found)
    return Model("xgboost", path, name=f"model{ending}", written_by=versions(xgboost=version))


def _hold_ending(path: Path, ending: str, rest: bytes) -> None:
    """JSON goes on with a key or its end; UBJSON with the length of a key, whose type is a letter (ubjson.org).

    Raises:
        InputError: It is the one under the ending of the other, and XGBoost goes by the ending.
    """
    json = rest.lstrip()[:1] in (b'"', b"}")
    if ending in (".json", ".ubj") and json != (ending == ".json"):
        other = path.with_suffix(".json" if json else ".ubj").name
        raise broken(
            path, f"it holds {'JSON' if json else 'UBJSON'}, and XGBoost goes by the ending.", f"Name it {other}."
        )


def _demand_model(found: outline.Outline) -> None:
    """A booster with all that loading one asks for, and as many trees as it announces.

    Raises:
        DamagedError: It isn't.
    """
    missing = [".".join(key) for key in NEEDED if key not in found.values]
    if missing:
        raise DamagedError(f"it has no {missing[0]}, so it is no model of XGBoost")
    model = next((place for place in MODELS if place in found.values), None)
    if model is None:
        raise DamagedError("it holds the settings of a booster without the model")
    told = re.match(rb'"?(\d{1,9})"?', found.values.get((*model, "gbtree_model_param", "num_trees"), b"").strip())
    trees = found.objects.get((*model, "trees"), 0)
    if told and int(told[1]) != trees:
        raise DamagedError(f"it announces {int(told[1])} trees and holds {trees}")


def _version(found: outline.Outline) -> str:
    """What wrote it: three numbers."""
    numbers = found.numbers.get(("version",)) or [
        int(each) for each in re.findall(rb"\d{1,4}", found.values.get(("version",), b"").partition(b"]")[0])
    ]
    return ".".join(map(str, numbers[:3]))


FORMAT = Format("xgboost", WANTED, _look, ends_in(*ENDINGS))
