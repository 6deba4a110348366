"""Traces of an LLMInferenceService's servers and of its scheduler, from 0.20 on.

kserve/kserve v0.20.0, pkg/controller/v1alpha2/llmisvc/tracing.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import hosts
from generator.outcome.kserve.llm.trees import Fields, dig, named, there
from generator.outcome.kserve.values import words
from generator.outcome.part import value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

SINCE = Version(0, 20)
SERVER, SCHEDULER = "inference-server", "inference-scheduler"
_NODE, _POD = "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME", "OTEL_RESOURCE_ATTRIBUTES_POD_NAME"


def of_server(service: Combined, pod: Fields, role: str) -> None:
    """Have the server send traces; one whose exporter has no address sends none."""
    main = named(pod.get("containers"), "main")
    endpoint = dig(service.spec, "tracing", "exporterEndpoint")
    if service.release < SINCE or main is None or not words(endpoint):
        return
    if not has_argument(main, "--otlp-traces-endpoint"):
        main["args"] += ["--otlp-traces-endpoint", endpoint]
    if not has_argument(main, "--collect-detailed-traces"):
        main["args"] += ["--collect-detailed-traces", "all"]
    _with_variables(service, main, f"{SERVER}-{role}")


def of_scheduler(service: Combined, main: Fields) -> None:
    """Have the scheduler send traces."""
    if service.release < SINCE or not there(service.spec, "tracing"):
        return
    if not has_argument(main, "--tracing") and not has_argument(main, "-tracing"):
        main["args"].append("--tracing=true")
    _with_variables(service, main, SCHEDULER)


def has_argument(container: Fields, name: str) -> bool:
    """Whether a container has an argument, with or without a value in it."""
    return any(text == name or text.startswith(f"{name}=") for text in map(_text, container["args"]))


def _text(tree: Tree) -> str:
    return str(value_of(tree))


def _with_variables(service: Combined, container: Fields, name: str) -> None:
    """Add the exporter's variables where the container has none of the name."""
    spec = dig(service.spec, "tracing")
    attributes = (
        f"k8s.namespace.name={hosts.namespace_of(service.root)},k8s.node.name=$({_NODE}),"
        f"k8s.pod.name=$({_POD}),llmisvc.name={service.name}"
    )
    wanted: list[Fields] = [
        {"name": "OTEL_SERVICE_NAME", "value": name},
        *(
            {"name": variable, "value": dig(spec, said) or ""}
            for variable, said in (
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "exporterEndpoint"),
                ("OTEL_TRACES_EXPORTER", "exporter"),
                ("OTEL_TRACES_SAMPLER", "sampler"),
                ("OTEL_TRACES_SAMPLER_ARG", "samplerArg"),
            )
        ),
        {"name": _NODE, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}},
        {"name": _POD, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
        {"name": "OTEL_RESOURCE_ATTRIBUTES", "value": attributes},
    ]
    there_already = {words(dig(one, "name")) for one in container["env"]}
    container["env"] += [one for one in wanted if one["name"] not in there_already]
