"""Containers: there at all, with a name and an image, and with the few words that they may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import DEPLOYMENT as EXAMPLE
from generator.checks.rules.kubernetes.examples import container, pod
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, containers, items, keys, present, refusal, said
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.syntax import LABEL, is_label
from generator.checks.rules.kubernetes.words import PULL, RESTART, TERMINATION
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.reading.documents import format_path
from generator.schemas.kinds import POD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.rule import Hit
    from generator.checks.rules.kubernetes.objects import Container
    from generator.checks.subject import Subject

_WORDS = {
    "imagePullPolicy": PULL,
    "terminationMessagePolicy": TERMINATION,
}
_RESTART_RULES = (1, 35)


@refusal(
    id="K8S055",
    name="no-containers",
    kinds=POD_KINDS,
    message="a pod needs at least one container",
    fix="Add containers with a name and an image to {path}.",
    source=CORE,
    bad=EXAMPLE[: EXAMPLE.index("      containers")] + "      containers: []\n",
    good=EXAMPLE,
)
def no_containers(subject: Subject) -> Iterable[Hit]:
    """A pod without containers has nothing to run."""
    found = pod_of(subject)
    if not sequence(found.spec, "containers"):
        yield hit(*found.spec_path, "containers", path=format_path(found.spec_path))


@refusal(
    id="K8S056",
    name="container-name",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=EXAMPLE.replace("- name: server\n          image", "- image"),
    good=EXAMPLE,
    when=keys("containers", "initContainers"),
)
def container_name(subject: Subject) -> Iterable[Hit]:
    """Logs, probes and resources are asked for by a container's name.

    So each has one of its own within the pod, init containers among them.
    """
    seen: set[str] = set()
    for one in containers(subject):
        name = text(one.spec, "name") or ""
        if not name:
            yield said((*one.path, "name"), "a container has no name", "Add a name.")
        elif not is_label(name):
            yield said((*one.path, "name"), f"a container can't have the name '{name}'", f"Use {LABEL}.")
        elif name in seen:
            yield said((*one.path, "name"), f"two containers have the name '{name}'", "Rename one of them.")
        seen.add(name)


@refusal(
    id="K8S057",
    name="no-image",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=EXAMPLE.replace("          image: models/server:1.0\n", ""),
    good=EXAMPLE,
    when=keys("containers", "initContainers"),
)
def no_image(subject: Subject) -> Iterable[Hit]:
    """A container runs an image; none is assumed. A pod is refused for spaces around it as well, a template is not."""
    alone = kind_of(subject.document) == POD
    for one in containers(subject):
        image = text(one.spec, "image") or ""
        if not image:
            yield said((*one.path, "image"), "a container has no image", "Add an image.")
        elif alone and image != image.strip():
            yield said((*one.path, "image"), f"there are spaces around the image '{image}'", "Remove them.")


@refusal(
    id="K8S058",
    name="container-word",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("imagePullPolicy: always"),
    good=container("imagePullPolicy: Always"),
    when=keys(*_WORDS, "restartPolicy", "resizePolicy", "restartPolicyRules"),
)
def container_word(subject: Subject) -> Iterable[Hit]:
    """Some settings of a container are one of a few words, and case counts."""
    for one in containers(subject):
        for field, words in _WORDS.items():
            value = text(one.spec, field)
            if value and value not in words:
                yield _word((*one.path, field), value, words)
        yield from _restart(subject, one)
        yield from _resize(subject, one)


def _word(path: tuple[str | int, ...], value: str, words: tuple[str, ...]) -> Hit:
    return said(path, f"'{value}' is none of the words allowed here", f"Write {', '.join(words[:-1])} or {words[-1]}.")


def _restart(subject: Subject, one: Container) -> Iterator[Hit]:
    """A container's own restart policy: sidecars have one; ordinary containers since Kubernetes 1.35."""
    value = one.spec.get("restartPolicy")
    rules = sequence(one.spec, "restartPolicyRules")
    path = (*one.path, "restartPolicy")
    free = subject.release is None or subject.release >= _RESTART_RULES
    if value is None:
        if rules and free:
            yield said(path, "restartPolicyRules need a restartPolicy beside them", "Add restartPolicy.")
    elif free:
        if value not in RESTART and isinstance(value, str):
            yield _word(path, value, RESTART)
    elif one.list == "containers":
        yield said(path, "only init containers have a restartPolicy before Kubernetes 1.35", "Remove it.", on_key=True)
    elif value != "Always":
        yield said(path, f"an init container's restartPolicy is Always, not '{value}'", "Write Always, or remove it.")
    if free:
        yield from _restart_rules(one)


def _restart_rules(one: Container) -> Iterator[Hit]:
    for place, rule in items(one.spec, one.path, "restartPolicyRules"):
        action, codes = text(rule, "action") or "", mapping(rule, "exitCodes")
        if action not in ("Restart", "RestartAllContainers"):
            yield _word((*place, "action"), action, ("Restart", "RestartAllContainers"))
        if not present(rule, "exitCodes"):
            yield said((*place, "exitCodes"), "a rule says for which exit codes it is", "Add exitCodes.")
        elif (text(codes, "operator") or "") not in ("In", "NotIn"):
            yield _word((*place, "exitCodes", "operator"), text(codes, "operator") or "", ("In", "NotIn"))


def _resize(subject: Subject, one: Container) -> Iterator[Hit]:
    seen: set[str] = set()
    never = text(pod_of(subject).spec, "restartPolicy") == "Never"
    for place, entry in items(one.spec, one.path, "resizePolicy"):
        resource, policy = text(entry, "resourceName") or "", text(entry, "restartPolicy") or ""
        if resource not in ("cpu", "memory"):
            yield _word((*place, "resourceName"), resource, ("cpu", "memory"))
        if policy not in ("NotRequired", "RestartContainer"):
            yield _word((*place, "restartPolicy"), policy, ("NotRequired", "RestartContainer"))
        elif policy == "RestartContainer" and never:
            yield said((*place, "restartPolicy"), "the pod never restarts a container", "Write NotRequired.")
        elif (
            policy == "RestartContainer" and one.list == "initContainers" and one.spec.get("restartPolicy") != "Always"
        ):
            yield said((*place, "restartPolicy"), "an init container that ends isn't restarted", "Write NotRequired.")
        if resource in seen:
            yield said((*place, "resourceName"), f"{resource} stands twice in resizePolicy", "Remove one of them.")
        seen.add(resource)


@refusal(
    id="K8S059",
    name="out-of-place-in-init-container",
    kinds=POD_KINDS,
    message="an init container that ends has no {field}",
    fix="Remove it, or make it a sidecar: restartPolicy: Always.",
    source=CORE,
    bad=pod("initContainers: [{name: fetch, image: models/fetch:1.0, readinessProbe: {tcpSocket: {port: 80}}}]"),
    good=pod("initContainers: [{name: fetch, image: models/fetch:1.0}]"),
    when=keys("initContainers"),
)
def out_of_place(subject: Subject) -> Iterable[Hit]:
    """An init container runs to its end before the others start, so there is nothing to probe and no life cycle.

    A sidecar, an init container with restartPolicy Always, stays and may have both.
    """
    for one in containers(subject):
        if one.list == "initContainers" and one.spec.get("restartPolicy") != "Always":
            for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
                # The signal to end by is a feature that is off by default: the server drops it, and what held it alone.
                given = [key for key, value in mapping(one.spec, field).items() if value is not None]
                if present(one.spec, field) and not (field == "lifecycle" and given == ["stopSignal"]):
                    yield hit(*one.path, field, on_key=True, field=field)
