"""Annotations of pods that the API server itself reads."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from generator.checks.rules.kubernetes.examples import DEPLOYMENT
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, Pod, containers, keys, refusal, said
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.syntax import climbs
from generator.checks.subject import mapping, reach, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD, _SECCOMP = "seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/"
_COST = "controller.kubernetes.io/pod-deletion-cost"
_MIRROR = "kubernetes.io/config.mirror"
_TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations"
_LOCAL = "localhost/"
_NUMBER = re.compile(r"0|-?[0-9]{1,20}")
_INT32 = range(-(2**31), 2**31)
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "appArmorProfile": {"RuntimeDefault": ("runtime/default",), "Unconfined": ("unconfined",)},
    "seccompProfile": {"RuntimeDefault": ("runtime/default", "docker/default"), "Unconfined": ("unconfined",)},
}
"""What an annotation says where the field of a profile has such a type."""


def _with(annotation: str) -> str:
    return DEPLOYMENT.replace(
        "metadata: {labels: {app: digits}}", f"metadata: {{labels: {{app: digits}}, {annotation}}}"
    )


@refusal(
    id="K8S128",
    name="pod-annotation",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=_with('annotations: {controller.kubernetes.io/pod-deletion-cost: "+1"}'),
    good=_with('annotations: {controller.kubernetes.io/pod-deletion-cost: "1"}'),
    when=keys("annotations"),
)
def pod_annotation(subject: Subject) -> Iterable[Hit]:
    """Some annotations of pods were fields before there were fields, and are held to the same rules.

    A profile is for a container that there is and says the same as the field beside it, a cost is a number of 32 bits.
    """
    found = pod_of(subject)
    annotations, path = mapping(found.meta, "annotations"), (*found.path, "metadata", "annotations")
    given = {key: value or "" for key, value in annotations.items() if value is None or isinstance(value, str)}
    cost = given.get(_COST)
    if cost is not None and not _is_cost(cost):
        yield said((*path, _COST), f"'{cost}' is no cost", "Write a whole number of 32 bits, without a plus.")
    if _MIRROR in given and not text(found.spec, "nodeName"):
        yield said((*path, _MIRROR), "the mirror of a static pod names its node", "Remove the annotation.", on_key=True)
    if given.get(_TOLERATIONS) and not _is_list(given[_TOLERATIONS]):
        yield said((*path, _TOLERATIONS), "these are no tolerations in JSON", "Use spec.tolerations instead.")
    names = {text(one.spec, "name") or "" for one in containers(subject)}
    for key, value in given.items():
        if key.startswith(_APP_ARMOR):
            name = key.removeprefix(_APP_ARMOR)
            if name not in names:
                yield said((*path, key), f"there is no container '{name}'", "Name one of the pod's.", on_key=True)
            if value not in ("", "runtime/default", "unconfined") and not value.startswith(_LOCAL):
                yield said((*path, key), f"'{value}' is no profile", "Write runtime/default, or localhost/NAME.")
        elif (key == _SECCOMP_POD or key.startswith(_SECCOMP)) and not _is_seccomp(value):
            yield said((*path, key), f"'{value}' is no profile", "Write runtime/default, or localhost/FILE.")
    if not found.template:
        yield from _against_fields(subject, found, given)


def _is_cost(value: str) -> bool:
    sound = _NUMBER.fullmatch(value) and (value[0] != "0" or value == "0")
    return bool(sound) and int(value) in _INT32


def _is_list(value: str) -> bool:
    try:
        found = json.loads(value)
    except ValueError:
        return False
    return found is None or (isinstance(found, list) and all(each is None or isinstance(each, dict) for each in found))


def _is_seccomp(value: str) -> bool:
    if value.startswith(_LOCAL):
        file = value.removeprefix(_LOCAL)
        return not file.startswith("/") and not climbs(file)
    return value in ("runtime/default", "docker/default", "unconfined")


def _against_fields(subject: Subject, found: Pod, given: Mapping[str, str]) -> Iterator[Hit]:
    """Where a field says something else than the annotation; in a template nobody compares them."""
    context = (*found.spec_path, "securityContext")
    whole = mapping(found.spec, "securityContext")
    yield from _differs("seccompProfile", whole.get("seccompProfile"), given.get(_SECCOMP_POD), context)
    for one in containers(subject):
        own, place = mapping(one.spec, "securityContext"), (*one.path, "securityContext")
        name = text(one.spec, "name") or ""
        yield from _differs("seccompProfile", own.get("seccompProfile"), given.get(f"{_SECCOMP}{name}"), place)
        if reach(found.spec, "os", "name") != "windows":
            profile = own.get("appArmorProfile") or whole.get("appArmorProfile")
            yield from _differs("appArmorProfile", profile, given.get(f"{_APP_ARMOR}{name}"), place)


def _differs(field: str, profile: object, annotation: str | None, path: Path) -> Iterator[Hit]:
    if annotation is None or not isinstance(profile, dict):
        return
    kind, name = text(profile, "type") or "", text(profile, "localhostProfile")
    same = name is not None and annotation == f"{_LOCAL}{name}"
    if not (same if kind == "Localhost" else annotation in _WORDS[field].get(kind, (annotation,))):
        yield said((*path, field), f"{field} and the annotation '{annotation}' differ", "Remove the annotation.")
