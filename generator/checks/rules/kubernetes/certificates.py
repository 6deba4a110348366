"""Certificates of the cluster and of pods among the sources of a projected volume; read since Kubernetes 1.37."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import integer, present, said
from generator.checks.rules.kubernetes.selectors import selector_faults
from generator.checks.rules.kubernetes.syntax import is_label, is_qualified, is_subdomain
from generator.checks.subject import mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.reading.documents import Path

CERTIFICATES = {
    "clusterTrustBundle": ("path",),
    "podCertificate": ("credentialBundlePath", "keyPath", "certificateChainPath"),
}
"""The sources, and the fields that are files of the volume."""
_KEY_TYPES = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_HOUR, _DAY, _QUARTER = 3600, 86_400, 91 * 86_400
_SIGNER = "Write for example example.com/signer."
_LONGEST_SIGNER = 253 + 1 + 253 + 63 + 1


def _is_signer(name: str) -> bool:
    domain, slash, path = name.partition("/")
    labels = domain.split(".")
    known = slash and "/" not in path and len(labels) > 1 and len(domain) <= 253 and all(map(is_label, labels))  # noqa: PLR2004 (RFC 1035)
    return bool(known) and all(map(is_subdomain, path.split("."))) and len(name) <= _LONGEST_SIGNER


def bundle_faults(entry: Mapping[str, Any], path: Path, files: list[str]) -> Iterator[Hit]:
    """What is wrong with a ClusterTrustBundle: it is found by its name, or by who signs and by labels."""
    if not files:
        yield said((*path, "path"), "a bundle has no path", "Add path.")
    name, signer = entry.get("name"), entry.get("signerName")
    if (name is None) == (signer is None):
        yield said(path, "a bundle has one of name and signerName", "Write exactly one of them.", on_key=True)
    elif isinstance(name, str):
        signed_by, colon, own = name.rpartition(":")
        if not is_subdomain(own) or bool(colon) != bool(signed_by):
            yield said((*path, "name"), f"'{name}' can't be a bundle's name", "Name a ClusterTrustBundle.")
        if present(entry, "labelSelector"):
            yield said((*path, "labelSelector"), "a selector is for signerName", "Remove it.", on_key=True)
    elif isinstance(signer, str):
        if not _is_signer(signer):
            yield said((*path, "signerName"), f"'{signer}' is no signer", _SIGNER)
        yield from selector_faults(mapping(entry, "labelSelector"), (*path, "labelSelector"))


def certificate_faults(entry: Mapping[str, Any], path: Path, files: list[str]) -> Iterator[Hit]:
    """What is wrong with a certificate of the pod's own."""
    if not files:
        yield said(path, "a certificate has no path", "Add credentialBundlePath.", on_key=True)
    signer, kind = text(entry, "signerName") or "", text(entry, "keyType") or ""
    if not _is_signer(signer):
        yield said((*path, "signerName"), f"'{signer}' is no signer", _SIGNER)
    if kind not in _KEY_TYPES:
        yield said((*path, "keyType"), f"'{kind}' is no type of a key", f"Write {', '.join(_KEY_TYPES)}.")
    host = signer.partition("/")[0]
    most = _DAY if host == "kubernetes.io" or host.endswith(".kubernetes.io") else _QUARTER
    seconds = integer(entry, "maxExpirationSeconds")
    if seconds is not None and not _HOUR <= seconds <= most:
        yield said((*path, "maxExpirationSeconds"), f"it can't live {seconds} seconds", f"Write {_HOUR} to {most}.")
    for key in mapping(entry, "userAnnotations"):
        if "/" not in key or not is_qualified(key.lower()):
            yield said(
                (*path, "userAnnotations", key), f"'{key}' is no key with a domain", "Write domain/key.", on_key=True
            )
