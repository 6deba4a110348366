"""Make the schema packs that ship: ``python tests/packs/packs.py CRDS [PACKS]``.

CRDS holds ``<product>/<release>/*.json``, CustomResourceDefinitions as their projects publish them. What is under a
licence that does not allow copies is not read: its packs come from an earlier release and our own entries. Releases of
which only a Go module is there stand in ``modules.py``, those of Kubernetes in ``kubernetes.py``. Equal input gives equal
bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import kubernetes
import modules
import seldon_core_2

from generator.reading.documents import Document
from generator.schemas.importer import SUFFIX, Interner, pack_of
from generator.schemas.versions import parse_version
from generator.text.files import write_atomically

ROOT = Path(__file__).resolve().parents[2]
NOT_READ = {
    ("seldon-core-1", "1.18.2"): "BSL 1.1 from 1.18.0 on; its schema is that of 1.17.1",
    **{("seldon-core-2", release): "BSL 1.1 from 2.7.0 on; see seldon_core_2.py" for release in seldon_core_2.RELEASES},
}


def crds_of(folder: Path) -> list[Document]:
    """The CRDs in a folder."""
    return [Document(json.loads(file.read_text()), str(file)) for file in sorted(folder.glob("*.json"))]


def releases(product: Path) -> list[str]:
    """The releases of a product, oldest first."""
    return sorted((folder.name for folder in product.iterdir() if folder.is_dir()), key=parse_version)


def packs(crds: Path) -> dict[tuple[str, str], bytes]:
    """Every pack of CRDs that ships, by product and release."""
    result: dict[tuple[str, str], bytes] = {}
    for product in sorted(folder.name for folder in crds.iterdir() if folder.is_dir()):
        read = [release for release in releases(crds / product) if (product, release) not in NOT_READ]
        newest, shared = read[-1], Interner()
        result[product, newest] = pack_of(crds_of(crds / product / newest), shared)
        for release in read[:-1]:
            result[product, release] = pack_of(crds_of(crds / product / release), shared.copy(), base=newest)
    result["seldon-core-1", "1.18.2"] = result["seldon-core-1", "1.17.1"]
    base = [crd.data for crd in crds_of(crds / "seldon-core-2" / seldon_core_2.BASE)]
    for release, later in seldon_core_2.releases(base).items():
        result["seldon-core-2", release] = pack_of([Document(crd, f"seldon-core-2@{release}") for crd in later])
    return result


def main(crds: str, into: str = str(ROOT / "generator" / "schemas" / "packs")) -> None:
    """Write them all."""
    every = {**packs(Path(crds)), **kubernetes.release_packs(), **modules.release_packs()}
    for (product, release), content in every.items():
        write_atomically(Path(into) / product / f"{release}{SUFFIX}", content)


if __name__ == "__main__":
    main(*sys.argv[1:])
