"""The LoRA adapters of an LLMInferenceService, from 0.19 on.

kserve/kserve v0.20.0, pkg/controller/v1alpha2/llmisvc/workload_lora.go.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from generator.outcome.kserve import hosts
from generator.outcome.kserve.llm.naming import child_name
from generator.outcome.kserve.llm.trees import Fields, dig, items, named
from generator.outcome.kserve.values import derived, spelled, words
from generator.outcome.part import value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

SINCE = Version(0, 19)
FOLDER = "/mnt/lora"
_ODD = re.compile(r"[^a-zA-Z0-9._-]", re.ASCII)
_SIZES = {"maxRank": "--max-lora-rank", "maxAdapters": "--max-loras", "maxCpuAdapters": "--max-cpu-loras"}


class Adapter(NamedTuple):
    """An adapter.

    Attributes:
        name: Its name.
        uri: Where it is.
        path: Where the server reads it.
    """

    name: Tree
    uri: Tree
    path: str

    @property
    def downloaded(self) -> bool:
        """Whether it's downloaded; else it's on a claim."""
        return not words(self.uri).startswith("pvc://")

    @property
    def volume(self) -> str:
        """The volume of one on a claim."""
        return child_name("lora-pvc-", words(self.name))


def resolved(service: Combined) -> list[Adapter]:
    """The adapters by their names."""
    if service.release < SINCE:
        return []
    listed = items(service.spec, "model", "lora", "adapters")
    found = [Adapter(dig(one, "name"), dig(one, "uri"), _folder(dig(one, "name"))) for one in listed]
    return sorted(found, key=lambda one: words(one.name))


def _folder(name: Tree) -> str:
    part = _ODD.sub("-", words(name))
    return f"{FOLDER}/{part if part not in ('', '.', '..') else 'adapter'}"


def refusal(service: Combined, *, off: bool) -> str:
    """Why KServe makes nothing of the adapters; empty where it does.

    Args:
        service: The service.
        off: Whether downloads are switched off.
    """
    for one in resolved(service):
        scheme, there_is, _ = words(one.uri).partition("://")
        if not there_is or scheme not in ("hf", "s3", "pvc") or off:
            return f"KServe makes nothing: the adapter {words(one.name)} can't be had from '{words(one.uri)}'"
    return ""


def with_arguments(service: Combined, pod: Fields, wanted: Sequence[Adapter]) -> None:
    """Tell vLLM of the adapters, before all other arguments, unless the user does."""
    main = named(pod.get("containers"), "main")
    if main is None or _told(main):
        return
    spec = dig(service.spec, "model", "lora")
    arguments: list[Tree] = ["--enable-lora"]
    for name, flag in _SIZES.items():
        size = spelled(dig(spec, name))
        if size is not None:
            arguments.append(derived(size, f"{flag}={words(size)}"))
    arguments.append("--lora-modules")
    namespace = hosts.namespace_of(service.root)
    for one in wanted:
        for name in (words(one.name), f"publishers/{namespace}/models/{words(one.name)}"):
            module = json.dumps({"name": name, "path": one.path}, separators=(",", ":"), ensure_ascii=False)
            arguments.append(derived(one.name, f"'{module}'"))
    main["args"] = [*arguments, *main["args"]]


def _told(main: Fields) -> bool:
    for one in main["env"]:
        if words(dig(one, "name")) == "VLLM_ADDITIONAL_ARGS" and "--lora-modules" in words(dig(one, "value")):
            return True
    said = [*items(main, "command"), *main["args"]]
    return any("--lora-modules" in str(value_of(one)) for one in said)
