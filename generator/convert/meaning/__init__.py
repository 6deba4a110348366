"""Whether a rendered object means what an original manifest means. The definition is strict.

Both objects are brought into one normal form: what the platform's own defaulting makes of them (its defaulter where one
exists, and the defaults that its controller assumes for what is absent, each with its source beside it), quantities in
canonical form, nulls and empty mappings and lists gone, what the API server writes gone. Then every field has to be
equal. Nothing that the original says may be lost or changed, and nothing may be added, but for

- the wait of a container before it ends (``lifecycle``), which takes nothing from anyone;
- the labels and annotations by which Serinus marks its objects (``app.kubernetes.io/{managed-by,name,part-of}``,
  ``serinus.dev/*``);
- defaults written out: a field that the original leaves out, with the value that the platform of that release, as it is
  shipped, would have taken anyway.

Names of objects, of predictors, of graph nodes, of Models are fields like all others: a renamed one is a change.
Another object beside the original's kind is a change too. A comparison of two objects doesn't ask who wrote which.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.checks.defaulting import defaulter
from generator.checks.structure.verdict import violations
from generator.convert.common import FROM_THE_CLUSTER, LAST_APPLIED, OURS
from generator.convert.grouping import READABLE
from generator.convert.meaning import kserve, seldon_core_1, seldon_core_2
from generator.convert.meaning.tidy import tidy
from generator.convert.target import OWN
from generator.platforms import draining
from generator.reading.documents import format_path
from generator.reading.kind import Kind
from generator.schemas import load, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.reading.documents import Path

ABSENT = object()
OUR_LABELS = ("app.kubernetes.io/managed-by", "app.kubernetes.io/name", "app.kubernetes.io/part-of")


@dataclass(frozen=True)
class Difference:
    """A field that isn't the same in both normal forms.

    Attributes:
        steps: Where it stands; empty where the objects themselves differ.
        original: What the manifest says, ``ABSENT`` where it says nothing.
        rendered: What is rendered, ``ABSENT`` where nothing is.
    """

    steps: Path
    original: Any
    rendered: Any

    @property
    def path(self) -> str:
        """Where it stands, as text."""
        return format_path(self.steps) if self.steps else "objects"

    def __str__(self) -> str:
        """One line: path, and both values."""
        was, now = ("nothing" if each is ABSENT else repr(each)[:90] for each in (self.original, self.rendered))
        return f"{self.path}: {was} -> {now}"


def deformed(data: dict[str, Any], release: str) -> str:
    """Why an object hasn't the form of its kind, so that it has no meaning that could be compared; empty where it has.

    Args:
        data: The object.
        release: The platform's release by minor.
    """
    kind = str(data["kind"])
    group, _, version = READABLE[kind][0].partition("/")  # older versions have the same schema
    target = resolve(f"{OWN[kind]}@{release}")
    schema = load(*target[:2]).kind(group, version, kind)
    webhook = defaulter(target.product, Kind(group, kind))
    found = violations(webhook.change(data, target.version).data if webhook else data, schema) if schema else []
    return format_path(found[0].path) if found else ""


def differences(
    original: dict[str, Any], rendered: Sequence[dict[str, Any]], release: str, defaults: str = "knative"
) -> list[Difference]:
    """What a rendering loses, changes or adds; both have the form of their kind (``deformed``).

    Args:
        original: The manifest.
        rendered: All objects that were rendered in its place.
        release: The platform's release by minor.
        defaults: The mode that a cluster has for an InferenceService that names none.
    """
    kind = original["kind"]
    same = [each for each in rendered if each["kind"] == kind]
    others = [each["kind"] for each in rendered if each["kind"] != kind]
    if len(same) != 1 or others:
        return [Difference((), [kind], sorted(each["kind"] for each in rendered))]
    before, after = normal(original, release, defaults), normal(same[0], release, defaults)
    _drop_marks(before, after)
    return list(_compare(before, after, ()))


def normal(data: dict[str, Any], release: str, defaults: str = "knative") -> dict[str, Any]:
    """The normal form of an object.

    Args:
        data: The object.
        release: The platform's release by minor.
        defaults: As for ``differences``.
    """
    result = copy.deepcopy(data)
    result.pop("status", None)
    metadata = result.setdefault("metadata", {})
    for key in FROM_THE_CLUSTER:
        metadata.pop(key, None)
    if isinstance(metadata.get("annotations"), dict):
        metadata["annotations"].pop(LAST_APPLIED, None)
    result = tidy(result)
    result.setdefault("spec", {})
    match result["kind"]:
        case "InferenceService":
            result = kserve.inference_service(result, release, defaults)
        case "InferenceGraph":
            result = kserve.inference_graph(result, defaults)
        case "SeldonDeployment":
            result = seldon_core_1.seldon_deployment(result)
        case "Model":
            result = seldon_core_2.model(result)
        case "Experiment":
            result = seldon_core_2.experiment(result)
        case _:
            result = seldon_core_2.pipeline(result)
    found: dict[str, Any] = tidy(result)
    return found


def _drop_marks(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Take Serinus' own marks off the rendered object where the original hasn't them."""
    for kind in ("labels", "annotations"):
        theirs = before["metadata"].get(kind, {})
        ours = after["metadata"].get(kind, {})
        for key in list(ours):
            if key not in theirs and (key in OUR_LABELS or key.startswith(OURS)):
                del ours[key]
        if not ours:
            after["metadata"].pop(kind, None)
    _drop_the_wait(before, after)


def _drop_the_wait(before: Any, after: Any) -> None:
    """Take the wait before the end off containers to which the original gives no hook."""
    if isinstance(before, dict) and isinstance(after, dict):
        if "lifecycle" not in before and after.get("lifecycle") == draining.lifecycle({}, {}):
            del after["lifecycle"]
        for key in before.keys() & after.keys():
            _drop_the_wait(before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        for left, right in zip(before, after, strict=False):
            _drop_the_wait(left, right)


def _compare(before: Any, after: Any, path: Path) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _compare(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from _compare(left, right, (*path, index))
    elif before is ABSENT or after is ABSENT or type(before) is not type(after) or before != after:
        yield Difference(path, before, after)
