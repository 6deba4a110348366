"""Seldon Core 2: Models, Experiments and Pipelines of anyone's.

An Experiment or a Pipeline names Models that it doesn't bring. Where exactly these Models are given too, and nothing
else uses them, they become variants of one service; otherwise the variant says that the Model is deployed already.
Facts: SeldonIO/seldon-core v2.10.2, operator/apis/mlops/v1alpha1, scheduler/pkg/store/{experiment,pipeline}.
"""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.convert import common

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.convert.draft import Draft
    from generator.convert.parts import Part

    Find = Callable[[str], Part | None]

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "sklearn": "sklearn",
        "xgboost": "xgboost",
        "lightgbm": "lightgbm",
        "mlflow": "mlflow",
        "huggingface": "huggingface",
        "onnx": "onnx",
        "tensorflow": "savedmodel",
        "pytorch": "torchscript",
        "triton": "triton",
    }
)
"""Requirements that tell the format."""

PLATFORM = "seldon-core-2"
EXPLAINS = "alibi-explain"
"""What the scheduler asks of a server for an explainer, whatever its requirements (filters/explainer.go)."""
WHOLE = 100


def read_model(draft: Draft, root: Part) -> None:
    """A Model of its own."""
    common.metadata(draft, root)
    draft.put(("variants", 0, "name"), "stable")
    _model(draft, root / "spec", 0)
    spec = root / "spec"
    replicas, least, most = spec / "replicas", spec / "minReplicas", spec / "maxReplicas"
    if least.value is None or least.value == replicas.value or replicas.value is None:
        draft.put(("replicas", "min"), replicas.number() or least.number(), *(p for p in (replicas, least) if p.there))
        least.take()
    draft.put(("replicas", "max"), most.number() or None, most)


def _model(draft: Draft, spec: Part, index: int) -> None:
    """What a Model says, into the variant ``index``; the first one's holds for the service."""
    first = index == 0
    draft.put(("variants", index, "uri"), (spec / "storageUri").text(), spec / "storageUri")
    _format(draft, spec / "requirements", index)
    if (spec / "explainer" / "type").there and not draft.get("model", "requirements"):
        draft.put(("model", "requirements"), [EXPLAINS])
    for theirs, ours in (
        ("server", ("server", "name")),
        ("secretName", ("access", "secret")),
        ("memory", ("model", "memory")),
    ):
        part = spec / theirs
        value = part.value
        if first and isinstance(value, (str, int)) and not isinstance(value, bool):
            draft.put(ours, str(part.take()), part)
        elif value is not None and str(value) == draft.get(*ours):
            part.take()
        else:
            part.lose("the variants of a service share it")
    for each in (spec / "parameters").items():
        name, value = (each / "name").value, each / "value"
        if first and isinstance(name, str) and isinstance(value.value, str):
            each.take()
            draft.put(("model", "parameters", name), value.value, each)


def _format(draft: Draft, part: Part, index: int) -> None:
    """Requirements: the first that names a format is the format, the others are asked for besides."""
    listed = [each for each in part.items() if isinstance(each.value, str)]
    known = next((each for each in listed if each.value in FORMATS), None)
    found = FORMATS[known.value] if known else "custom"
    others = [each.value for each in listed if each is not known]
    if index == 0:
        draft.put(("model", "format"), found, *([known] if known else []))
        for each in listed:
            each.take()
        if others:
            draft.put(("model", "requirements"), others, part)
        return
    if known:
        known.take()
    if found != draft.get("model", "format"):
        draft.put(("variants", index, "format"), found, *([known] if known else []))
    if others == (draft.get("model", "requirements") or []):
        part.take()


def read_experiment(draft: Draft, root: Part, find: Find) -> None:
    """An Experiment: candidates by weight, and a mirror."""
    common.metadata(draft, root)
    spec = root / "spec"
    candidates = [each for each in (spec / "candidates").items() if isinstance((each / "name").value, str)]
    mirror = spec / "mirror"
    names = [str((each / "name").value) for each in candidates]
    default = spec / "default"
    if default.value in names:
        default.take()
    of_pipelines = (spec / "resourceType").value == "pipeline"
    if not of_pipelines:
        (spec / "resourceType").take()
    mirrored = len(candidates) == 1 and isinstance((mirror / "name").value, str)
    parts = [each / "name" for each in candidates] + ([mirror / "name"] if mirrored else [])
    variants = _variants(draft, parts, find if not of_pipelines else lambda _: None)
    if mirrored:
        (candidates[0] / "weight").take()
        draft.put(("strategy", "shadow", "stable"), variants[0], candidates[0])
        draft.put(("strategy", "shadow", "variant"), variants[1], mirror)
        draft.put(("strategy", "shadow", "percent"), (mirror / "percent").number(), mirror / "percent")
        return
    if not default.there and candidates and draft.get("platform", "kind") == PLATFORM:
        draft.otherwise.append((default, f"an Experiment of Serinus' has a default, here {names[0]}"))
    _shares(draft, candidates, variants, names.index(default.value) if default.value in names else None)


