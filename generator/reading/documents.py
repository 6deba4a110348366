"""Kubernetes objects out of text, as kubectl reads them, and where in the text everything stands.

The work is done in ``generator.reading``; what others use stands here.
"""

from __future__ import annotations

from generator.reading.document import Broken, Document, Path, Source, format_path
from generator.reading.errors import UnreadableError
from generator.reading.files import iterate, read

__all__ = ["Broken", "Document", "Path", "Source", "UnreadableError", "format_path", "iterate", "read"]
