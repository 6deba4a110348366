"""An LLMInferenceService with all configs under it, their templates filled, and its parts pointing at one another.

kserve/kserve v0.20.0, pkg/controller/v1alpha2/llmisvc/config_merge.go (``combineBaseRefsConfig``); v0.16.0 to v0.19.0
where a release is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.outcome.child import Gap
from generator.outcome.given import named
from generator.outcome.gotemplate import TemplateError
from generator.outcome.kserve.llm import devices, filling
from generator.outcome.kserve.llm.naming import POOL, SCHEDULER_ACCOUNT, SERVICE, child_name, labels, serving
from generator.outcome.kserve.llm.presets import SYSTEM, laid_under
from generator.outcome.kserve.llm.trees import Fields, dig, fields, items, put, there
from generator.outcome.kserve.values import whole, words
from generator.outcome.merging import laid_over
from generator.outcome.part import Origin, Part
from generator.schemas.kinds import CONFIG_MAP
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.given import Given
    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Tree

POOLS_V1 = Version(0, 17)
"""The first release whose InferencePool is that of inference.networking.k8s.io/v1, beside its twin of before."""
_PICKER_PORT = Version(0, 20)
_PORT = 9002
_UNKNOWN = "KServe makes nothing before there is the config"
_SHARED = "config-scheduler-"
"""How the ConfigMaps of schedulers begin that may stand in KServe's own namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """A service as its children are made of it.

    Attributes:
        root: The LLMInferenceService.
        spec: Its spec with the configs under it.
        settings: What the controller is told.
        given: The set.
        release: KServe's.
        gaps: What isn't known of it.
        whole: Whether all configs under it are known; KServe waits until they are there.
    """

    root: Part
    spec: Fields
    settings: Settings
    given: Given
    release: Version
    gaps: tuple[Gap, ...] = ()
    whole: bool = True

    @property
    def name(self) -> str:
        """The service's name."""
        return self.root.text("metadata", "name")

    @property
    def namespace(self) -> Part | None:
        """Where all of it lands; None where the set leaves it open."""
        return self.root.get("metadata", "namespace")

    @property
    def pool(self) -> str:
        """The InferencePool that its requests go through."""
        return filling.pool_name(self.root, self.spec)

    @property
    def scheduled(self) -> bool:
        """Whether a scheduler of its own is made: not so where it refers to another's InferencePool."""
        scheduler = dig(self.spec, "router", "scheduler")
        return there(scheduler, "template") and not words(dig(scheduler, "pool", "ref", "name"))

    def child(self, suffix: str) -> str:
        """The name of a child."""
        return child_name(self.name, suffix)

    def metadata(self, suffix: str, component: str, **more: Tree) -> Fields:
        """The ``metadata`` of a child.

        Args:
            suffix: By which its name differs from the service's.
            component: Which part of the service it is; empty for none.
            more: Other fields, such as annotations.
        """
        own = labels(self.name, component)
        if not component:
            del own["app.kubernetes.io/component"]
        return {"name": self.child(suffix), "namespace": self.namespace, "labels": own, **more}


def combined(root: Part, given: Given, settings: Settings, release: Version) -> Combined | Gap:
    """A service with what is laid under it; or why KServe makes nothing of it."""
    laid = laid_under(root, given, release)
    gaps = [
        Gap(_reference(root, name), f"{_UNKNOWN} {name}, which stands neither in the set nor in the release")
        for name in laid.missing
    ]
    spec: Tree = {}
    for one in laid.specs:
        spec = laid_over(spec, one)
    own = fields(root, "spec")
    name = _model_name(root, laid.model_name)
    own["model"] = {**fields(own, "model"), "name": name}
    found = _with_scheduler(fields(laid_over(spec, own)), root, release)
    try:
        found = filling.filled(found, filling.values(root, name, filling.pool_name(root, found), settings))
    except TemplateError as error:
        return Gap(("spec",), f"KServe makes nothing: in the configs, {error}")
    found = _with_picker(_with_route(found, root), root, given, gaps)
    if release >= _PICKER_PORT:
        found = _with_port(found)
    found = devices.claimed(found, root, release, child_name(root.text("metadata", "name"), devices.SUFFIX))
    return Combined(
        root=root,
        spec=found,
        settings=settings,
        given=given,
        release=release,
        gaps=tuple(gaps),
        whole=not laid.missing,
    )


def _reference(root: Part, missing: str) -> tuple[str | int, ...]:
    for reference in root.each("spec", "baseRefs"):
        if reference.text("name") == missing:
            return reference.origin.below("name").path
    return ("spec",)


