"""What a file is that a folder holds, by its content: a manifest, or something that no cluster will ever see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.sources.skipped import STDIN, Skipped, Why
from generator.checks.sources.surroundings import KUSTOMIZATIONS
from generator.checks.subject import kind_of, text
from generator.reading.documents import Broken, Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KUSTOMIZE, SERINUS = "kustomize.config.k8s.io", "serinus"
SERVICE_KIND = "ModelService"
_ENDS = tuple(KUSTOMIZATIONS)
_WHAT = frozenset({("apiVersion",), ("kind",)})
KUBECONFIG = ("v1", "Config")
"""What kubectl itself reads; it looks like an object, and no server has that kind."""

_KEY = r"(?:^|[\s{{,])[\"']?{}[\"']?\s*:"
_API_VERSION, _KIND = (re.compile(_KEY.format(key), re.MULTILINE) for key in ("apiVersion", "kind"))
_HELM = re.compile(
    r"\{\{-|-\}\}|\.Values\b|\.Release\.|\.Chart\.|\{\{\s*(?:/\*|\$|(?:include|if|range|with|end|define|template|toYaml|tpl)\b)|\{%"
)
"""What templates have and arguments of model servers (``{{.Name}}``) don't."""


def for_a_cluster(entries: Iterable[Document | Broken]) -> list[Document | Broken]:
    """The entries without those that are for kustomize or for Serinus itself."""
    return [entry for entry in entries if isinstance(entry, Broken) or not _tool(entry)]


def own(name: str, entries: Sequence[Document | Broken]) -> Skipped:
    """The word for a file in which nothing stands but what is for kustomize or for Serinus itself.

    Args:
        name: The file.
        entries: What was read of it.
    """
    whys = [why for entry in entries if isinstance(entry, Document) and (why := _tool(entry))]
    return Skipped(name, whys[0], folder_of(name) if whys[0] == Why.KUSTOMIZE and name != STDIN else "")


def foreign(name: str, content: bytes, entries: Sequence[Document | Broken]) -> Skipped | None:
    """A file in which nothing is meant for a cluster; None for a manifest, also for one that can't be read.

    What a reader of ours broke on is a manifest. What can't be read at all is told by its words: half a manifest has
    them still, and of an opened brace alone nobody can tell what it was.

    Args:
        name: The file.
        content: What stands in it.
        entries: What was read of it.
    """
    if not entries or any(_manifest(entry) if isinstance(entry, Document) else entry.trace for entry in entries):
        return None
    if any(isinstance(entry, Broken) for entry in entries):
        written = _decoded(content)
        if _HELM.search(written):
            return Skipped(name, Why.TEMPLATE)
        if (_API_VERSION.search(written) and _KIND.search(written)) or ("{" in written and ":" not in written):
            return None
    return Skipped(name, Why.FOREIGN)


def folder_of(name: str) -> str:
    """The folder of a file, as commands name it."""
    return name.rpartition("/")[0] or "."


def _tool(document: Document) -> Why | None:
    """Whose file a document is; None for one that may be for a cluster.

    One that says twice what it is may be several that lost the line between them, the last of them a tool's: its word
    doesn't count for the others.
    """
    if document.file.endswith(_ENDS) and document.file.rpartition("/")[2] in KUSTOMIZATIONS:
        return Why.KUSTOMIZE
    group = kind_of(document).group
    if group not in (KUSTOMIZE, SERINUS) or not _WHAT.isdisjoint(document.duplicates):
        return None
    if group == KUSTOMIZE:
        return Why.KUSTOMIZE
    return Why.SERVICE if document.kind == SERVICE_KIND else Why.RECORD


def _manifest(document: Document) -> bool:
    """Whether a document is meant as an object; one of the two words alone is a slip where there is a name as well.

    A ``Chart.yaml`` has an apiVersion too.
    """
    if document.api_version and document.kind:
        return (document.api_version, document.kind) != KUBECONFIG
    known = "apiVersion" in document.data or "kind" in document.data
    return known and bool(text(document.data, "metadata", "name") or text(document.data, "metadata", "generateName"))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "replace")
