"""The plugins by which a scheduler picks endpoints: which ones it is told of, and those that need a tokenizer.

kserve/kserve aaac4e294, pkg/controller/v1alpha2/llmisvc: tokenizer.go (``inlineSchedulerConfigBytes``,
``isTokenizerEnabled``), scheduler.go (``mutateSchedulerConfig``, ``schedulerTransform``); v0.20.0 where older releases
differ. Of what the controller migrates in settings of a scheduler of before, only what a tokenizer changes is here.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from generator.outcome.kserve.llm.trees import dig, items, named, there
from generator.outcome.kserve.values import derived
from generator.outcome.part import plain, value_of
from generator.reading import exact, fast, tree
from generator.reading.errors import UnreadableError
from generator.schemas.versions import Version, parse_version
from generator.text.yaml import Yaml, block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.llm.trees import Fields
    from generator.outcome.part import Tree

Plugin = dict[str, Any]

_SINCE = Version(0, 21)
"""The first release whose tokenizer has pods of its own, and that reads the arguments of the user's container too."""
_REWRITES = Version(0, 19)
"""The first release that writes the settings of older schedulers anew."""
_DECOMPOSED = Version(0, 9)
"""The first scheduler that knows the plugins into which the controller takes the old one apart."""
_TEXT, _FILE = (
    frozenset(f"{dashes}{flag}" for dashes in ("-", "--") for flag in (f"config-{kind.lower()}", f"config{kind}"))
    for kind in ("Text", "File")
)
FLAGS = _TEXT | _FILE
"""The flags behind which settings stand, or their file's path."""
PRECISE, _TOKENS = "precise-prefix-cache-scorer", "token-producer"
_PRODUCER, _SCORER = "precise-prefix-cache-producer", "prefix-cache-scorer"
_OLD = frozenset((PRECISE, "pd-profile-handler", "prefill-header-handler", "model-server-protocol-metrics"))
"""Plugins of schedulers before 0.9; see scheduler.go of kserve v0.20.0, ``schedulerTransform``."""
_MODEL = "/mnt/models/base"
"""The model's name for the tokenizer: where it reads it."""
_OLD_API, _API = "inference.networking.x-k8s.io/v1alpha1", "llm-d.ai/v1alpha1"


def types(scheduler: Tree, release: Version) -> frozenset[str]:
    """The types of the plugins that a scheduler is told of, inline or, from 0.21 on, in its container's arguments."""
    inline = dig(scheduler, "config", "inline")
    if inline is None and release >= _SINCE:
        inline = _argument(scheduler)
    found = plain(inline)
    settings = _read(found) if isinstance(found, str) else found
    return frozenset(one["type"] for one in _plugins(settings) if isinstance(one.get("type"), str))


def tokenized(scheduler: Tree, release: Version) -> bool:
    """Whether a scheduler has a tokenizer with pods of its own."""
    return release >= _SINCE and (
        there(scheduler, "tokenizer") or not types(scheduler, release).isdisjoint((PRECISE, _TOKENS))
    )


def rewritten(scheduler: Tree, release: Version) -> bool:
    """Whether the controller writes a scheduler's settings anew in a way that isn't computed here."""
    return _REWRITES <= release < _SINCE and not types(scheduler, release).isdisjoint(_OLD)


def version(text: str) -> Version:
    """The release of a scheduler, by its annotation; 0.0 where none is said."""
    try:
        return parse_version(text)
    except ValueError:
        return Version(0, 0)


def connect(main: Fields, scheduler: Version, url: str) -> None:
    """Rewrite the settings in a scheduler's arguments, so that its plugins ask the tokenizer.

    Args:
        main: The scheduler's container, which is changed.
        scheduler: The scheduler's own release.
        url: Where the tokenizer is.
    """
    arguments: list[Tree] = main["args"]
    for place, flag in enumerate(arguments[:-1]):
        text = value_of(arguments[place + 1])
        settings = _read(text) if value_of(flag) in _TEXT and isinstance(text, str) else {}
        if isinstance(settings.get("kind"), str) and scheduler >= _DECOMPOSED:
            rewritten = f"{block(_ordered(_connected(settings, url)), 0)}\n"
            arguments[place + 1] = derived(arguments[place + 1], rewritten)


def _argument(scheduler: Tree) -> Tree:
    main = named([{"name": dig(one, "name"), "one": one} for one in items(scheduler, "template", "containers")], "main")
    arguments = items(main["one"], "args") if main else []
    flag, said = next((pair for pair in pairwise(arguments) if value_of(pair[0]) in FLAGS), ("", None))
    return said if value_of(flag) in _TEXT else None