def _model_name(root: Part, by_config: Tree) -> Tree:
    """The model's name: a config's of ``baseRefs``, the service's own, or else the service's name."""
    own = root.get("spec", "model", "name")
    if by_config is not None and words(by_config):
        return by_config
    return own if own is not None and own.value else root.get("metadata", "name")


def _with_scheduler(spec: Fields, root: Part, release: Version) -> Fields:
    """The pool finds the service's pods, and the scheduler has an account, where nobody says otherwise."""
    name = root.text("metadata", "name")
    pool = ("router", "scheduler", "pool", "spec")
    if there(spec, *pool):
        labelled = ("selector", "matchLabels") if release >= POOLS_V1 else ("selector",)
        if not fields(spec, *pool, *labelled):
            spec = put(spec, serving(name), *pool, *labelled)
    template = ("router", "scheduler", "template")
    if there(spec, *template) and not words(dig(spec, *template, "serviceAccountName")):
        spec = put(spec, child_name(name, SCHEDULER_ACCOUNT), *template, "serviceAccountName")
    return spec


def _with_route(spec: Fields, root: Part) -> Fields:
    """The route hangs on the gateways that the service names, and leads to what there is to lead to."""
    route = ("router", "route", "http", "spec")
    if not there(spec, *route):
        return spec
    gateways = items(spec, "router", "gateway", "refs")
    if gateways:
        spec = put(spec, [_parent(fields(one)) for one in gateways], *route, "parentRefs")
    name = root.text("metadata", "name")
    reference = dig(spec, "router", "scheduler", "pool", "ref", "name")
    if not there(spec, "router", "scheduler"):
        changed: Fields = {"group": "", "kind": "Service", "name": child_name(name, SERVICE)}
    elif words(reference):
        changed = {"name": reference}
    else:
        return spec
    return put(spec, rules_to(dig(spec, *route), name, changed), *route, "rules")


def rules_to(route: Tree, name: str, changed: Mapping[str, Tree]) -> list[Tree]:
    """A route's rules with other fields in the backends that are the service's own InferencePool.

    Args:
        route: The HTTPRoute's spec.
        name: The service's name.
        changed: The fields.
    """
    pool = child_name(name, POOL)

    def led(backend: Tree) -> Tree:
        found = fields(backend)
        ours = words(found.get("kind")) == "InferencePool" and words(found.get("name")) == pool
        return {**found, **changed} if ours else backend

    return [
        {**fields(rule), "backendRefs": [led(one) for one in items(rule, "backendRefs")]}
        if there(rule, "backendRefs")
        else rule
        for rule in items(route, "rules")
    ]


def _parent(reference: Mapping[str, Tree]) -> Fields:
    namespace = reference.get("namespace")
    return {
        "name": reference.get("name"),
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        "sectionName": reference.get("sectionName"),
        "namespace": namespace if words(namespace) else None,
    }


def _with_picker(spec: Fields, root: Part, given: Given, gaps: list[Gap]) -> Fields:
    """The scheduler's own settings: a ConfigMap that is referred to stands in place of the reference."""
    path = ("router", "scheduler", "config")
    reference = dig(spec, *path, "ref")
    name = words(dig(reference, "name"))
    if not name:
        return spec
    namespace = root.text("metadata", "namespace")
    document = named(given, CONFIG_MAP, name, namespace)
    if document is None and name.startswith(_SHARED):
        document = named(given, CONFIG_MAP, name, SYSTEM)
    place = ("spec", *path, "ref")
    if document is None:
        gaps.append(Gap(place, f"the ConfigMap {name} isn't given, so it isn't known how endpoints are picked"))
        return spec
    key = words(dig(reference, "key")) or "epp"
    data = document.data.get("data")
    text = data.get(key) if isinstance(data, dict) else None
    if not isinstance(text, str):
        gaps.append(Gap(place, f"KServe makes nothing: the ConfigMap {name} has no key {key}"))
        return spec
    return put(spec, {"inline": Part(text, Origin(document, ("data", key)))}, *path)


def _with_port(spec: Fields) -> Fields:
    """The pool's picker is asked on its usual port where nobody says one."""
    picker = ("router", "scheduler", "pool", "spec", "endpointPickerRef")
    kind = words(dig(spec, *picker, "kind"))
    if there(spec, *picker[:-1]) and kind in ("", "Service") and not whole(dig(spec, *picker, "port", "number")):
        return put(spec, {"number": _PORT}, *picker, "port")
    return spec
