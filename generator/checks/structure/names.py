"""The syntax of names, labels and the keys of labels and annotations, and the names that the API server makes.

Source: ``pkg/util/validation`` and ``pkg/api/validation`` of k8s.io/apimachinery; ``pkg/storage/names`` of
k8s.io/apiserver.
"""

from __future__ import annotations

import re

LABEL_LIMIT = 63
SUBDOMAIN_LIMIT = 253
_GENERATED = 58
"""Characters of generateName that are used; five random ones follow (k8s.io/apiserver, SimpleNameGenerator)."""

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_KEY_NAME = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")


def is_subdomain(text: str) -> bool:
    """Whether Kubernetes takes a text as an object's name: an RFC 1123 subdomain."""
    return len(text) <= SUBDOMAIN_LIMIT and _SUBDOMAIN.fullmatch(text) is not None


def is_label(text: str) -> bool:
    """Whether Kubernetes takes a text as a namespace's name: an RFC 1123 label."""
    return len(text) <= LABEL_LIMIT and _LABEL.fullmatch(text) is not None


def key_fault(key: str) -> str:
    """What is wrong with the key of a label: ``prefix``, ``name``, ``slashes``; empty where nothing is."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return "slashes"
    if slash and not is_subdomain(prefix):
        return "prefix"
    return "" if len(name) <= LABEL_LIMIT and _KEY_NAME.fullmatch(name) else "name"


def is_label_value(text: str) -> bool:
    """Whether Kubernetes takes a text as the value of a label."""
    return not text or (len(text) <= LABEL_LIMIT and _KEY_NAME.fullmatch(text) is not None)


def masked(prefix: str) -> str:
    """A generateName as Kubernetes judges it: a hyphen at its end is fine, since more follows."""
    return prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def generated(prefix: str) -> str:
    """A name as the API server could make it of a generateName: five of its random letters follow."""
    return prefix[:_GENERATED] + "xxxxx"
