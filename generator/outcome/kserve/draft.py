"""A pod's spec while it is written on: what KServe's pod webhook, and its controller before it, put into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.outcome.kserve import container as containers
from generator.outcome.part import opened, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.part import Tree


class Draft:
    """A pod's spec that can be changed; the one that it is made of stays as it is.

    Args:
        spec: The spec.

    Attributes:
        containers: Its containers.
        inits: Its init containers.
        volumes: Its volumes.
    """

    def __init__(self, spec: Mapping[str, Tree]) -> None:
        self._rest = {name: value for name, value in spec.items() if name not in _LISTS}
        self.containers = _listed(spec.get("containers"))
        self.inits = _listed(spec.get("initContainers"))
        self.volumes = _listed(spec.get("volumes"))

    def spec(self) -> dict[str, Tree]:
        """The spec as it is now."""
        found = {**self._rest, "containers": self.containers}
        if self.inits:
            found["initContainers"] = self.inits
        if self.volumes:
            found["volumes"] = self.volumes
        return found

    def put(self, name: str, value: Tree) -> None:
        """Set a field that is none of the lists."""
        self._rest[name] = value

    def get(self, name: str) -> Any:
        """What a field says that is none of the lists."""
        return value_of(self._rest.get(name))

    def container(self, name: str) -> dict[str, Tree] | None:
        """The first container of a name."""
        place = containers.named(self.containers, name)
        return None if place is None else self.containers[place]

    def volume(self, name: str, source: Mapping[str, Tree]) -> None:
        """A volume, where there is none of the name."""
        if containers.named(self.volumes, name) is None:
            self.volumes.append({"name": name, **source})


_LISTS = frozenset(("containers", "initContainers", "volumes"))


def _listed(tree: Tree) -> list[dict[str, Tree]]:
    found = opened(tree)
    items = (opened(one) for one in found) if isinstance(found, list) else ()
    return [dict(one) for one in items if isinstance(one, dict)]


def mount(container: dict[str, Tree], name: str, path: Tree, **more: Tree) -> bool:
    """Mount a volume into a container, unless it is mounted already.

    Returns:
        Whether it wasn't yet.
    """
    there = list(opened(container.get("volumeMounts")) or [])
    if containers.named(there, name) is not None:
        return False
    container["volumeMounts"] = [*there, {"name": name, "mountPath": path, **more}]
    return True


def tell(container: dict[str, Tree], name: str, value: Tree) -> None:
    """Set a variable of a container; see ``container.with_env``."""
    container.update(containers.with_env(container, name, value))


def tell_new(container: dict[str, Tree], variables: Mapping[str, Tree]) -> None:
    """Set those variables of a container that it doesn't have."""
    for name, value in variables.items():
        if not containers.has_env(container, name):
            container["env"] = [*opened(container.get("env") or []), {"name": name, "value": value}]
