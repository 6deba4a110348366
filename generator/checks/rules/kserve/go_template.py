"""What Go's ``text/template`` refuses in the templates of an LLMInferenceServiceConfig, as far as it shows in the text.

KServe writes the config as JSON, takes that as one template and fills it for a sample service
(pkg/controller/v1alpha2/llmisvc/config_merge.go, ReplaceVariables). So a quotation mark, a backslash, a line break or
one of ``<>&`` inside an action arrives there escaped, and the template isn't one any more.

Only what is certain is told: a path of fields is followed as far as the first name below ``.Spec``, and types, numbers
of arguments and variables aren't looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from generator.checks.rules.kserve.spec import V0_16, V0_17, V0_18, V0_19, V0_20, V0_21

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.schemas import Version

_ACTION = re.compile(r"\{\{(?:- )?(?P<body>(?:`[^`]*`|(?!\}\}).)*)(?P<end>\}\})?", re.DOTALL)
_LEXEME = re.compile(
    r"(?P<space>[ ]+)|(?P<raw>`[^`]*`)|(?P<variable>\$[A-Za-z0-9_]*)|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>[+-]?(?:0[xX][0-9A-Fa-f]+|[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?))"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>:=|[.=|(),])"
)
_MOVES = re.compile(r"\{\{-? *(?:with|range|define|block)\b")
"""Where the dot is another value than the service from here on."""
_ESCAPED = re.compile(r'["\\\n\t\r<>&]')
_OPENERS = frozenset(("if", "range", "with", "define", "block"))
_WORDS = _OPENERS | {"else", "end", "template", "break", "continue", "nil", "true", "false"}
_BUILT_IN = frozenset(
    (
        *("and", "call", "html", "index", "slice", "js", "len", "not", "or", "print", "printf", "println", "urlquery"),
        *("eq", "ge", "gt", "le", "lt", "ne"),
    )
)
_TOP = frozenset(
    (
        *("TypeMeta", "Kind", "APIVersion", "ObjectMeta", "Name", "GenerateName", "Namespace", "SelfLink", "UID"),
        *("ResourceVersion", "Generation", "CreationTimestamp", "DeletionTimestamp", "DeletionGracePeriodSeconds"),
        *("Labels", "Annotations", "OwnerReferences", "Finalizers", "ManagedFields", "Spec", "Status", "GlobalConfig"),
    )
)
_SPEC = frozenset(
    ("Model", "WorkloadSpec", "Replicas", "Parallelism", "Template", "Worker", "Router", "Prefill", "BaseRefs")
)
_GLOBAL = frozenset(("SystemNamespace", "IngressGatewayName", "IngressGatewayNamespace"))


class _Known(NamedTuple):
    """What a release's templates can call and read."""

    functions: frozenset[str]
    spec: frozenset[str]
    configuration: frozenset[str]


_SINCE = (
    (V0_16, _Known(_BUILT_IN | {"ChildName"}, _SPEC, _GLOBAL | {"StorageConfig", "CredentialConfig"})),
    (V0_17, _Known(frozenset(), frozenset(("StorageInitializer", "Scaling", "Labels", "Annotations")), frozenset())),
    (V0_18, _Known(frozenset(), frozenset(), frozenset(("EnableTLS",)))),
    (V0_19, _Known(frozenset(("shutdownTimeout",)), frozenset(), frozenset(("ModelBasedRoutingHeaderName",)))),
    (
        V0_20,
        _Known(
            frozenset(("kvTransferConfig",)),
            frozenset(("Tracing", "KVCacheOffloading")),
            frozenset(("InferencePoolNamespacedName",)),
        ),
    ),
    (V0_21, _Known(frozenset(), frozenset(("RolloutStrategy",)), frozenset())),
)
"""What each release brought: the Funcs and the templateGlobalConfig of config_merge.go, and the fields of
LLMInferenceServiceSpec with its WorkloadSpec. Read at the tags v0.16.0 to v0.20.0, and for 0.21 in the master of
August 2026. Since 0.17 a template no longer sees how the controller reaches storage."""

_HIDDEN_SINCE_0_17 = frozenset(("StorageConfig", "CredentialConfig"))


def _known(release: Version) -> _Known:
    there = [known for since, known in _SINCE if release >= since]
    functions, spec, configuration = (frozenset().union(*names) for names in zip(*there, strict=True))
    return _Known(functions, spec, configuration - _HIDDEN_SINCE_0_17 if release >= V0_17 else configuration)


@lru_cache(maxsize=4096)
def problem(text: str, release: Version) -> str | None:
    """Why KServe's template engine refuses a text of a config; None where nothing shows.

    Args:
        text: A value of the config with ``{{`` in it.
        release: The release of KServe, since each knows more functions than the one before.
    """
    known, depth = _known(release), 0
    rooted = not _MOVES.search(text)
    for found in _ACTION.finditer(text):
        body = found["body"].removesuffix(" -").strip(" ")
        if found["end"] is None:
            return "an action is never closed by }}"
        if body.startswith("/*"):
            continue
        wrong = _wrong(body, known, rooted=rooted)
        if wrong:
            return wrong
        first = body.split(" ", 1)[0]
        if first == "else" and not depth:
            return "there is an else outside of if, range and with"
        depth += (first in _OPENERS) - (first == "end")
        if depth < 0:
            return "there is an end too many"
    return "an if, range or with has no end" if depth else None


def _wrong(body: str, known: _Known, *, rooted: bool) -> str | None:
    if not body:
        return "an action is empty"
    if body == "nil":
        return "nil is no value"
    outside = re.sub(r"`[^`]*`", "``", body)
    escaped = _ESCAPED.search(outside)
    if escaped:
        return (
            f"inside an action {_shown(escaped[0])} is escaped before the template is read; write `text` in backquotes"
        )
    at, before = 0, ""
    path: list[str] = []
    for kind, lexeme in _lexemes(body):
        at += len(lexeme)
        if kind == "word" and lexeme not in _WORDS and lexeme not in known.functions:
            return f"there is no function {lexeme} in this release"
        if kind == "field":
            path = [*path, lexeme[1:]] if before == "field" else [lexeme[1:]] if before != "variable" else ["", ""]
            wrong = _unknown(path, known) if rooted else None
            if wrong:
                return wrong
        before = "variable" if lexeme == ")" else kind
    return None if at == len(body) else f"the template can't be read from {body[at : at + 12]!r} on"


def _lexemes(body: str) -> Iterator[tuple[str, str]]:
    at = 0
    while found := _LEXEME.match(body, at):
        yield str(found.lastgroup), found[0]
        at = found.end()


def _unknown(path: list[str], known: _Known) -> str | None:
    """What is wrong with a path of fields that begins at the service; those of other values aren't followed."""
    first, *below = path
    if first and first not in _TOP:
        return f"a service has no .{first}"
    for root, names in (("GlobalConfig", known.configuration), ("Spec", known.spec)):
        if first == root and below and below[0] not in names:
            return f"there is no .{root}.{below[0]} in this release"
    return None


def _shown(character: str) -> str:
    return {"\n": "a line break", "\t": "a tab", "\r": "a line break"}.get(character, character)
