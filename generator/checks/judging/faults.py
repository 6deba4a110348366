"""Faults of our own: what breaks while a document is judged becomes a finding on it, and all others are still judged.

The run ends with an exit code of its own then (``generator.errors.FAULT_OF_OURS``), whatever else was found.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from generator.checks.finding import Finding
from generator.checks.placing import worded
from generator.checks.rules.k8s.fault import FAULT
from generator.errors import SerinusError
from generator.reading.documents import Broken, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.reading.documents import Document

TOLD_OTHERWISE = (SerinusError, UnreadableError)
"""Errors that are for the user: the command tells the first, the reader's finding the second."""


def fault(error: Exception, document: Document, where: str) -> Finding:
    """The finding for what broke; it stands at the document's beginning, since looking for a place could break too.

    Args:
        error: What was raised; to be called where it was caught.
        document: What was judged.
        where: What of ours broke, such as ``rule K8S068``.

    Raises:
        SerinusError: It is no fault of ours.
        UnreadableError: As above.
    """
    if isinstance(error, TOLD_OTHERWISE):
        raise error
    line = document.source.line + 1 if document.source else 1
    trace = "".join(traceback.format_exception(error))
    return _finding(
        {"where": where, "error": type(error).__name__},
        Broken(document.file, line, 1, "", document.index, trace),
        kind=document.kind,
        name=document.name,
        namespace=document.namespace,
    )


def unread(broken: Broken) -> Finding:
    """The finding for text that a reader of ours broke on.

    Args:
        broken: With a trace.
    """
    return _finding({"where": "the reader", "error": broken.message}, broken)


def _finding(
    shown: Mapping[str, object], broken: Broken, kind: str = "", name: str = "", namespace: str = ""
) -> Finding:
    return Finding(
        rule=FAULT.id,
        severity=FAULT.severity,
        message=worded(FAULT.message, shown),
        fix=worded(FAULT.fix, shown),
        file=broken.file,
        line=broken.line,
        column=broken.column,
        document=broken.index,
        path="",
        kind=kind,
        name=name,
        namespace=namespace,
        trace=broken.trace,
    )
