"""What changed from one release to another, and whether clients of the one can go on with the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.model.artifact import Signature, Tensor
    from generator.store.release import Release


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        what: What differs: ``format``, ``size``, ``metrics.accuracy``, ``inputs.image``.
        before: In the first release, None where it wasn't there.
        after: In the second one, likewise.
        breaking: Why a client of the first release fails with the second; empty where it doesn't.
    """

    what: str
    before: Any
    after: Any
    breaking: str = ""


def compare(one: Release, other: Release) -> tuple[Change, ...]:
    """The differences of two releases: signature first, then files and metrics."""
    return (*_signatures(one.signature, other.signature), *_files(one, other), *_metrics(one.metrics, other.metrics))


def _signatures(one: Signature | None, other: Signature | None) -> Iterator[Change]:
    if one is None or other is None:
        if one is not other:
            known, unknown = ("the second", "the first") if one is None else ("the first", "the second")
            yield Change("signature", bool(one), bool(other), f"nobody knows: only {known} says it, {unknown} doesn't")
        return
    yield from _inputs(one.inputs, other.inputs)
    yield from _outputs(one.outputs, other.outputs)


def _inputs(before: Sequence[Tensor], after: Sequence[Tensor]) -> Iterator[Change]:
    """Clients send what the first takes."""
    for name, one, other in _paired(before, after):
        why = ""
        if other is None:
            why = "clients send an input that the model no longer takes"
        elif one is None:
            why = "clients don't send this input"
        elif one.dtype != other.dtype:
            why = f"clients send {one.dtype}, and it takes {other.dtype}"
        elif not _takes(other.shape, one.shape):
            why = "clients send shapes that it doesn't take"
        if one != other:
            yield Change(f"inputs.{name}", _said(one), _said(other), why)


def _outputs(before: Sequence[Tensor], after: Sequence[Tensor]) -> Iterator[Change]:
    """Clients read what the first gives; one output more is no matter to them."""
    for name, one, other in _paired(before, after):
        why = ""
        if one is not None and other is None:
            why = "clients read an output that is gone"
        elif one is not None and other is not None:
            if one.dtype != other.dtype:
                why = f"clients read {one.dtype}, and it gives {other.dtype}"
            elif not _takes(one.shape, other.shape):
                why = "clients read other shapes than it gives"
        if one != other:
            yield Change(f"outputs.{name}", _said(one), _said(other), why)


def _paired(before: Sequence[Tensor], after: Sequence[Tensor]) -> Iterator[tuple[str, Tensor | None, Tensor | None]]:
    first, second = ({tensor.name: tensor for tensor in tensors} for tensors in (before, after))
    for name in dict.fromkeys([*first, *second]):
        yield name, first.get(name), second.get(name)


def _takes(wide: Sequence[int | None], narrow: Sequence[int | None]) -> bool:
    """Whether every shape of ``narrow`` is one of ``wide``; a free dimension is None."""
    return len(wide) == len(narrow) and all(size is None or size == own for size, own in zip(wide, narrow, strict=True))


def _said(tensor: Tensor | None) -> str | None:
    if tensor is None:
        return None
    return f"{tensor.dtype} [{', '.join('?' if size is None else str(size) for size in tensor.shape)}]"


def _files(one: Release, other: Release) -> Iterator[Change]:
    pairs: dict[str, tuple[Any, Any]] = {
        "format": (one.format, other.format),
        "layouts": (", ".join(one.layouts), ", ".join(other.layouts)),
        "bytes": (one.size, other.size),
        "files": (len(one.files), len(other.files)),
        **{
            f"runtimes.{layout}": (one.runtimes.get(layout), other.runtimes.get(layout))
            for layout in sorted({*one.runtimes, *other.runtimes})
        },
    }
    yield from (Change(what, before, after) for what, (before, after) in pairs.items() if before != after)


def _metrics(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """The plain numbers at the top of the metrics, and those of the classes' mean."""
    first, second = dict(_numbers(before)), dict(_numbers(after))
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield Change(f"metrics.{name}", first.get(name), second.get(name))


def _numbers(metrics: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in metrics.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, value
        elif name == "macro" and isinstance(value, dict):
            yield from ((f"macro.{inner}", number) for inner, number in _numbers(value))
