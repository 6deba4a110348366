"""Who reads what: fields, annotations and labels that one mode, autoscaler class, component or release alone takes up.

One table; the rules on what is set for nobody go by it. Source: kserve/kserve, v0.15.2 to v0.20.0, what stands under
pkg/controller/v1beta1/inferenceservice (components, and the reconcilers hpa, keda, knative, deployment, ingress),
pkg/controller/v1alpha1/inferencegraph and pkg/webhook/admission/pod.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.checks.rules.kserve.scaling import HPA, KEDA
from generator.checks.rules.kserve.spec import (
    AUTOSCALER,
    KNATIVE,
    NEW_NAMES,
    PREFIX,
    STANDARD,
    V0_16,
    V0_18,
    annotations_of,
    mode,
)
from generator.outcome.kserve.scaling import EXTERNAL, NONE

if TYPE_CHECKING:
    from generator.checks.subject import Subject
    from generator.schemas import Version

NO_CLASS = None
"""Without the annotation the class is hpa, but the webhook then checks nothing."""

BY_HPA = (HPA, NO_CLASS)
"""The classes with which KServe makes a HorizontalPodAutoscaler."""

BY_NOBODY = (EXTERNAL, NONE)
"""The classes with which KServe makes no autoscaler. KSV119 tells the first field about scaling that stands beside one
of them, in words of its own; so in this table they count as readers of such fields."""

EVERY_CLASS = (*BY_HPA, KEDA, *BY_NOBODY)


class Reader(NamedTuple):
    """Where something is read.

    Attributes:
        modes: The modes, by their newer names.
        classes: The autoscaler classes, which count in Standard mode only.
        components: Of which components.
        since: The first release; None for all.
    """

    modes: tuple[str, ...] = (STANDARD, KNATIVE)
    classes: tuple[str | None, ...] = EVERY_CLASS
    components: tuple[str, ...] = ("predictor", "transformer", "explainer", "canary")
    since: Version | None = None


class Entry(NamedTuple):
    """Something that isn't read everywhere.

    Attributes:
        place: Where it stands, below a component, or below an object's annotations, labels or spec.
        readers: Who reads it; none where nothing does.
        who: The readers in words, after "is read".
        instead: What to do where nobody reads it, as a sentence.
    """

    place: tuple[str, ...]
    readers: tuple[Reader, ...]
    who: str
    instead: str


BEHAVIOR = Entry(
    ("autoScaling", "behavior"),
    (Reader((STANDARD,), (KEDA,), since=V0_16),),
    "with the autoscaler class keda",
    "Remove it, or write the autoscaler class keda.",
)
AUTO_SCALING = Entry(
    ("autoScaling",),
    (Reader((STANDARD,)),),
    "in Standard mode",
    "Remove it, and write scaleMetric (concurrency or rps) and scaleTarget.",
)
SCALE_TARGET = Entry(
    ("scaleTarget",),
    (Reader((STANDARD,), (*BY_HPA, *BY_NOBODY)), Reader((KNATIVE,))),
    "with the autoscaler class hpa and in Knative mode",
    "Remove it, and write the target of a metric under autoScaling.metrics.",
)
METRIC_TYPE = Entry(
    ("scaleMetricType",), (), "", "Remove it, and write the type of a target under autoScaling.metrics."
)
WORKERS = Entry(
    ("workerSpec",),
    (Reader((STANDARD,)),),
    "in Standard mode",
    "Write the mode Standard; in Knative mode a model runs on one node.",
)
CONCURRENCY = Entry(
    ("containerConcurrency",),
    (Reader((KNATIVE,)),),
    "in Knative mode",
    "Remove it; limit the server itself, for example by its arguments.",
)
LOG_STORE, LOG_SIZE, LOG_INTERVAL, LOG_FORMAT = (
    Entry(
        ("logger", field),
        (Reader(components=("predictor",), since=V0_16),),
        "of the predictor",
        "Move it to the predictor's logger, whose settings hold for all components.",
    )
    for field in ("storage", "batchSize", "batchInterval", "marshallerUrl")
)
OF_COMPONENTS = (
    *(BEHAVIOR, AUTO_SCALING, SCALE_TARGET, METRIC_TYPE, WORKERS, CONCURRENCY),
    *(LOG_STORE, LOG_SIZE, LOG_INTERVAL, LOG_FORMAT),
)

TAGS, AGGREGATION, SCRAPING = (
    Entry((f"{PREFIX}{name}",), (Reader((KNATIVE,)),), "in Knative mode", instead)
    for name, instead in (
        ("enable-tag-routing", "Remove it; hosts of single variants are a route's in Standard mode."),
        ("enable-metric-aggregation", "Remove it, and scrape the server's own port."),
        (
            "enable-prometheus-scraping",
            "Remove it, and name the server's own port in a PodMonitor, or in annotations prometheus.io/port and path.",
        ),
    )
)
CLASS = Entry(
    (AUTOSCALER,),
    (Reader((STANDARD,)),),
    "in Standard mode",
    "Remove it; in Knative mode the annotation autoscaling.knative.dev/class says which autoscaler.",
)
OF_ANNOTATIONS = (TAGS, AGGREGATION, SCRAPING, CLASS)

KNATIVE_ANNOTATIONS = ("autoscaling.knative.dev/", "serving.knative.dev/")
"""The beginnings of annotations that Knative reads, and nobody else."""

INSIDE_KNATIVE = Entry(
    ("networking.knative.dev/visibility",),
    (Reader((KNATIVE,)),),
    "in Knative mode",
    "Write the label networking.kserve.io/visibility.",
)
INSIDE_STANDARD = Entry(
    ("networking.kserve.io/visibility",),
    (Reader((STANDARD,)),),
    "in Standard mode",
    "Write the label networking.knative.dev/visibility.",
)
OF_LABELS = (INSIDE_KNATIVE, INSIDE_STANDARD)

GRAPH_TIMEOUT = Entry(
    ("timeout",), (Reader((KNATIVE,)),), "in Knative mode", "Remove it, and set routerTimeouts (since KServe 0.16)."
)
OF_GRAPHS = (GRAPH_TIMEOUT,)

ADAPTERS = Entry(
    ("model", "lora", "adapters"),
    (Reader(since=V0_18),),
    "by newer releases",
    "Update KServe, or write the server's own arguments for adapters.",
)
"""0.17 has no code for them, 0.19 has; of 0.18 it isn't known, so it counts as a reader."""

