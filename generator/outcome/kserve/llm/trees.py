"""Ways down into trees whose levels may be dicts, lists or Parts, and pods that can be changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.part import Part, opened, value_of

if TYPE_CHECKING:
    from generator.outcome.part import Tree

Fields = dict[str, "Tree"]


def dig(tree: Tree, *steps: str) -> Tree:
    """What stands further down; None where nothing does."""
    for number, step in enumerate(steps):
        if tree.__class__ is Part:
            return tree.get(*steps[number:])
        if tree.__class__ is not dict:
            return None
        tree = tree.get(step)
    return tree


def there(tree: Tree, *steps: str) -> bool:
    """Whether anything stands further down, be it empty."""
    found = dig(tree, *steps)
    return found is not None and value_of(found) is not None


def fields(tree: Tree, *steps: str) -> Fields:
    """The fields of the object further down, to be changed; empty where there is none."""
    found = opened(dig(tree, *steps))
    return dict(found) if found.__class__ is dict else {}


def items(tree: Tree, *steps: str) -> list[Tree]:
    """The items of the list further down, to be changed; empty where there is none."""
    found = opened(dig(tree, *steps))
    return list(found) if found.__class__ is list else []


def put(tree: Tree, value: Tree, *steps: str) -> Fields:
    """A copy of an object with another value further down; what isn't on the way is shared."""
    found = fields(tree)
    first, *rest = steps
    found[first] = put(found.get(first), value, *rest) if rest else value
    return found


def editable(pod: Tree) -> Fields:
    """A pod's spec whose containers, their lists, and volumes can be changed in place."""
    found = fields(pod)
    for name in ("containers", "initContainers"):
        if name in found:
            found[name] = [_container(one) for one in items(found, name)]
    found["volumes"] = items(found, "volumes")
    return found


def _container(one: Tree) -> Fields:
    found = fields(one)
    for name in ("env", "volumeMounts", "args"):
        found[name] = items(found, name)
    return found


def finished(pod: Fields) -> Fields:
    """The pod's spec for a child: lists that stayed empty aren't there."""
    for name in ("containers", "initContainers"):
        for container in pod.get(name) or ():
            for listed in ("env", "volumeMounts", "args"):
                if not container[listed]:
                    del container[listed]
    return {name: value for name, value in pod.items() if value != []}


def named(found: list[Fields] | None, name: str) -> Fields | None:
    """The first of some objects with a name."""
    return next((one for one in found or () if value_of(one.get("name")) == name), None)
