"""Models: what the schema takes and the operator, the scheduler or the agent doesn't."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import (
    EXPERIMENT,
    GOOD_MODEL,
    MODEL,
    PIPELINE,
    V2_7,
    V2_9,
    newer,
    source,
)
from generator.checks.subject import integer, mapping, reach, text
from generator.text.quantity import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.reading.kind import Kind

TYPES = source("operator/apis/mlops/v1alpha1/model_types.go")
NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")

EXPLAINER = (
    GOOD_MODEL.replace("[sklearn]", "[alibi-explain]") + "  explainer: {type: anchor_tabular, modelRef: digits}\n"
)


@rule(
    id="SC2105",
    name="name-with-a-dot",
    product="seldon-core-2",
    kinds=(MODEL, PIPELINE),
    since=V2_7,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the scheduler refuses the name '{name}': it takes lower-case letters, digits and hyphens only",
    fix="Rename it, for example to {better}.",
    source=newer("scheduler/pkg/store/utils/validate.go"),
    bad=GOOD_MODEL.replace("name: digits", "name: digits.v1"),
    good=GOOD_MODEL,
)
def name_with_a_dot(subject: Subject) -> Iterator[Hit]:
    """Kubernetes allows dots in names, Seldon's scheduler doesn't: the object is stored and never gets ready."""
    name = subject.document.name
    if "." in name and not NAME.fullmatch(name):
        yield hit("metadata", "name", name=name, better=name.replace(".", "-"))


@rule(
    id="SC2106",
    name="empty-storage-uri",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"storageUri"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="storageUri is empty: there is nothing to load",
    fix="Write the folder of the artifact, such as s3://models/digits/1.",
    source=source("scheduler/pkg/agent/rclone/rclone.go"),
    bad=GOOD_MODEL.replace("s3://models/digits/1", "''"),
    good=GOOD_MODEL,
)
def empty_storage_uri(subject: Subject) -> Iterator[Hit]:
    """The schema asks for the field, not for a value."""
    found = text(subject.data, "spec", "storageUri")
    if found is not None and not found.strip():
        yield hit("spec", "storageUri")


@rule(
    id="SC2115",
    name="storage-uri-without-remote",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"storageUri"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' names no remote and is no absolute path, so the agent finds nothing there",
    fix="Write where it lies, such as s3://<bucket>/{uri}, or the path at which the Server mounts it.",
    source=source("scheduler/pkg/agent/rclone/rclone.go"),
    bad=GOOD_MODEL.replace("s3://models/digits/1", "models/digits/1"),
    good=GOOD_MODEL.replace("s3://models/digits/1", "/mnt/models/digits"),
)
def storage_uri_without_remote(subject: Subject) -> Iterator[Hit]:
    """The agent hands the text to rclone in its own pod, which takes what has no colon for a path there.

    An absolute one can be a volume of the Server; a relative one begins wherever the program was started.
    """
    uri = text(subject.data, "spec", "storageUri") or ""
    secret = text(subject.data, "spec", "secretName")
    if uri.strip() and ":" not in uri and not uri.startswith("/") and filled(uri) and not secret:
        yield hit("spec", "storageUri", uri=uri)


@rule(
    id="SC2107",
    name="secret-without-scheme",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"secretName"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="secretName needs a scheme in storageUri, and '{uri}' has none",
    fix="Write the URI with the remote's name in front, such as s3://models/digits/1.",
    source=source("scheduler/pkg/agent/rclone/rclone_config.go"),
    bad=GOOD_MODEL.replace("s3://models/digits/1", "/mnt/models/digits") + "  secretName: store\n",
    good=GOOD_MODEL + "  secretName: store\n",
)
def secret_without_scheme(subject: Subject) -> Iterator[Hit]:
    """The agent finds the secret's remote by the part before the colon, and fails where there is none."""
    uri = text(subject.data, "spec", "storageUri")
    if uri and text(subject.data, "spec", "secretName") and ":" not in uri:
        yield hit("spec", "storageUri", uri=uri)


@rule(
    id="SC2108",
    name="memory-below-one-byte",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"memory"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the operator can't use the memory {memory}: it wants whole bytes",
    fix="Write a quantity such as 500Mi; the suffix m means thousandths of a byte.",
    source=TYPES,
    bad=GOOD_MODEL.replace("100Mi", "500m"),
    good=GOOD_MODEL,
)
def memory_below_one_byte(subject: Subject) -> Iterator[Hit]:
    """The scheduler takes a 64-bit number of bytes; the Model fails before it is scheduled."""
    memory = text(subject.data, "spec", "memory")
    if memory is None:
        return
    try:
        whole = canonical(memory)
    except ValueError:
        return
    if whole.endswith(("m", "u", "n")) or ("." in whole and "e" not in whole):
        yield hit("spec", "memory", memory=memory)