def _shares(draft: Draft, candidates: list[Part], variants: list[str], default: int | None) -> None:
    """Weights: a canary where a smaller share goes to one beside the default, else an A/B test."""
    weights = [weight if type(weight := (each / "weight").value) is int and weight >= 0 else 0 for each in candidates]
    total = sum(weights)
    if not total:
        for each in candidates:
            each.lose("all weights are 0")
        return
    percents = [Fraction(weight * WHOLE, total) for weight in weights]
    for each in candidates:
        (each / "weight").take()
    pair = len(candidates) == 2 and default is not None  # noqa: PLR2004 (a stable and a canary)
    if (
        pair
        and default is not None
        and percents[1 - default] < percents[default]
        and percents[default].denominator == 1
    ):
        other = 1 - default
        at = ("strategy", "canary")
        share = int(percents[other])
        draft.put((*at, "stable"), variants[default], candidates[default])
        draft.put((*at, "variant"), variants[other], candidates[other])
        draft.put((*at, "steps"), [share, WHOLE] if share else [WHOLE], candidates[other] / "weight")
        draft.put((*at, "step"), 1 if share else 0, candidates[other] / "weight")
        return
    for each, name, percent in zip(candidates, variants, percents, strict=True):
        value = percent_of(percent)
        if Fraction(str(value)) != percent:
            draft.notes.append(f"the share of {name} is {float(percent):g} %, rounded to {value} %")
        draft.put(("strategy", "ab", "split", name), value, each / "weight")


def percent_of(share: Fraction) -> int | float:
    """A percentage as a service file takes it, with two decimals at most."""
    return int(share) if share.denominator == 1 else round(float(share), 2)


def read_pipeline(draft: Draft, root: Part, find: Find) -> None:
    """A Pipeline: a chain or an ensemble where it is one, else its graph in Core 2's own words."""
    common.metadata(draft, root)
    spec = root / "spec"
    steps = [each for each in (spec / "steps").items() if isinstance((each / "name").value, str)]
    shape = _shape(spec.mapping)
    if not shape and draft.get("platform", "kind") != PLATFORM:
        (spec / "steps").lose("no strategy of a service file is such a graph; Core 2 takes it in its own words")
        return
    names = _variants(draft, [each / "name" for each in steps], find, keep=shape is not None)
    if shape:
        for part in (spec / "steps", spec / "output"):
            part.take()
        draft.put(("strategy", shape, "variants"), names, spec / "steps")
        return
    draft.put(("strategy", "graph", "variants"), names, spec / "steps")
    draft.put(("strategy", "graph", "spec"), spec.take(), spec)


def _shape(spec: dict[str, Any]) -> str | None:
    """The strategy that renders exactly this Pipeline; None where its own words are needed."""
    steps, output = spec.get("steps"), spec.get("output")
    if (
        not isinstance(steps, list)
        or not all(isinstance(each, dict) for each in steps)
        or set(spec) != {"steps", "output"}
    ):
        return None
    names = [each.get("name") for each in steps]
    if len(names) < 2 or not isinstance(output, dict) or len(set(map(str, names))) < len(names):  # noqa: PLR2004 (two)
        return None
    chained = [{"name": name} | ({"inputs": [names[index - 1]]} if index else {}) for index, name in enumerate(names)]
    if steps == chained and output == {"steps": [names[-1]]}:
        return "chain"
    if steps == [{"name": name} for name in names] and output == {"steps": names}:
        return "ensemble"
    return None


def _variants(draft: Draft, parts: list[Part], find: Find, *, keep: bool = True) -> list[str]:
    """The named Models as variants: with their files where all are given, else as deployed already.

    Args:
        draft: Where they go.
        parts: Where they are named.
        find: Gives a Model that becomes a part of the service.
        keep: Whether their names have to be said; in a graph in Core 2's words a step's Model is called as the step is.
    """
    given = [find(str(part.value)) for part in parts]
    together = all(root is not None for root in given)
    names: list[str] = []
    for index, (part, root) in enumerate(zip(parts, given, strict=True)):
        name = common.variant_name(str(part.take()))
        names.append(name)
        draft.put(("variants", index, "name"), name, part)
        if together and root is not None:
            _absorb(draft, root, index)
            if keep and draft.get("platform", "kind") == PLATFORM:
                draft.put(("variants", index, "object"), str(part.value), part)
        else:
            draft.put(("variants", index, "deployed"), str(part.value), part)
    return names


def _absorb(draft: Draft, root: Part, index: int) -> None:
    """A Model that becomes a variant of the service that names it."""
    for step in ("apiVersion", "kind", "status", "metadata"):
        (root / step).take()
    for key in ("labels", "annotations", "finalizers", "ownerReferences"):
        (root / "metadata" / key).lose("the service has labels and annotations of its own")
    _model(draft, root / "spec", index)
    if (root / "spec" / "replicas").value == 1 and index:
        (root / "spec" / "replicas").take()
    elif index == 0:
        draft.put(("replicas", "min"), (root / "spec" / "replicas").number(), root / "spec" / "replicas")
