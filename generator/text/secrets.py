"""Credentials that stand in URLs: found, so that they are refused; and hidden, so that they are never repeated.

A URL can carry a password (``https://user:password@host``), a token in the user's place (``https://token@host``) or a
signature in its query (presigned URLs of S3, Google's and Azure's shared access signatures). Whoever sees one can use
it, so none of ours belongs into a manifest, a message or a log.
"""

from __future__ import annotations

import re

NAMED = frozenset({"abfs", "abfss", "wasb", "wasbs", "hdfs", "webhdfs", "ssh", "sftp"})
"""Schemes whose part before ``@`` is a name when it has no colon: a container of Azure's, a user of HDFS or SSH."""

HIDDEN = "…"

_USER = re.compile(r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,30})://([^/\s'\"]*)@")
_BARE = re.compile(
    r"(?<![\w./@-])([A-Za-z0-9][\w.+-]{0,60}):([^\s/'\"@]{1,200})@(?!sha[0-9]+:)(?=[\w-]+(?:\.[\w-]|:[0-9])|localhost\b)"
)
"""``user:password@host`` without a scheme, as a registry's address is written; ``name:tag@sha256:…`` is an image."""
_COLLAPSED = re.compile(r"(?<![A-Za-z0-9+.-])((?!models:)[A-Za-z][A-Za-z0-9+.-]{1,30}:/)(?!/)[^/\s'\"]+@")
"""A URL that was taken for a path, which leaves one slash; MLflow's ``models:/NAME@ALIAS`` is written so."""
_SIGNED = re.compile(
    r"([?&;]|%3F|%26)"
    r"(sig|[\w.-]{0,40}(?:signature|token|credential|passw(?:or)?d|secret|api[_-]?key|access[_-]?key(?:id)?|accessid))"
    r"(=|%3D)[^&;\s'\"<>]+",
    re.IGNORECASE,
)


def credential_in(url: str) -> bool:
    """Whether an address carries what gives access: a password, a token, a signature."""
    if _SIGNED.search(url):
        return True
    return any(_tells(scheme, user) for scheme, user in _USER.findall(url))


def hidden(text: str) -> str:
    """The text without the passwords, tokens and signatures of the URLs in it."""
    if "=" in text:
        text = _SIGNED.sub(rf"\1\2\3{HIDDEN}", text)
    if "://" in text:
        text = _USER.sub(lambda found: f"{found[1]}://{HIDDEN}@" if _tells(found[1], found[2]) else found[0], text)
    if "@" in text and ":" in text:
        text = _COLLAPSED.sub(rf"\1{HIDDEN}@", text)
        text = _BARE.sub(rf"\1:{HIDDEN}@", text)
    return text


def _tells(scheme: str, user: str) -> bool:
    """Whether what stands before ``@`` is more than a name."""
    return bool(user) and (":" in user or scheme.lower() not in NAMED)
