"""The one error of reading, and the limits that keep memory and stack bounded."""

from __future__ import annotations

MAX_DEPTH = 300
"""Levels of one document, aliases expanded. Kubernetes objects stay under 100; Python's stack ends near 1,000 calls."""

MAX_CHARACTERS = 16 * 1024 * 1024
"""Characters of one document. The API server takes no request over 3 MiB (k8s.io/apiserver, MaxRequestBodyBytes)."""


class UnreadableError(Exception):
    """A document that kubectl would not read either.

    Args:
        message: What is wrong, in plain words, one sentence without a final full stop.
        line: The line inside the document's text, counted from 0.
        column: The column, counted from 0.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
