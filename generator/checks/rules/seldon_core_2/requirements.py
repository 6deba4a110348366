"""Requirements: the words by which a Model finds its server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import (
    GOOD_MODEL,
    MODEL,
    capabilities,
    given_servers,
    in_reach,
    requirements,
    source,
)
from generator.checks.structure.suggest import nearest
from generator.checks.subject import mapping, sequence, text
from generator.outcome.seldon_core_2.landing import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

FILTER = source("scheduler/pkg/scheduler/filters/serverrequirements.go")
SHIPPED = frozenset().union(*CAPABILITIES.values())

PINNED = re.compile(r"[\w.\[\],-]+\s*(===?|~=|!=|[<>]=?)\s*[\w.*]+.*")
"""A requirement of pip with a version."""

PACKAGES: dict[str, str] = {
    "scikit-learn": "sklearn",
    "sci-kit-learn": "sklearn",
    "torch": "pytorch",
    "transformers": "huggingface",
    "keras": "tensorflow",
    "alibi": "alibi-explain",
    "onnxruntime": "onnx",
    "numpy": "",
    "pandas": "",
    "scipy": "",
    "joblib": "",
    "requests": "",
    "pillow": "",
}
"""Packages that people list, and the capability that they may mean."""


def _is_package(word: str) -> bool:
    return bool(PINNED.fullmatch(word)) or (word.lower() in PACKAGES)


@rule(
    id="SC2101",
    name="requirement-is-a-package",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"requirements"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{word}' is a Python package, and requirements are capabilities of a server: it is never scheduled",
    fix="{advice}",
    source=FILTER,
    bad=GOOD_MODEL.replace("[sklearn]", "[sklearn, 'numpy==1.26.4']"),
    good=GOOD_MODEL,
)
def requirement_is_a_package(subject: Subject) -> Iterator[Hit]:
    """No server has a capability of that name, so the Model waits for ever with ScheduleFailed.

    Packages come with the server's image, or with a packed environment in the artifact.
    """
    known = capabilities(subject) or SHIPPED
    for path, word in requirements(subject.data):
        if word not in known and _is_package(word):
            meant = PACKAGES.get(re.split(r"[=~!<>\s\[]", word)[0].lower(), "")
            advice = f"Write {meant}. " if meant else "Remove it. "
            advice += "Packages belong into the artifact (environment_tarball in model-settings.json)."
            yield Hit(path, {"word": word, "advice": advice})


@rule(
    id="SC2102",
    name="misspelt-requirement",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"requirements", "modelType"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no server of the chart or of the given files has the capability '{word}'; did you mean '{known}'?",
    fix="Write {known}: capabilities are compared letter by letter.",
    source=FILTER,
    bad=GOOD_MODEL.replace("[sklearn]", "[SKLearn]"),
    good=GOOD_MODEL,
)
def misspelt_requirement(subject: Subject) -> Iterator[Hit]:
    """The Model stays unscheduled, and the reason names neither the word nor the servers."""
    for path, word, known in _unknown(subject):
        near = nearest(word, known)
        if near:
            yield Hit(path, {"word": word, "known": near})


def _unknown(subject: Subject) -> Iterator[tuple[Path, str, frozenset[str]]]:
    """The words that no server in reach can have, and what they can; a server that is named has the word on its own."""
    known = capabilities(subject)
    if known is not None and text(subject.data, "spec", "server") not in given_servers(subject):
        for path, word in requirements(subject.data):
            if not (word in known or word in SHIPPED or _is_package(word)):
                yield path, word, known


@rule(
    id="SC2201",
    name="requirement-of-the-cluster",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"requirements", "modelType"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no server of the chart or of the given files has the capability '{word}'",
    fix="Check it together with the Server that has it, or use one of {known}.",
    source=FILTER,
    bad=GOOD_MODEL.replace("[sklearn]", "[catboost]"),
    good=GOOD_MODEL.replace("[sklearn]", "[catboost]")
    + """---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver-catboost}