def _read(text: str) -> dict[str, Any]:
    """Settings out of their text; empty where it is none."""
    found = fast.load(text)
    if found is fast.UNSURE:
        try:
            found, _ = exact.decode(tree.parse(text))
        except UnreadableError:
            return {}
    return found if isinstance(found, dict) else {}


def _plugins(settings: Any) -> Iterator[Plugin]:
    listed = settings.get("plugins") if isinstance(settings, dict) else None
    yield from (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict))


def _connected(settings: dict[str, Any], url: str) -> dict[str, Any]:
    """Settings whose plugins know the tokenizer; ``settings`` itself is changed."""
    if settings.get("apiVersion") == _OLD_API:
        settings["apiVersion"] = _API
    for one in _plugins(settings):
        _without_old(one)
    if isinstance(settings.get("plugins"), list):
        _decompose(settings, url)
    for one in _plugins(settings):
        if one.get("type") == _TOKENS:
            _point(one, url)
    return settings


def _without_old(plugin: Plugin) -> None:
    """Take away what newer schedulers don't take any more."""
    parameters = plugin.get("parameters")
    if not isinstance(parameters, dict):
        return
    parameters.pop("hashBlockSize", None)
    if plugin.get("type") == _SCORER:
        kept = {name: value for name, value in parameters.items() if name == "prefixMatchInfoProducerName"}
        plugin["parameters"] = kept
        if not kept:
            del plugin["parameters"]


def _point(plugin: Plugin, url: str) -> None:
    """Tell a plugin where its tokens come from, unless it knows."""
    if not isinstance(plugin.get("parameters"), dict):
        plugin["parameters"] = {}
    parameters = plugin["parameters"]
    parameters.setdefault("modelName", _MODEL)
    if not isinstance(parameters.get("vllm"), dict):
        parameters["vllm"] = {}
    parameters["vllm"].setdefault("url", url)


def _decompose(settings: dict[str, Any], url: str) -> None:
    """Take the first old scorer apart into three plugins, the last of which stands for it in the profiles."""
    listed: list[Any] = settings["plugins"]
    place = next((at for at, one in enumerate(listed) if isinstance(one, dict) and one.get("type") == PRECISE), None)
    if place is None:
        return
    moved = _moved(listed[place].get("parameters"))
    three: list[Plugin] = [
        {"type": _TOKENS, "parameters": {"modelName": _MODEL, "vllm": {"url": url}}},
        {"type": _PRODUCER, "parameters": moved} if moved else {"type": _PRODUCER},
        {"type": _SCORER, "parameters": {"prefixMatchInfoProducerName": _PRODUCER}},
    ]
    kept = [one for at, one in enumerate(listed) if at != place and not _is(one, "type", _SCORER)]
    settings["plugins"] = [*kept[:place], *three, *kept[place:]]
    profiles = settings.get("schedulingProfiles")
    for profile in profiles if isinstance(profiles, list) else ():
        if isinstance(profile, dict) and isinstance(profile.get("plugins"), list):
            profile["plugins"] = list(_referred(profile["plugins"]))


def _is(one: Any, field: str, wanted: str) -> bool:
    return isinstance(one, dict) and one.get(field) == wanted


def _referred(references: list[Any]) -> Iterator[Any]:
    """A profile's references: to the new scorer in place of the old one, and to it once."""
    seen = False
    for one in references:
        renamed = {**one, "pluginRef": _SCORER} if _is(one, "pluginRef", PRECISE) else one
        if _is(renamed, "pluginRef", _SCORER):
            if seen:
                continue
            seen = True
        yield renamed


def _moved(parameters: Any) -> dict[str, Any]:
    """The old scorer's parameters as its successor takes them: tokens aren't its matter any more."""
    found = dict(parameters) if isinstance(parameters, dict) else {}
    index = found.pop("indexerConfig", None)
    if isinstance(index, dict):
        processor = index.get("tokenProcessorConfig")
        if "tokenProcessorConfig" in index:
            found.setdefault("tokenProcessorConfig", processor)
        rest = {
            name: value for name, value in index.items() if name not in ("tokenizersPoolConfig", "tokenProcessorConfig")
        }
        if rest:
            found["indexerConfig"] = rest
    return found


def _ordered(value: Any) -> Any:
    """A value as Go writes it anew: each key in its alphabetical place."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    return Yaml("null") if value is None else value
