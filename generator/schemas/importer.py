"""From CustomResourceDefinitions to packs. ``tests/packs/packs.py`` makes the shipped packs with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from generator.reading.documents import Broken, Document, read
from generator.schemas import naming
from generator.schemas import pack as packs
from generator.schemas.catalog import SUFFIX, user_folder
from generator.schemas.model import Kind, Scale
from generator.schemas.structural import check
from generator.text import files
from generator.text.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.schemas.versions import Version
    from generator.schemas.words import RuleFault

_WORDS = frozenset(("description", "title", "example", "externalDocs", "$schema", "id"))
_FALSE = {"nullable", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum"}
_FILES = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Imported:
    """One pack that was written.

    Attributes:
        product: The product's name.
        version: The release.
        file: Where it lies.
        kinds: The kinds in it, as ``Kind.group/version``.
    """

    product: str
    version: Version
    file: Path
    kinds: tuple[str, ...]


class Interner:
    """Collects sub-schemas; equal ones get the same number."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def copy(self) -> Interner:
        """Another one that knows the same and goes on by itself."""
        twin = Interner()
        twin.nodes, twin._numbers = self.nodes.copy(), self._numbers.copy()
        return twin

    def add(self, schema: dict[str, Any]) -> int:
        """The number of a schema; its children stand before it."""
        node: dict[str, Any] = {}
        for key, value in schema.items():
            if key in _WORDS or (key in _FALSE and value is False) or (value is None and key != "default"):
                continue
            if key == "properties":
                node[key] = {name: self.add(child) for name, child in sorted(value.items())}
            elif key in ("allOf", "anyOf", "oneOf"):
                node[key] = [self.add(child) for child in value]
            elif key in ("items", "not") or (key == "additionalProperties" and isinstance(value, dict)):
                node[key] = self.add(value)
            else:
                node[key] = value
        text = json.dumps(node, sort_keys=True)
        number = self._numbers.setdefault(text, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number


def _subresources(version: dict[str, Any]) -> dict[str, Any]:
    found = version.get("subresources")
    return found if isinstance(found, dict) else {}


def _scale(version: dict[str, Any]) -> Scale | None:
    raw = _subresources(version).get("scale")
    if not isinstance(raw, dict):
        return None
    return Scale(*(str(raw.get(key) or "") for key in ("specReplicasPath", "statusReplicasPath", "labelSelectorPath")))


def _kinds(crd: Document, interner: Interner) -> Iterable[Kind]:
    spec = crd.data["spec"]
    for version in spec["versions"]:
        yield Kind(
            group=spec["group"],
            version=version["name"],
            kind=spec["names"]["kind"],
            plural=spec["names"]["plural"],
            namespaced=spec["scope"] == "Namespaced",
            served=version["served"] is True,
            deprecated=version.get("deprecated") is True,
            status="status" in _subresources(version),
            scale=_scale(version),
            root=interner.add(version["schema"]["openAPIV3Schema"]),
        )


def pack_of(
    crds: Iterable[Document],
    interner: Interner | None = None,
    *,
    base: str = "",
    rule_fault: RuleFault | None = None,
) -> bytes:
    """The pack file of some CRDs; their order and descriptions don't matter.

    Args:
        crds: CustomResourceDefinitions.
        interner: What is known already: the sub-schemas of ``base``. It is added to.
        base: The release of the same product whose pack holds these sub-schemas; empty where none does.
        rule_fault: What judges CEL expressions; None where nobody does.

    Raises:
        InputError: A document that is no CRD, or one that the API server would refuse as not structural.
    """
    interner = interner or Interner()
    shared = len(interner.nodes)
    ordered = sorted(crds, key=lambda crd: str(crd.name))
    for crd in ordered:
        check(crd, rule_fault)
    kinds = [kind for crd in ordered for kind in _kinds(crd, interner)]
    return packs.write(kinds, interner.nodes[shared:], base=base)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [file for file in sorted(path.rglob("*")) if file.suffix in _FILES and not file.name.startswith(".")]
    if not found:
        raise InputError(f"no {', '.join(_FILES)} file lies in this folder.", place=Place(str(path)))
    return found


def _crds(file: Path) -> list[Document]:
    try:
        content = files.read_bytes(file)
    except OSError as error:
        raise OutsideError(f"can't read {file}: {error.strerror or error}.") from error
    found = []
    for document in read(content, str(file)):
        if isinstance(document, Broken):
            raise InputError(f"{document.message}.", place=Place(document.file, document.line, document.column))
        if document.kind == "CustomResourceDefinition":
            found.append(document)
    if not found:
        raise InputError(
            "no CustomResourceDefinition stands in this file.",
            fix="Give CRD files, a folder of them, or the output of: kubectl get crd -o yaml.",
            place=Place(str(file)),
        )
    return found


def import_crds(
    paths: Sequence[str | Path],
    *,
    name: str | None = None,
    folder: Path | None = None,
    rule_fault: RuleFault | None = None,
) -> list[Imported]:
    """Make packs of CRDs and write them, all or none.

    Args:
        paths: Files and folders of CRDs as YAML or JSON, also ``kubectl get crd -o yaml``.
        name: ``product@release`` for all; left out, each file's folders (``<product>/<release>/``) or the CRD tell.
        folder: Where to; the user's pack folder where it is left out.
        rule_fault: What judges CEL expressions; None where nobody does.

    Returns:
        What was written, sorted by product and release.

    Raises:
        InputError: A file without a CRD, a CRD that is not structural, or an unclear release; with its place.
        OutsideError: A file that can't be read or written.
    """
    wanted = naming.named(name) if name else None
    groups: dict[tuple[str, Version], list[Document]] = {}
    for file in (file for path in paths for file in _files(Path(path))):
        for crd in _crds(file):
            of = wanted or naming.by_folders(file) or naming.by_itself(crd)
            if of is None:
                raise naming.unclear(crd)
            groups.setdefault(of, []).append(crd)
    return _write(groups, folder, rule_fault)


def import_live(
    crds: Iterable[Document], *, name: str | None = None, groups: Sequence[str] = (), folder: Path | None = None
) -> tuple[list[Imported], list[Document]]:
    """Make packs of what a cluster has, and write them, all or none.

    Args:
        crds: The cluster's CRDs.
        name: ``product@release`` that they are of; then only the product's own are looked at.
        groups: The API groups to look at, in place of the product's; empty means all.
        folder: Where to; the user's pack folder where it is left out.

    Returns:
        What was written, sorted by product and release, and the CRDs that were looked at but left out, since nothing
        tells of which release they are.

    Raises:
        InputError: No CRD of these groups, none that tells its release, one that is not structural, or a product
            whose groups are not known.
        OutsideError: A file that can't be written.
    """
    wanted = naming.named(name) if name else None
    found = [crd for crd in crds if _is_wanted(crd, groups, wanted)]
    if not found:
        among = ", ".join(sorted(groups)) or (wanted[0] if wanted else "anything")
        raise InputError(f"the cluster has no CRD of {among}.")
    named: dict[tuple[str, Version], list[Document]] = {}
    left: list[Document] = []
    for crd in found:
        of = wanted or naming.by_itself(crd)
        (named.setdefault(of, []) if of else left).append(crd)
    if not named:
        raise InputError(
            "none of the cluster's CRDs says which release it is of.",
            fix="Name a product and its release: serinus schema import --from-cluster --as PRODUCT@RELEASE.",
        )
    return _write(named, folder), left


def _is_wanted(crd: Document, groups: Sequence[str], wanted: tuple[str, Version] | None) -> bool:
    if groups:
        return (crd.data.get("spec") or {}).get("group") in groups
    return wanted is None or naming.belongs(crd, wanted[0])


def _write(
    groups: Mapping[tuple[str, Version], Iterable[Document]], folder: Path | None, rule_fault: RuleFault | None = None
) -> list[Imported]:
    contents = {key: pack_of(crds, rule_fault=rule_fault) for key, crds in sorted(groups.items())}
    written = []
    for (product, version), content in contents.items():
        file = (folder or user_folder()) / product / f"{version}{SUFFIX}"
        write_atomically(file, content)
        kinds = packs.read(content, product, version, frozenset(), str(file)).kinds
        written.append(Imported(product, version, file, tuple(f"{k[2]}.{k[0]}/{k[1]}" for k in kinds)))
    return written
