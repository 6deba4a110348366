"""Requirements: the words by which a Model finds its server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import (
    CAPABILITIES,
    GOOD_MODEL,
    MODEL,
    capabilities,
    offers,
    requirements,
    source,
)
from generator.checks.structure.suggest import nearest
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

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
    known = subject.index.derive(capabilities)
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
    known = subject.index.derive(capabilities)
    for path, word in requirements(subject.data):
        if word in known or _is_package(word):
            continue
        near = nearest(word, SHIPPED)
        if near:
            yield Hit(path, {"word": word, "known": near})


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
    known = subject.index.derive(capabilities)
    for path, word in requirements(subject.data):
        if word not in known and not _is_package(word) and not nearest(word, SHIPPED):
            yield Hit(path, {"word": word, "known": ", ".join(sorted(SHIPPED))})


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
    there = subject.index.derive(offers)
    wanted = {word for _, word in requirements(subject.data)}
    named = text(subject.data, "spec", "server")
    if named and named not in there:
        return  # a server of the cluster, which may have any capabilities
    if len(wanted) < 2 or any(wanted <= has for has in there.values()):  # noqa: PLR2004 (one can't contradict itself)
        return
    if wanted <= subject.index.derive(capabilities):
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