OF_LLMS = (ADAPTERS,)

OF_MODELMESH = ("builtInAdapter", "grpcEndpoint", "grpcDataEndpoint", "httpDataEndpoint", "storageHelper", "replicas")
"""Fields of a runtime's spec that ModelMesh reads, so of runtimes with multiModel: true."""


def unread(subject: Subject, entry: Entry, component: str = "predictor") -> str | None:
    """Why nobody reads something here, in words; None where somebody does, or the cluster's default decides."""
    if not entry.readers:
        return "nothing in KServe reads it"
    found = mode(subject)
    here = NEW_NAMES.get(found or "", found)
    if here not in (STANDARD, KNATIVE):
        here = None  # no mode is said, or none that there is: the cluster's default decides; or ModelMesh
    if here is None and any(one.modes != (STANDARD, KNATIVE) for one in entry.readers):
        return None
    failing = [_fails(subject, one, here, component) for one in entry.readers]
    return None if None in failing else failing[-1 if here == KNATIVE else 0]


def _fails(subject: Subject, reader: Reader, here: str | None, component: str) -> str | None:
    """What keeps a reader from reading; None where nothing does."""
    if here is not None and here not in reader.modes:
        return f"the mode is {here}"
    name = annotations_of(subject).get(AUTOSCALER)
    if here == STANDARD and name not in reader.classes:
        return f"the class is {name}" if name else "the class is hpa, as no annotation says another"
    if component not in reader.components:
        return f"this is the {component}'s"
    if reader.since is not None and subject.release is not None and subject.release < reader.since:
        return f"the release is {subject.release}"
    return None
