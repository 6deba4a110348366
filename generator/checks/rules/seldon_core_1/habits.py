"""What works, and will be regretted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_1.spec import (
    CONTROLLER,
    CUSTOM,
    GOOD,
    containers,
    predictors,
    protocol,
    source,
    units,
)
from generator.checks.subject import mapping, reach, text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

TYPES = source("operator/apis/machinelearning.seldon.io/v1/seldondeployment_types.go")
OLD_LIBRARIES = {"SKLEARN_SERVER": "scikit-learn 0.24", "XGBOOST_SERVER": "XGBoost 1.4"}
TIDY = CUSTOM.replace("digits:1'}", "digits:1', resources: {requests: {cpu: 100m, memory: 128Mi}}}").replace(
    "    - name: stable\n", "    - name: stable\n      progressDeadlineSeconds: 120\n"
)


@rule(
    id="SC1210",
    name="old-seldon-version",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="{version} is an old version of this kind, with the same fields as v1",
    fix="Write apiVersion: machinelearning.seldon.io/v1.",
    source=TYPES,
    bad=GOOD.replace("machinelearning.seldon.io/v1", "machinelearning.seldon.io/v1alpha2"),
    good=GOOD,
)
def old_seldon_version(subject: Subject) -> Iterator[Hit]:
    """All three versions are served and stored as v1; only tools that read the file see a difference."""
    version = subject.document.api_version.rpartition("/")[2]
    if version in ("v1alpha2", "v1alpha3"):
        yield hit("apiVersion", version=version)


@rule(
    id="SC1211",
    name="deprecated-seldon-field",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"name", "oauth_key", "oauth_secret", "engineResources"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="{field} is a leftover of an older Seldon Core",
    fix="{advice}",
    source=TYPES,
    bad=GOOD.replace("  protocol: v2\n", "  name: digits\n  protocol: v2\n"),
    good=GOOD,
)
def deprecated_seldon_field(subject: Subject) -> Iterator[Hit]:
    """The name that counts is metadata.name; the OAuth gateway went away with 1.0."""
    advice = {
        "name": "Remove it: metadata.name is the name.",
        "oauth_key": "Remove it: nothing reads it; protect the gateway instead.",
        "oauth_secret": "Remove it, and take the secret out of the repository's history.",
    }
    for field, what in advice.items():
        if isinstance(reach(subject.data, "spec", field), str):
            yield hit("spec", field, on_key=True, field=f"spec.{field}", advice=what)
    for predictor in predictors(subject):
        if isinstance(predictor.spec.get("engineResources"), dict):
            values = {"field": "engineResources", "advice": "Write svcOrchSpec.resources instead."}
            yield Hit((*predictor.path, "engineResources"), values, on_key=True)


@rule(
    id="SC1212",
    name="libraries-of-2021",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="with the protocol seldon {server} runs {library} of 2021, which can't load a model saved by a current one",
    fix="Set spec.protocol: v2, which runs MLServer, or save the model with {library}.",
    source=source("servers/sklearnserver/sklearnserver/requirements.txt"),
    bad=GOOD.replace("  protocol: v2\n", ""),
    good=GOOD,
)
def libraries_of_2021(subject: Subject) -> Iterator[Hit]:
    """The pod ends with an error of the unpickler. Samples with models of that age work, so this is a note."""
    for unit in units(subject) if protocol(subject) == "seldon" else ():
        library = OLD_LIBRARIES.get(unit.server or "")
        if library and not unit.own_image:
            yield Hit((*unit.path, "implementation"), {"server": unit.server, "library": library})


@rule(
    id="SC1213",
    name="no-progress-deadline",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"traffic"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="if predictor '{name}' crashes, it takes ten minutes to count as Failed, and the old shares stay till then",
    fix="Set progressDeadlineSeconds on it, for example to 120 and the time that loading the model takes.",
    source=CONTROLLER,
    bad=GOOD,
    good=GOOD.replace("      traffic: ", "      progressDeadlineSeconds: 120\n      traffic: "),
)
def no_progress_deadline(subject: Subject) -> Iterator[Hit]:
    """Nothing but the deadline of its Deployment makes a SeldonDeployment Failed.

    Routes are changed when all Deployments are ready, so a canary that never is freezes the shares of before.
    """
    main = [found for found in predictors(subject) if not found.shadow]
    if len(main) > 1 and not any("progressDeadlineSeconds" in predictor.spec for predictor in main):
        yield Hit(main[-1].path, {"name": main[-1].name})


@rule(
    id="SC1214",
    name="no-resources-in-the-graph",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"predictors"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="no container of this graph asks for CPU or memory",
    fix="Set resources on the containers in componentSpecs; one named as the unit completes a prepackaged server's.",
    source=TYPES,
    bad=CUSTOM,
    good=TIDY,
)
def no_resources_in_the_graph(subject: Subject) -> Iterator[Hit]:
    """Pods without requests are placed anywhere and evicted first, and a CPU autoscaler has nothing to divide by."""
    found = list(predictors(subject))
    inside = (container for predictor in found for container in containers(predictor))
    if found and not any(mapping(container.spec, "resources") for container in inside):
        yield Hit(found[0].path)


@rule(
    id="SC1215",
    name="model-uri-that-moves",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"modelUri"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="'{uri}' can hold another model tomorrow: pods of one Deployment may then serve different ones",
    fix="Point modelUri to a folder that is written once, such as one with the version in its path.",
    source=source("doc/source/servers/overview.md"),
    bad=GOOD.replace("digits/1}", "digits/latest}"),
    good=GOOD,
)
def model_uri_that_moves(subject: Subject) -> Iterator[Hit]:
    """Each pod downloads at its own start; what was overwritten in between differs from pod to pod."""
    for unit in units(subject):
        uri = text(unit.spec, "modelUri") or ""
        if "latest" in uri.lower().replace("-", "/").split("/"):
            yield Hit((*unit.path, "modelUri"), {"uri": uri})
