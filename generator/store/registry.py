"""Models of an MLflow registry: an alias or a version, resolved to what it is now, and its files.

The registry is the one that MLflow's own variables name (``MLFLOW_TRACKING_URI``, ``MLFLOW_REGISTRY_URI``, and its
``MLFLOW_TRACKING_TOKEN``, ``…_USERNAME`` and ``…_PASSWORD``); its client, mlflow-skinny, reads them.
Source: mlflow/mlflow v3.17.2, mlflow/environment_variables.py and mlflow/tracking/client.py.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from generator.errors import InputError, OutsideError, missing_extra

WANTED = re.compile(r"(?P<name>[^/@]{1,256})(?:@(?P<alias>[^/@]{1,255})|/(?P<version>[1-9][0-9]{0,8}))")
REGISTRIES = ("MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI")
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
"""Nothing goes anywhere but to the registry, and progress is ours to draw."""
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}
"""Tries and seconds; MLflow's own 7 and 120 are minutes of silence where nobody answers. Who sets them is heard."""
OURS = "registered_model_meta"
"""What MLflow's client adds to what it fetches: the name and the version, which the record has."""
ABSENT = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})
READY = "READY"


def resolve(wanted: str) -> dict[str, Any]:
    """What an alias or a version is now, for the record: the version and the run that made it.

    Args:
        wanted: What follows ``models:/``.

    Raises:
        InputError: It names no version of a model, or no registry is named.
        OutsideError: The registry can't be reached.
    """
    asked = WANTED.fullmatch(wanted)
    if asked is None:
        raise InputError(
            f"models:/{wanted} names no version of a model.",
            fix="Write models:/NAME@ALIAS or models:/NAME/VERSION, such as models:/digits@champion.",
        )
    client, failures = _client(), _failures()
    try:
        if asked["alias"]:
            found = client.get_model_version_by_alias(asked["name"], asked["alias"])
        else:
            found = client.get_model_version(asked["name"], asked["version"])
    except failures as error:
        raise _told(error, f"models:/{wanted}") from error
    if found.status != READY:
        raise InputError(f"models:/{wanted} isn't ready: it is {found.status}.", fix="Wait, or register it anew.")
    told = {"runId": found.run_id, "modelId": getattr(found, "model_id", None)}
    return {
        "kind": "mlflow",
        "uri": f"models:/{found.name}/{found.version}",
        "name": found.name,
        "version": str(found.version),
        **{key: value for key, value in told.items() if value},
    }


def fetch(uri: str, folder: Path) -> Path:
    """The files of a version in a folder, which is empty before.

    Raises:
        OutsideError: They can't be fetched.
    """
    _client()
    from mlflow.artifacts import download_artifacts  # noqa: PLC0415 (heavy, and absent without the extra `mlflow`)

    try:
        found = Path(download_artifacts(artifact_uri=uri, dst_path=str(folder)))
    except ImportError as error:
        fix = f"Install it: pip install {error.name}."
        raise OutsideError(f"the files of {uri} lie where MLflow needs {error.name}.", fix=fix) from error
    except _failures() as error:
        raise _told(error, uri) from error
    (found / OURS).unlink(missing_ok=True)
    return found


def _client() -> Any:
    """MLflow's client of the registry that its variables name.

    Raises:
        InputError: None is named, or the client isn't installed.
    """
    if not any(os.environ.get(name) for name in REGISTRIES):
        fix = "Name it: export MLFLOW_TRACKING_URI=https://mlflow.example.com"
        raise InputError("no MLflow registry is named.", fix=fix)
    for name, value in {**QUIET, **PATIENCE}.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow import MlflowClient  # noqa: PLC0415 (as above)
    except ImportError as error:
        raise missing_extra("mlflow", "a model of an MLflow registry") from error
    try:
        return MlflowClient()
    except _failures() as error:
        raise _told(error, "the registry") from error


def _failures() -> tuple[type[Exception], ...]:
    """What MLflow's client raises where something outside is wrong."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 (as above)
    from requests.exceptions import RequestException  # noqa: PLC0415 (as above; mlflow-skinny brings it)

    return MlflowException, RequestException, OSError


def _told(error: Exception, wanted: str) -> InputError | OutsideError:
    """What the client raised, in one paragraph: what isn't there is the user's to mend."""
    said = str(error).strip().split("\n", 1)[0][:400].rstrip(".")
    if getattr(error, "error_code", "") in ABSENT:
        return InputError(f"{wanted} isn't in the MLflow registry: {said}.", fix="Is it the registry that you mean?")
    return OutsideError(
        f"can't get {wanted} from the MLflow registry: {said}.",
        fix="Look at MLFLOW_TRACKING_URI, MLFLOW_REGISTRY_URI and the credentials.",
    )
