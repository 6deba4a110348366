"""The packs of products whose newest CRDs come from their Go modules, where they lie beside the code.

The module of an older release gives the very pack that its published CRDs give, so nothing is lost on this way.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import yaml

from generator.reading.documents import Document
from generator.schemas.importer import Interner, pack_of


class Module(NamedTuple):
    """Where the CRDs of a release lie.

    Attributes:
        path: The module's.
        version: The module's, which needn't be the product's.
        folder: Inside the module.
        without: Names of CRDs that the pack leaves out.
    """

    path: str
    version: str
    folder: str
    without: frozenset[str] = frozenset()


RELEASES = {
    ("argo-rollouts", "1.10.1"): Module("github.com/argoproj/argo-rollouts", "v1.10.1", "manifests/crds"),
    ("keda", "2.21.0"): Module("github.com/kedacore/keda/v2", "v2.21.0", "config/crd/bases"),
    ("knative-serving", "1.24.0"): Module("knative.dev/serving", "v0.51.0", "config/core/300-resources"),
    ("kubeflow-training-operator", "1.9.0"): Module(
        "github.com/kubeflow/training-operator", "v1.9.0", "manifests/base/crds", frozenset({"mpijobs.kubeflow.org"})
    ),
}
"""All are under Apache-2.0. Of Argo Rollouts 1.10.2 wants a newer Go than there is; the training operator and the
trainer have no newer module than what is known already. Of the training operator's kinds MPIJob is left out: the one
that most clusters have is v2beta1 of another project, which isn't wrong for being unknown to this one."""


def crds(module: Module) -> list[Document]:
    """The CRDs of a module, without those that only the product's own controllers use.

    Raises:
        subprocess.CalledProcessError: The module can't be had.
    """
    command = ["go", "mod", "download", "-json", f"{module.path}@{module.version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    folder = Path(json.loads(done.stdout)["Dir"]) / module.folder
    found = [
        Document(one, file.name)
        for file in sorted(folder.glob("*.yaml"))
        for one in yaml.safe_load_all(file.read_text(encoding="utf-8"))
        if one and one.get("kind") == "CustomResourceDefinition"
    ]
    named = [one for one in found if one.data["metadata"]["name"] not in module.without]
    return [one for one in named if ".internal." not in one.data["spec"]["group"]]


def release_packs() -> dict[tuple[str, str], bytes]:
    """Every pack that comes from a module, by product and release.

    Raises:
        subprocess.CalledProcessError: A module can't be had.
    """
    return {key: pack_of(crds(module), Interner()) for key, module in RELEASES.items()}
