"""Children computed against children made: the same defaults on both sides, field by field."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from laboratory import Lab

SCRATCH = "proof-scratch"
"""The namespace in which computed objects are offered, as dry runs: their names are taken in their own."""
GROWN = {"ReplicaSet", "EndpointSlice", "ControllerRevision"}
"""What Kubernetes' own controllers make of the platform's children."""
OF_THE_SERVER = frozenset(
    (
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "finalizers",
        "generateName",
        "generation",
        "managedFields",
        "namespace",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    )
)
"""Of ``metadata``: what the API server writes, and who owns the object, which is how it was found."""
ALLOCATED = {
    "Pod": ("nodeName",),
    "Service": ("clusterIP", "clusterIPs", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy"),
}
"""Of ``spec``: what the API server allocates."""
LABELS = ("pod-template-hash",)
"""Labels of Kubernetes' own controllers."""
OF_CONTROLLERS = ("deployment.kubernetes.io/revision",)
"""Annotations of Kubernetes' own controllers."""


AMOUNTS = frozenset(("limits", "requests"))


class Key(NamedTuple):
    """Which child of a root: its kind, with the group where it has one (``Deployment.apps``), and its name."""

    kind: str
    name: str


class Difference(NamedTuple):
    """One place where the two differ.

    Attributes:
        key: The child.
        path: The place in it; empty for a child that one side lacks.
        computed: What was computed; None where it isn't there.
        made: What the controller made; None where it isn't there.
    """

    key: Key
    path: tuple[str | int, ...]
    computed: Any
    made: Any

    def __str__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"{self.key.kind} {self.key.name}: {place}: computed {self.computed!r}, made {self.made!r}"


class Compared(NamedTuple):
    """What a comparison found.

    Attributes:
        children: How many the controller made.
        fields: How many values were held against one another.
        refused: Computed objects that the API server refuses, and the controller didn't get in either: why.
        differences: Where they differ.
    """

    children: int
    fields: int
    refused: tuple[str, ...]
    differences: tuple[Difference, ...]


def bare(data: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what the API server and Kubernetes' own controllers write."""
    # The group is in the key; the server shows each object in all versions of its kind.
    found = copy.deepcopy({key: value for key, value in data.items() if key not in {"apiVersion", "status"}})
    metadata = {key: value for key, value in found.get("metadata", {}).items() if key not in OF_THE_SERVER}
    notes = {
        key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key not in OF_CONTROLLERS
    }
    found["metadata"] = {**metadata, **({"annotations": notes} if notes else {})}
    for label in LABELS if isinstance(metadata.get("labels"), dict) else ():
        metadata["labels"].pop(label, None)
    spec = found.get("spec")
    if isinstance(spec, dict):
        for field in ALLOCATED.get(str(found.get("kind")), ()):
            spec.pop(field, None)
    return found


def defaulted(lab: Lab, data: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """A computed object as the API server would store it; None and why where it would not."""
    kind = lab.objects.serves(str(data.get("apiVersion")), str(data.get("kind")))
    if kind is None:
        return None, f"{data.get('apiVersion')} {data.get('kind')} is not served"
    name = data["metadata"]["name"]
    # Where it stands already there is no dry run of its creation.
    elsewhere = {"namespace": SCRATCH} if kind.namespaced else {"name": f"{SCRATCH}-{name}"}
    offered = {**copy.deepcopy(dict(data)), "metadata": {**copy.deepcopy(data["metadata"]), **elsewhere}}
    answer = lab.objects.ask("POST", f"{lab.objects.path_of(offered)}?dryRun=All", offered)
    if answer.status != 201:
        return None, answer.message
    return {**answer.data, "metadata": {**answer.data["metadata"], "name": name}}, ""


def compare(lab: Lab, computed: Iterable[Mapping[str, Any]], made: Iterable[Mapping[str, Any]]) -> Compared:
    """Hold the children that were computed for an object against those that its controller made.

    Args:
        lab: Its API server gives the computed ones their defaults.
        computed: As a controller would send them.
        made: As they are stored.
    """
    wanted = {_key(one): one for one in computed}
    there: dict[Key, Mapping[str, Any]] = {}
    for one in made:
        if one["kind"] not in GROWN:
            there.setdefault(_key(one), one)
    fields, refused, absent, differences = 0, [], [], []
    for key in sorted(wanted.keys() | there.keys()):
        if key not in wanted:
            differences.append(Difference(key, (), None, "there"))
            continue
        stored, why = defaulted(lab, wanted[key])
        if key not in there:
            (absent if stored else refused).append(Difference(key, (), why or "there", None))
        elif stored is None:
            differences.append(Difference(key, (), f"refused: {why}", "there"))
        else:
            ours, theirs = (
                {place: _canonical(place, value) for place, value in leaves(bare(one))} for one in (stored, there[key])
            )
            places = ours.keys() | theirs.keys()
            fields += len(places)
            differences += (
                Difference(key, place, ours.get(place), theirs.get(place))
                for place in sorted(places, key=str)
                if ours.get(place) != theirs.get(place)
            )
    # A controller whose object is refused stops there, and tries again for ever: what would come after it isn't made.
    differences += () if refused else absent
    return Compared(len(there), fields, tuple(str(one.computed) for one in refused), tuple(differences))


def _canonical(place: tuple[str | int, ...], value: Any) -> Any:
    """A quantity in its canonical form, which the API server itself gives those of its own kinds alone."""
    if AMOUNTS.isdisjoint(map(str, place)) or isinstance(value, bool | dict | list):
        return value
    found = quantity.read(value)
    return value if found is None else quantity.canonical(str(value))


def _key(data: Mapping[str, Any]) -> Key:
    group, slash, _ = str(data["apiVersion"]).partition("/")
    return Key(f"{data['kind']}.{group}" if slash else str(data["kind"]), str(data["metadata"]["name"]))


def leaves(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The values of an object by their places; an empty map or list is a value, null is none."""
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list) and data:
        for index, value in enumerate(data):
            yield from leaves(value, (*path, index))
    elif data is not None:
        yield path, data
