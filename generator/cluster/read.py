"""Reading from a live cluster, as the user's kubeconfig names it. What it needs is the extra ``cluster``."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = 50
"""CRDs asked for at once; some are a megabyte each."""
SECONDS = (10, 60)
"""How long connecting and answering may take."""
_REASONS = {
    401: "it doesn't know these credentials",
    403: "these credentials may not list customresourcedefinitions.apiextensions.k8s.io",
}
_FIXES = {
    401: "Log in anew, or name another context: --context NAME.",
    403: "Ask for the verb list on that resource, or import files: kubectl get crd -o yaml, by someone who may.",
}


def crds(*, kubeconfig: Path | None = None, context: str | None = None) -> list[dict[str, Any]]:
    """All CustomResourceDefinitions of a cluster, as it has them.

    Args:
        kubeconfig: The file; left out, what ``$KUBECONFIG`` names, else ``~/.kube/config``, else the pod that this
            runs in.
        context: A context of that file; left out, its current one.

    Raises:
        InputError: The extra is missing, or the kubeconfig says nothing usable.
        OutsideError: The kubeconfig can't be read, or the cluster can't be reached, or it refuses.
    """
    if importlib.util.find_spec("kubernetes") is None:
        raise missing_extra("cluster", "reading a cluster")
    from kubernetes import client  # noqa: PLC0415 (an extra, and 200 ms)
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 (comes with it)

    configuration = _configuration(kubeconfig, context)
    try:
        with client.ApiClient(configuration) as connection:
            return list(_pages(client.CustomObjectsApi(connection)))
    except HTTPError as error:
        reason = getattr(error, "reason", None) or error
        raise OutsideError(f"can't reach the cluster at {configuration.host}: {reason}.") from error
    except client.ApiException as error:
        reason = _REASONS.get(error.status, f"{error.status} {error.reason}")
        fix = _FIXES.get(error.status, "")
        raise OutsideError(f"the cluster at {configuration.host} refuses: {reason}.", fix=fix) from error


def _pages(api: Any) -> Iterator[dict[str, Any]]:
    """The plain objects, page by page; they carry neither ``apiVersion`` nor ``kind`` in a list."""
    following = ""
    while True:
        page = api.list_cluster_custom_object(
            "apiextensions.k8s.io",
            "v1",
            "customresourcedefinitions",
            limit=PAGE,
            _request_timeout=SECONDS,
            **({"_continue": following} if following else {}),
        )
        for crd in page["items"]:
            yield {**crd, "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        following = page["metadata"].get("continue", "")
        if not following:
            return


def _configuration(kubeconfig: Path | None, context: str | None) -> Any:
    """What to connect to, and how.

    Raises:
        InputError, OutsideError: As ``crds`` says.
    """
    import yaml  # noqa: PLC0415 (the next two need it anyway)
    from kubernetes import client, config  # noqa: PLC0415 (an extra, and 200 ms)

    if kubeconfig is not None and not kubeconfig.is_file():
        raise OutsideError(f"can't read {kubeconfig}: there is no such file.")
    found = client.Configuration()
    found.retries = False
    try:
        if kubeconfig is None and context is None and _in_a_pod(config.KUBE_CONFIG_DEFAULT_LOCATION):
            config.load_incluster_config(client_configuration=found)
        else:
            file = str(kubeconfig) if kubeconfig else None
            config.load_kube_config(file, context, client_configuration=found, persist_config=False)
    except OSError as error:
        raise OutsideError(f"can't read {error.filename}: {error.strerror}.") from error
    except (config.ConfigException, yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        # The library checks little: over a list where a mapping is meant it stumbles with one of Python's own errors.
        told = _said(error)
        raise InputError(
            f"the kubeconfig says nothing usable: {told}.", fix="Name a file and a context: --kubeconfig, --context."
        ) from error
    return found


def _said(error: Exception) -> str:
    """What is wrong with a kubeconfig; of what is no YAML the line alone, for a token may stand there."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"it is no YAML at line {mark.line + 1}"
    return " ".join(str(error).split()).rstrip(".")


def _in_a_pod(default: str) -> bool:
    there = any(os.path.exists(os.path.expanduser(each)) for each in default.split(os.pathsep) if each)  # noqa: PTH110, PTH111 (as the library reads them)
    return not there and "KUBERNETES_SERVICE_HOST" in os.environ
