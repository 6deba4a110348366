"""The packs that ship are what the CRDs say, small, and licensed as we may ship them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from generator.schemas import available, load
from generator.schemas.catalog import SHIPPED

KUBERNETES = "kubernetes"
ROOT = Path(__file__).resolve().parents[2]
CRDS = ROOT / ".." / "shared" / "crds"


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("packs", ROOT / "tests" / "packs" / "packs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def crds() -> Path:
    if not CRDS.is_dir():
        pytest.skip("no CRDs beside the project")
    return CRDS


def shipped() -> dict[tuple[str, str], bytes]:
    return {(file.parent.name, file.stem): file.read_bytes() for file in SHIPPED.glob("*/*.pack")}


@pytest.mark.slow
def test_they_equal_a_fresh_import(tool: Any, crds: Path) -> None:
    elsewhere = tool.modules.RELEASES
    fresh = {key: pack for key, pack in tool.packs(crds).items() if key not in elsewhere}
    assert sorted(fresh) == sorted(key for key in shipped() if key[0] != KUBERNETES and key not in elsewhere)
    assert [key for key in fresh if fresh[key] != shipped()[key]] == []


@pytest.mark.oracle
def test_those_of_modules_equal_what_the_modules_say(tool: Any) -> None:
    try:
        fresh = tool.modules.release_packs()
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        pytest.skip(f"the modules can't be had: {error}")
    assert [key for key in fresh if fresh[key] != shipped()[key]] == []


@pytest.mark.oracle
def test_those_of_kubernetes_equal_what_its_module_says(tool: Any) -> None:
    try:
        fresh = tool.kubernetes.release_packs()
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        pytest.skip(f"the module k8s.io/kubernetes can't be had: {error}")
    assert sorted(fresh) == sorted(key for key in shipped() if key[0] == KUBERNETES)
    assert [key for key in fresh if fresh[key] != shipped()[key]] == []


def test_releases_that_may_not_be_copied_have_the_facts_all_the_same(tool: Any, crds: Path) -> None:
    for product, release in tool.NOT_READ:
        published = tool.pack_of(tool.crds_of(crds / product / release))
        assert published == (SHIPPED / product / f"{release}.pack").read_bytes(), (product, release)


def test_every_release_beside_the_project_has_a_pack(tool: Any, crds: Path) -> None:
    folders = {(folder.parent.name, folder.name) for folder in crds.glob("*/*") if folder.is_dir()}
    known = {(product, str(version)) for product, versions in available().items() for version in versions}
    elsewhere = {key for key in known if key[0] == KUBERNETES or key in tool.modules.RELEASES}
    assert folders - elsewhere == known - elsewhere


def test_all_packs_together_are_small_in_the_wheel() -> None:
    compressed = sum(len(zlib.compress(file.read_bytes())) for file in SHIPPED.glob("*/*.pack"))
    assert compressed < 400_000


def test_all_packs_together_are_small_on_disk() -> None:
    assert sum(map(len, shipped().values())) < 1_500_000


@pytest.mark.parametrize("product", [KUBERNETES, "kserve", "gateway-api", "gateway-api-experimental"])
def test_an_older_release_shares_what_it_has_in_common_with_the_newest(product: str) -> None:
    sizes = {release: len(content) for (found, release), content in shipped().items() if found == product}
    newest = max(available()[product])
    assert all(size < sizes[str(newest)] / 1.5 for release, size in sizes.items() if release != str(newest))


def test_kubernetes_serves_what_serving_uses_in_every_release() -> None:
    wanted = (
        *(("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
        *(("", kind) for kind in ("Pod", "Service", "Endpoints", "ServiceAccount", "Secret", "ConfigMap", "Namespace")),
        *(("", kind) for kind in ("PersistentVolume", "PersistentVolumeClaim", "LimitRange", "ResourceQuota")),
        *(("batch", kind) for kind in ("Job", "CronJob")),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("policy", "PodDisruptionBudget"),
        *(("networking.k8s.io", kind) for kind in ("NetworkPolicy", "Ingress", "IngressClass")),
        *(("rbac.authorization.k8s.io", kind) for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")),
        ("storage.k8s.io", "StorageClass"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    )
    assert {version[:2] for version in available()[KUBERNETES]} >= {(1, minor) for minor in range(30, 38)}
    missing = [
        (str(version), kind)
        for version in available()[KUBERNETES]
        for group, kind in wanted
        if not load(KUBERNETES, version).served(group, kind)
    ]
    assert missing == []


def test_packs_hold_facts_only() -> None:
    for file in SHIPPED.glob("*/*.pack"):
        for line in file.read_text().splitlines()[1:]:
            node = json.loads(line)
            assert not isinstance(node.get("description"), str), file


def test_every_schema_of_every_pack_can_be_read() -> None:
    kinds = [
        kind.schema
        for product, versions in available().items()
        for version in versions
        for kind in load(product, version).kinds.values()
    ]
    assert len(kinds) > 200
    assert all(schema.type == "object" for schema in kinds)
