"""How a scheduler picks endpoints where nobody says it: the plugins of each release.

kserve/kserve, pkg/controller/v1alpha1/llmisvc/scheduler.go at v0.16.0 and pkg/controller/v1alpha2/llmisvc/scheduler.go
at v0.17.0, v0.18.0, v0.19.0 and v0.20.0 (``schedulerConfigText``); from 0.19 on the controller reads its own text and
writes it anew, each key in its alphabetical place (``schedulerTransform``). In 0.21 two presets hold it: those of
install/v0.21.0-rc1/kserve-cluster-resources.yaml at cb513f5f, ``kserve-config-llm-scheduler-eppconfig-default`` and
``…-default-pd``; adapters add to them (config_merge.go, ``injectLoRAAffinityScorer``).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFILLED, _DECIDED, _DISAGGREGATED, _SCORED = Version(0, 17), Version(0, 18), Version(0, 19), Version(0, 20)
_REWRITTEN, _PRESET = _DISAGGREGATED, Version(0, 21)
_LORA, _LORA_WEIGHT = "lora-affinity-scorer", 4
_PICKER, _DECIDER = "max-score-picker", "always-disagg-pd-decider"
_PREFIX, _QUEUE, _CACHE = ("prefix-cache-scorer", 3), ("queue-scorer", 2), ("kv-cache-utilization-scorer", 2)
_FIRST: Mapping[str, str] = {"prefill": "prefill-filter", "decode": "decode-filter"}
"""The filter that stands in front of everything else in a profile."""

_LOAD = ("prefix-cache-affinity-filter", "token-load-scorer")
_PRODUCERS = ("approx-prefix-cache-producer", "inflight-load-producer")

Scorers = tuple[tuple[str, int], ...]


@functools.cache
def text(release: Version, *, prefill: bool, adapters: bool) -> str:
    """The scheduler's settings as YAML.

    Args:
        release: KServe's.
        prefill: Whether prefilling has pods of its own.
        adapters: Whether the model has LoRA adapters.
    """
    if release >= _PRESET:
        return "\n".join((*_preset(release, prefill=prefill, adapters=adapters), ""))
    more = adapters and release >= _SCORED
    plugins = (*(_with_prefill(release) if prefill else _alone(release)), *((_LORA,) if more else ()))
    lines = ["apiVersion: inference.networking.x-k8s.io/v1alpha1", "kind: EndpointPickerConfig", "plugins:"]
    for name in plugins:
        lines += _plugin(release, name)
    lines.append("schedulingProfiles:")
    for name in ("prefill", "decode") if prefill else ("default",):
        scorers = _scorers(release, name)
        lines += _profile(release, name, (((_LORA, _LORA_WEIGHT), *scorers) if more else scorers))
    return "\n".join((*([] if release >= _REWRITTEN else [""]), *lines, ""))


def _preset(release: Version, *, prefill: bool, adapters: bool) -> Iterator[str]:
    """The lines of the presets."""
    yield from ("apiVersion: llm-d.ai/v1alpha1", "kind: EndpointPickerConfig", "plugins:")
    plugins: tuple[str, ...] = (*_PRODUCERS, *_LOAD)
    if prefill:
        plugins = (_DECIDER, "disagg-profile-handler", *_FIRST.values(), *plugins, "active-request-scorer", _PICKER)
    for name in (*plugins, _LORA) if adapters else plugins:
        yield from _plugin(release, name)
    yield "schedulingProfiles:"
    profiles = {"prefill": _LOAD, "decode": ("active-request-scorer",)} if prefill else {"default": _LOAD}
    for profile, names in profiles.items():
        yield from (f"- name: {profile}", "  plugins:")
        every = (_FIRST[profile], *names, _PICKER) if prefill else names
        yield from (f"  - pluginRef: {name}" for name in every)
        if adapters:
            yield from (f"  - pluginRef: {_LORA}", f"    weight: {_LORA_WEIGHT}")


def _alone(release: Version) -> tuple[str, ...]:
    return ("single-profile-handler", *(name for name, _ in _scorers(release, "default")), _PICKER)


def _with_prefill(release: Version) -> tuple[str, ...]:
    filters = tuple(_FIRST.values())
    if release < _PREFILLED:
        scorers = (name for name, _ in _scorers(release, "decode"))
        return ("pd-profile-handler", "prefill-header-handler", *filters, *scorers, _PICKER)
    headers, profile = (
        ("disagg-headers-handler", "disagg-profile-handler")
        if release >= _DISAGGREGATED
        else ("prefill-header-handler", "pd-profile-handler")
    )
    more = ("kv-cache-utilization-scorer", "active-request-scorer") if release >= _SCORED else ()
    decider = (_DECIDER,) if release >= _DECIDED else ()
    return (headers, *filters, "queue-scorer", *more, "prefix-cache-scorer", _PICKER, *decider, profile)


def _scorers(release: Version, profile: str) -> Scorers:
    if release < _PREFILLED:
        return (("prefix-cache-scorer", 2), ("load-aware-scorer", 1))
    if release < _SCORED:
        return (_QUEUE, _PREFIX)
    if profile == "default":
        return (_QUEUE, _CACHE, _PREFIX, ("no-hit-lru-scorer", 2))
    return (_PREFIX, _QUEUE, _CACHE) if profile == "prefill" else (("active-request-scorer", 2), _PREFIX)


def _plugin(release: Version, name: str) -> Iterator[str]:
    said = _parameters(release, name)
    if not said:
        yield f"- type: {name}"
    elif release >= _REWRITTEN:
        yield from ("- parameters:", *said, f"  type: {name}")
    else:
        yield from (f"- type: {name}", "  parameters:", *said)


def _parameters(release: Version, name: str) -> tuple[str, ...]:
    if name == "disagg-profile-handler":
        return ("    deciders:", f"      prefill: {_DECIDER}")
    if name != "pd-profile-handler":
        return ()
    if release >= _DECIDED:
        return (f"    deciderPluginName: {_DECIDER}",)
    return (f"    threshold: {0 if release >= _PREFILLED else 100}",)


def _profile(release: Version, name: str, scorers: Scorers) -> Iterator[str]:
    yield from (f"- name: {name}", "  plugins:")
    if name in _FIRST:
        yield f"  - pluginRef: {_FIRST[name]}"
    for plugin, weight in scorers:
        yield f"  - pluginRef: {plugin}"
        yield f"    weight: {weight}" if release >= _PREFILLED else f"    weight: {weight}.0"
    yield f"  - pluginRef: {_PICKER}"
