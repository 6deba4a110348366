"""Arguments of a server that lead it away from the folder that the model is fetched to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import model, predictors
from generator.checks.subject import sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

FOLDER = "/mnt/models"
FLAGS = frozenset(
    ("--model_dir", "--model_base_path", "--model_path", "--model-store", "--model-repository", "--model")
)
"""The flags by which the servers of KServe's own runtimes are told of the folder, and Triton's newer name for it."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      args: [--model_dir=/mnt/models/best]
"""


@rule(
    id="KSV142",
    name="model-folder-elsewhere",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"args"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{flag} sends the server to {folder}, and the model is fetched to /mnt/models",
    fix="Remove the argument, or name /mnt/models or a folder in it.",
    source=Source("kserve/kserve", "v0.20.0", "config/runtimes/kserve-sklearnserver.yaml"),
    bad=GOOD.replace("/mnt/models/best", "/models/digits"),
    good=GOOD,
)
def model_folder_elsewhere(subject: Subject) -> Iterator[Hit]:
    """Arguments of a model are put behind those of its runtime, and the last one wins: the server finds no model.

    A path that isn't absolute may name something else, so it isn't looked at.
    """
    for component in predictors(subject):
        served = model(component)
        if served is None or not text(served.spec, "storageUri"):
            continue
        args = sequence(served.spec, "args")
        for number, arg in enumerate(args):
            flag, equals, folder = arg.partition("=") if isinstance(arg, str) else ("", "", "")
            if not equals and number + 1 < len(args) and isinstance(args[number + 1], str):
                folder = args[number + 1]
            inside = folder == FOLDER or folder.startswith(f"{FOLDER}/")
            if flag in FLAGS and folder.startswith("/") and not inside:
                yield Hit((*served.path, "args", number), {"flag": flag, "folder": folder})
