"""What a rule is: one declaration, in one place, of all that is known about one mistake.

A rule stands in a module under ``generator.checks.rules`` and is found there by the registry; nothing lists it.
Everything else (``serinus rules``, ``serinus explain``, the outputs, the tests) is printed from the declaration.
"""

from __future__ import annotations

import enum
import re
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.checks.finding import Meaning, Severity
    from generator.checks.structure.verdict import Code
    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.reading.kind import Kind
    from generator.schemas import Version

ID = re.compile(r"(KSV|SC1|SC2|K8S|GWA|REF|ART|POL|KFT)[0-9]{3}")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Stage(enum.Enum):
    """Where in the cluster's order a rule decides (DESIGN, decision 3)."""

    STRUCTURE = "the API server, by the schema of the kind"
    SERVER = "the API server, by its own code for the kind"
    WEBHOOK = "the platform's validating webhook"
    LATER = "nobody: the object is accepted"
    READING = "the reader of the file, before any cluster"
    FAULT = "nobody: Serinus broke off, so nothing is known"


@dataclass(frozen=True)
class Source:
    """Where the claim of a rule can be read: a file of a repository at a tag, or a page of ours.

    Attributes:
        repository: Owner and name at GitHub, such as ``kserve/kserve``.
        tag: A tag, so that the claim can't move away under the link.
        path: The file in that repository.
    """

    repository: str
    tag: str
    path: str

    @property
    def url(self) -> str:
        """The page to open."""
        return f"https://github.com/{self.repository}/blob/{self.tag}/{self.path}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule holds here.

    Attributes:
        path: The place in the object as the webhook changed it; the engine finds it in the user's text.
        values: What fills the placeholders of the rule's message and fix.
        on_key: Point to the key at ``path`` instead of to its value.
        covers: Places whose values are wrong for no other reason: what else is said of them isn't told, and this hit
            is as bad as the worst of it.
        written: The place is one of the object as the user wrote it, which a webhook may have moved or dropped.
    """

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    on_key: bool = False
    covers: tuple[Path, ...] = ()
    written: bool = False


def hit(*path: str | int, on_key: bool = False, **values: object) -> Hit:
    """A Hit, written short: ``hit("spec", "canary", 0, percent=120)``."""
    return Hit(path, values, on_key)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """One mistake. Rules compare by identity, so they can be keys.

    Attributes:
        id: A prefix of CONTRACT and three digits, never used again for something else.
        name: What the rule is against, in words: reads well as "allow <name>".
        why: The story: what happens to the one who makes the mistake.
        product: The product whose releases bound the rule, as ``--platform`` names it; None for all of Kubernetes.
        kinds: The kinds that it looks at; empty for every kind.
        since: The first release that it holds for; None for all up to ``until``.
        until: The first release that it no longer holds for; None where there is no such release.
        stage: Who decides it.
        severity: How bad it is.
        message: What is wrong, with ``{placeholders}`` for the values of a Hit.
        fix: What to do, with the same placeholders; ends in a full stop, or in a value that does.
        source: Where the claim can be read.
        bad: A YAML stream in which this rule fires and no other of at least a warning.
        good: A YAML stream in which no rule of at least a warning fires.
        before: For rules on updates: the objects of both examples as they were, as ``--previous`` names them.
        when: Keys of which at least one stands somewhere in the object wherever the rule holds; an object without
            any is not looked at. Empty where there are no such keys. It is for speed alone.
        meaning: For a rule on an upgrade: what the manifest does before ``since`` and from then on, with the same
            placeholders as the message. The rule is asked where releases of both sides are, and shown what the newer
            one's webhook makes of the object.
        check: Yields where it holds; None for a rule that the engine itself applies.
        code: For rules on structure: what the structural check found.
        words: For rules on structure: makes what the placeholders show of the values of a Problem.
        complete: The severity under ``--complete``, when the given set is all there is; None for no change.
    """

    id: str
    name: str
    why: str
    product: str | None
    kinds: tuple[Kind, ...] = ()
    since: Version | None = None
    until: Version | None = None
    stage: Stage
    severity: Severity
    message: str
    fix: str
    source: Source
    bad: str
    good: str
    before: str = ""
    when: frozenset[str] = frozenset()
    meaning: Meaning | None = None
    check: Callable[[Subject], Iterable[Hit]] | None = None
    code: Code | None = None
    words: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    complete: Severity | None = None

    def __post_init__(self) -> None:
        """Refuse a declaration that is half made.

        Raises:
            ValueError: The id, the name, the bounds or a text has the wrong form.
        """
        problems = [
            text
            for wrong, text in (
                (not ID.fullmatch(self.id), "the id is a known prefix and three digits"),
                (not NAME.fullmatch(self.name), "the name is lower-case words joined by hyphens"),
                (not self.why.strip(), "the story is missing"),
                (not self.fix.endswith((".", "}")), "the fix ends in a full stop, or in a value that does"),
                (self.message.endswith("."), "the message doesn't end in a full stop"),
                (bool(self.since and self.until and self.since >= self.until), "since lies before until"),
                (self.product is None and bool(self.since or self.until), "bounds need a product"),
                (
                    self.meaning is not None and (self.since is None or self.until is not None),
                    "a change of meaning has a release since which it holds, and no other bound",
                ),
                (not self.bad.strip() or not self.good.strip(), "both examples are given"),
                (self.check is not None and self.code is not None, "a rule has a check or a code, not both"),
            )
            if wrong
        ]
        if problems:
            msg = f"rule {self.id}: {'; '.join(problems)}"
            raise ValueError(msg)

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces in message, fix and meaning."""
        meaning = (self.meaning.before, self.meaning.after) if self.meaning else ()
        texts = (self.message, self.fix, *meaning)
        return frozenset(name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name)

    def holds_for(self, release: Version) -> bool:
        """Whether ``release`` of the rule's product lies in its bounds, ``[since, until)``."""
        return (self.since is None or release >= self.since) and (self.until is None or release < self.until)


class Declaration(TypedDict, total=False):
    """What ``rule`` is told: the attributes of Rule but for the story and the check, which are the function."""

    id: Required[str]
    name: Required[str]
    product: Required[str | None]
    kinds: tuple[Kind, ...]
    since: Version | None
    until: Version | None
    stage: Required[Stage]
    severity: Required[Severity]
    message: Required[str]
    fix: Required[str]
    source: Required[Source]
    bad: Required[str]
    good: Required[str]
    before: str
    when: frozenset[str]
    meaning: Meaning | None
    complete: Severity | None


def rule(**declaration: Unpack[Declaration]) -> Callable[[Callable[[Subject], Iterable[Hit]]], Rule]:
    """Declare a rule on the function that yields where it holds; the function's docstring is the story.

    Raises:
        ValueError: The declaration is half made.
    """

    def declare(check: Callable[[Subject], Iterable[Hit]]) -> Rule:
        return Rule(**declaration, why=" ".join((check.__doc__ or "").split()), check=check)

    return declare
