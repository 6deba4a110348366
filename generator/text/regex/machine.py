"""Running a pattern's tree over a text: all its states at once, so that each character is looked at once a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.text.regex.letters import UnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.text.regex.parser import Node

MOST_STEPS = 600_000
"""Steps that one search may take, a state a character; about a second."""
_MOST_STATES = 20_000
_MOST_KEPT = 10_000
_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")


class _Step(NamedTuple):
    """One instruction.

    Attributes:
        kind: ``one``, ``at``, ``split`` or ``match``.
        next: Where it goes on; for ``split`` the better way first.
        fits: As ``Node.fits``.
        place: As ``Node.place``.
    """

    kind: str
    next: tuple[int, ...] = ()
    fits: Callable[[str], bool] | None = None
    place: str = ""


class Machine:
    """A pattern's instructions.

    Args:
        tree: The pattern.

    Raises:
        UnknownError: It needs too many.
    """

    def __init__(self, tree: Node) -> None:
        self._steps: list[_Step] = [_Step("match")]
        self._start = self._compile(tree, 0)
        self._kept: dict[tuple[frozenset[int], str, str], tuple[frozenset[int], bool]] = {}

    def matches(self, text: str) -> bool:
        """As ``Regex.matches``; what the states do on a character is remembered."""
        waiting: frozenset[int] = frozenset()
        taken = 0
        for at in range(len(text) + 1):
            before, after = text[at - 1 : at] if at else "", text[at : at + 1]
            key = (waiting, before, after)
            known = self._kept.get(key)
            if known is None:
                taken += 2 * len(waiting) + 10
                if taken > MOST_STEPS:
                    raise UnknownError("the text is too long for this pattern")
                known = self._moved(waiting, before, after)
                if len(self._kept) < _MOST_KEPT:
                    self._kept[key] = known
            waiting, found = known
            if found:
                return True
        return False

    def _moved(self, waiting: frozenset[int], before: str, after: str) -> tuple[frozenset[int], bool]:
        """The states behind a character, and whether the pattern has been found before it."""
        reached = self._reached([*sorted(waiting), self._start], before, after)
        found = any(self._steps[number].kind == "match" for number in reached)
        ahead = {self._steps[number].next[0] for number in reached if self._takes(number, after)}
        return frozenset(ahead), found

    def find(self, text: str, at: int) -> tuple[int, int] | None:
        """The first place from ``at`` on, and of those that begin there the one that Perl would find."""
        waiting: list[tuple[int, int]] = []
        best: tuple[int, int] | None = None
        taken = 0
        for place in range(at, len(text) + 1):
            if best is None:
                waiting.append((self._start, place))
            if not waiting:
                break
            before, after = text[place - 1 : place] if place else "", text[place : place + 1]
            ahead: list[tuple[int, int]] = []
            seen: set[int] = set()
            for number, start in waiting:
                reached = self._reached([number], before, after, seen)
                taken += 2 * len(reached) + 2
                done = next((n for n, each in enumerate(reached) if self._steps[each].kind == "match"), None)
                ahead += [(self._steps[n].next[0], start) for n in reached[:done] if self._takes(n, after)]
                if done is not None:
                    best = (start, place)
                    break  # all that comes behind is worse
            if taken > MOST_STEPS:
                raise UnknownError("the text is too long for this pattern")
            waiting = ahead
        return best

    def _takes(self, number: int, letter: str) -> bool:
        step = self._steps[number]
        return bool(letter) and step.fits is not None and step.fits(letter)

    def _reached(self, numbers: Iterable[int], before: str, after: str, seen: set[int] | None = None) -> list[int]:
        """The instructions that take a character, or the match, reached without one, the better ones first."""
        seen = set() if seen is None else seen
        found: list[int] = []
        open_ = list(numbers)[::-1]
        while open_:
            number = open_.pop()
            if number in seen:
                continue
            seen.add(number)
            step = self._steps[number]
            if step.kind in ("one", "match"):
                found.append(number)
            elif step.kind == "split" or _holds(step.place, before, after):
                open_ += step.next[::-1]
        return found

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= _MOST_STATES:
            raise UnknownError("the pattern is too large")
        self._steps.append(step)
        return len(self._steps) - 1

    def _compile(self, node: Node, then: int) -> int:
        """The instruction at which a node begins that goes on at ``then``."""
        if node.kind == "one":
            return self._add(_Step("one", (then,), node.fits))
        if node.kind == "at":
            return self._add(_Step("at", (then,), place=node.place))
        if node.kind == "all":
            for part in reversed(node.parts):
                then = self._compile(part, then)
            return then
        if node.kind == "any":
            return self._add(_Step("split", tuple(self._compile(part, then) for part in node.parts)))
        return then if node.kind == "empty" else self._repeat(node, then)

    def _repeat(self, node: Node, then: int) -> int:
        (part,) = node.parts
        if node.most is None:
            loop = self._add(_Step("split"))
            inside = self._compile(part, loop)
            self._steps[loop] = _Step("split", (inside, then) if node.greedy else (then, inside))
            start = loop
        else:
            start = then
            for _ in range(node.most - node.least):
                inside = self._compile(part, start)
                start = self._add(_Step("split", (inside, then) if node.greedy else (then, inside)))
        for _ in range(node.least):
            start = self._compile(part, start)
        return start


def _holds(place: str, before: str, after: str) -> bool:
    """Whether a place between two characters is the one that is meant; the texts are empty at both ends."""
    if place == "text start":
        return not before
    if place == "text end":
        return not after
    if place == "line start":
        return before in ("", "\n")
    if place == "line end":
        return after in ("", "\n")
    return ((before in _WORD) != (after in _WORD)) == (place == "word edge")