spec: {serverConfig: mlserver, capabilities: [mlserver, catboost]}
""",
)
def requirement_of_the_cluster(subject: Subject) -> Iterator[Hit]:
    """Servers get capabilities of their own, so the cluster may have one; CatBoost is in none that ships."""
    for path, word, known in _unknown(subject):
        if not nearest(word, known):
            yield Hit(path, {"word": word, "known": ", ".join(sorted(known))})


@rule(
    id="SC2180",
    name="server-without-the-capability",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"requirements", "modelType"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the Server {server} of the given files lacks the capability '{word}'; it has {has}",
    fix="Add {word} to the Server's capabilities, or let the Model go to a server that has it.",
    source=FILTER,
    bad=f"""{GOOD_MODEL}  server: mine
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {{name: mine}}
spec: {{serverConfig: mlserver, capabilities: [mlflow]}}
""",
    good=f"""{GOOD_MODEL}  server: mine
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {{name: mine}}
spec: {{serverConfig: mlserver, capabilities: [mlflow, sklearn]}}
""",
)
def server_without_the_capability(subject: Subject) -> Iterator[Hit]:
    """A Server's own capabilities replace those of its configuration, also where it has the name of the chart's.

    The Model waits with ScheduleFailed for a server that nobody is going to make.
    """
    there, given = in_reach(subject), given_servers(subject)
    named = text(subject.data, "spec", "server")
    if named and named not in given:
        return
    for path, word in requirements(subject.data):
        # Without a name any server will do, so it is one that took the place of the chart's.
        names = [named] if named else [name for name in CAPABILITIES if name in given and word in CAPABILITIES[name]]
        if _is_package(word) or (not named and any(has is None or word in has for has in there.values())):
            continue
        lacking = [(name, has) for name in names if (has := there[name]) is not None and word not in has]
        for name, has in lacking[:1]:
            yield Hit(path, {"server": name, "word": word, "has": ", ".join(sorted(has))})


@rule(
    id="SC2103",
    name="requirements-of-two-servers",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"requirements"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no single server has {words}: {where}",
    fix="Keep the requirements of one server; a Model is loaded by one.",
    source=FILTER,
    bad=GOOD_MODEL.replace("[sklearn]", "[sklearn, tensorflow]"),
    good=GOOD_MODEL.replace("[sklearn]", "[sklearn, mlserver]"),
)
def requirements_of_two_servers(subject: Subject) -> Iterator[Hit]:
    """A server has to have all of them; each by itself is known, together they fit nowhere."""
    wanted = {word for _, word in requirements(subject.data)}
    if len(wanted) < 2:  # noqa: PLR2004 (one can't contradict itself)
        return
    known = capabilities(subject)
    there = {name: has for name, has in in_reach(subject).items() if has is not None}
    named = text(subject.data, "spec", "server")
    if known is None or (named and (named not in there or named in given_servers(subject))):
        return  # a server of the cluster, which may have any capabilities; or one that is told of by itself
    if any(wanted <= has for has in there.values()):
        return
    if wanted <= known:
        where = "; ".join(
            f"{name} has {', '.join(sorted(wanted & has))}" for name, has in sorted(there.items()) if wanted & has
        )
        yield hit("spec", "requirements", on_key=True, words=", ".join(sorted(wanted)), where=where)


@rule(
    id="SC2104",
    name="any-server-will-do",
    product="seldon-core-2",
    kinds=(MODEL,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{reason}: the Model may land on a server that can't load it",
    fix="Name what the model needs, for example [sklearn], or [mlserver, python] for a class of your own.",
    source=FILTER,
    bad=GOOD_MODEL.replace("  requirements: [sklearn]\n", ""),
    good=GOOD_MODEL,
)
def any_server_will_do(subject: Subject) -> Iterator[Hit]:
    """Without requirements every server qualifies, MLServer and Triton alike; python is a capability of both."""
    spec = mapping(subject.data, "spec")
    if not text(spec, "storageUri") or any(spec.get(field) for field in ("server", "explainer", "llm")):
        return
    wanted = [word for _, word in requirements(subject.data)]
    if not wanted:
        path = ("spec", "requirements") if sequence(spec, "requirements") else ("spec",)
        yield Hit(path, {"reason": "there are no requirements"}, on_key=True)
    elif wanted == ["python"]:
        yield hit("spec", "requirements", on_key=True, reason="python alone is what MLServer and Triton both have")