@rule(
    id="SC2109",
    name="explainer-beside-llm",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"llm"}),
    since=V2_9,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a Model is an explainer or an LLM's prompt, not both: the operator refuses it",
    fix="Keep one of explainer and llm, and make a second Model for the other.",
    source=newer("operator/apis/mlops/v1alpha1/model_types.go"),
    bad=EXPLAINER + "  llm: {modelRef: digits}\n",
    good=EXPLAINER,
)
def explainer_beside_llm(subject: Subject) -> Iterator[Hit]:
    """The failure shows in the Model's condition only."""
    if isinstance(reach(subject.data, "spec", "explainer"), dict) and isinstance(
        reach(subject.data, "spec", "llm"), dict
    ):
        yield hit("spec", "llm", on_key=True)


@rule(
    id="SC2110",
    name="explainer-without-target",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"explainer", "llm"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{field} names {found} of modelRef and pipelineRef: it needs exactly one",
    fix="Set modelRef to a Model or pipelineRef to a Pipeline.",
    source=source("scheduler/pkg/agent/repository/mlserver/mlserver.go"),
    bad=EXPLAINER.replace(", modelRef: digits", ""),
    good=EXPLAINER,
)
def explainer_without_target(subject: Subject) -> Iterator[Hit]:
    """Without one the agent reads a pointer that isn't there, and takes all models of its server replica down."""
    for field in ("explainer", "llm"):
        block = reach(subject.data, "spec", field)
        if isinstance(block, dict):
            count = sum(1 for name in ("modelRef", "pipelineRef") if text(block, name))
            if count != 1:
                yield hit("spec", field, on_key=True, field=field, found="both" if count else "none")


@rule(
    id="SC2202",
    name="no-memory",
    product="seldon-core-2",
    kinds=(MODEL,),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="without memory the scheduler takes the Model for weightless and may overfill a server",
    fix="Set memory to what the loaded model takes, for example 100Mi.",
    source=source("scheduler/pkg/scheduler/filters/replicamemory.go"),
    bad=GOOD_MODEL.replace("  memory: 100Mi\n", ""),
    good=GOOD_MODEL,
)
def no_memory(subject: Subject) -> Iterator[Hit]:
    """It is the only measure by which models are spread over replicas and moved out when there are too many."""
    spec = reach(subject.data, "spec")
    if isinstance(spec, dict) and spec.get("memory") is None:
        yield hit("spec", on_key=True)


@rule(
    id="SC2203",
    name="storage-uri-that-moves",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"storageUri"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="new content under '{uri}' is not loaded: only a change of the Model's spec is",
    fix="Write each version to a folder of its own and name that.",
    source=source("scheduler/pkg/store/equality.go"),
    bad=GOOD_MODEL.replace("digits/1", "digits/latest"),
    good=GOOD_MODEL,
)
def storage_uri_that_moves(subject: Subject) -> Iterator[Hit]:
    """Applying the same Model again reloads nothing, and a restarted replica downloads what is there by then."""
    uri = text(subject.data, "spec", "storageUri") or ""
    if "latest" in uri.lower().replace("-", "/").split("/"):
        yield hit("spec", "storageUri", uri=uri)


UNSIGNED: dict[Kind, tuple[Path, ...]] = {
    MODEL: (("spec", "artifactVersion"), ("spec", "logger", "percent")),
    EXPERIMENT: (("spec", "mirror", "percent"),),
    PIPELINE: (("spec", "input", "joinWindowMs"), ("spec", "output", "joinWindowMs")),
}


@rule(
    id="SC2111",
    name="negative-number",
    product="seldon-core-2",
    kinds=(MODEL, EXPERIMENT, PIPELINE),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{field} is {value}: the operator can't decode a negative number there, nor the list that the object is in",
    fix="Write 0 or more.",
    source=TYPES,
    bad=GOOD_MODEL + "  artifactVersion: -1\n",
    good=GOOD_MODEL + "  artifactVersion: 1\n",
)
def negative_number(subject: Subject) -> Iterator[Hit]:
    """The schema says integer, the Go type is unsigned.

    The operator's typed client then fails on the whole list of that kind, so other objects may stall as well.
    """
    kind = subject.document.kind
    paths: list[tuple[str | int, ...]] = [
        path for known, fixed in UNSIGNED.items() if known.kind == kind for path in fixed
    ]
    spec = mapping(subject.data, "spec")
    for field, inner in (("candidates", (("weight",),)), ("steps", STEP_NUMBERS)):
        entries = spec.get(field)
        for number, _ in enumerate(entries if isinstance(entries, list) else ()):
            paths += [("spec", field, number, *rest) for rest in inner]
    for path in paths:
        value = integer(subject.data, *path)
        if value is not None and value < 0:
            yield Hit(path, {"field": str(path[-1]), "value": value})


STEP_NUMBERS = (("joinWindowMs",), ("batch", "size"), ("batch", "windowMs"))
