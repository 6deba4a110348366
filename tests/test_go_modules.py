"""What the tests build with Go has its libraries in the same versions, so that a fresh machine compiles each once."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REQUIRED = re.compile(r"^(?:require )?\s*(\S+) (v\S+)(?: // indirect)?$", re.MULTILINE)
REPLACED = re.compile(r"^\s*(\S+) => (\S+) (v\S+)$", re.MULTILINE)

DECIDES = re.compile(
    r"k8s\.io/|sigs\.k8s\.io/|knative\.dev/|istio\.io/|go\.etcd\.io/|cel\.dev/"
    r"|volcano\.sh/|github\.com/(?:kserve|kubeflow|seldonio|envoyproxy/gateway|kedacore|google/(?:cel-go|gnostic-models))"
)
"""Modules whose version is part of what is asked."""

OF_ITS_DAY = "seldon-core-1"
"""Its operator compiles with the libraries of 2022 only."""

KUBERNETES = {
    "0.33.2": ("oracle/kserve-0.15", "oracle/kserve-0.16", "oracle/kubeflow-training-operator"),
    "0.34.5": ("oracle/kserve-0.17", "oracle/kserve-0.19", "oracle/kserve-0.20", "lab/servers/kserve-0.20"),
    "0.35.0": ("oracle/structure", "oracle/yaml", "cluster/servers", "lab/servers/own"),
    "0.36.3": ("oracle/kubeflow-trainer", "lab/servers/envoy-gateway"),
}
"""Kubernetes' libraries, by the modules that share them."""


def _versions(folder: Path) -> dict[str, str]:
    """The versions that a module is built with; those that it doesn't use, but a dependency names, among them."""
    text = (folder / "go.mod").read_text(encoding="utf-8")
    return dict(REQUIRED.findall(text)) | {module: version for module, _, version in REPLACED.findall(text)}


def test_libraries_that_decide_nothing_have_one_version():
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for part in ("oracle", "cluster", "lab"):
        for file in sorted((HERE / part).rglob("go.mod")):
            if file.parent.name != OF_ITS_DAY and (file.parent / "go.sum").is_file():
                for module, version in _versions(file.parent).items():
                    if not DECIDES.match(module):
                        found[module][version].append(file.parent.relative_to(HERE).as_posix())
    assert len(found) > 100
    assert {module: dict(versions) for module, versions in found.items() if len(versions) > 1} == {}


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_libraries_are_shared(version):
    found = {folder: _versions(HERE / folder)["k8s.io/apimachinery"] for folder in KUBERNETES[version]}
    assert found == dict.fromkeys(KUBERNETES[version], f"v{version}")
