"""Namespaces, as far as the API server looks at more than their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.rules.kubernetes.objects import keys, refusal, said, source
from generator.checks.subject import mapping
from generator.schemas.kinds import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

_PREFIX = "pod-security.kubernetes.io/"
_MODES = ("enforce", "audit", "warn")
_LEVELS = ("privileged", "baseline", "restricted")
_VERSION = re.compile(r"latest|v1\.(?:0|[1-9][0-9]*)")
EXAMPLE = f"""
apiVersion: v1
kind: Namespace
metadata:
  name: models
  labels: {{{_PREFIX}enforce: baseline, {_PREFIX}enforce-version: v1.34}}
"""


@refusal(
    id="K8S152",
    name="pod-security-level",
    kinds=(NAMESPACE,),
    message="{problem}",
    fix="{advice}",
    source=source("staging/src/k8s.io/pod-security-admission/api/helpers.go"),
    bad=EXAMPLE.replace("baseline", "default"),
    good=EXAMPLE,
    when=keys(*(f"{_PREFIX}{mode}{end}" for mode in _MODES for end in ("", "-version"))),
)
def pod_security_level(subject: Subject) -> Iterable[Hit]:
    """The admission of pods reads its level from labels of the namespace, and takes no other word.

    A label that is as wrong already may stay until one of them changes.
    """
    labels, before = mapping(subject.data, "metadata", "labels"), subject.index.before(subject.document)
    faults = _faults(labels)
    if before is not None and faults == _faults(mapping(before.data, "metadata", "labels")):
        return
    for label, value in faults.items():
        path = ("metadata", "labels", label)
        if label.endswith("-version"):
            yield said(path, f"'{value}' is no release of Kubernetes", "Write latest, or for example v1.34.")
        else:
            yield said(path, f"'{value}' is no level of pod security", f"Write {', '.join(_LEVELS)}.")


def _faults(labels: Mapping[str, object]) -> dict[str, object]:
    """The labels of pod security that can't be read, with their values."""
    found = {}
    for mode in _MODES:
        level, release = labels.get(f"{_PREFIX}{mode}", _LEVELS[0]), labels.get(f"{_PREFIX}{mode}-version", "latest")
        if level not in _LEVELS:
            found[f"{_PREFIX}{mode}"] = level
        if not isinstance(release, str) or not _VERSION.fullmatch(release):
            found[f"{_PREFIX}{mode}-version"] = release
    return found
