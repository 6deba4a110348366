"""Which libraries the model servers have, and whether they can be relied on to read what wrote a release.

A pickle of scikit-learn holds for the release that wrote it alone (scikit-learn, doc/model_persistence.rst); XGBoost,
LightGBM, MLflow and transformers read what older releases wrote, and promise nothing the other way. A server of another
age starts, and fails when it loads the model, or answers otherwise.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from generator.platforms.base import numbers
from generator.platforms.servers import server_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan, Share
    from generator.platforms.base import Platform, Server

    Table = Mapping[str, Mapping[str, str]]

KSERVE: Table = MappingProxyType(
    {
        "0.15": {"scikit-learn": "1.5.2", "xgboost": "2.1.4", "lightgbm": "4.5.0", "transformers": "4.51.3"},
        "0.16": {"scikit-learn": "1.5.2", "xgboost": "2.1.4", "lightgbm": "4.5.0", "transformers": "4.53.2"},
        "0.17": {"scikit-learn": "1.5.2", "xgboost": "2.1.4", "lightgbm": "4.6.0", "transformers": "4.57.1"},
        "0.20": {"scikit-learn": "1.5.2", "xgboost": "2.1.4", "lightgbm": "4.6.0", "transformers": "5.13.0"},
    }
)
"""KServe's own servers: kserve/kserve, python/<server>/poetry.lock of v0.15.2 and uv.lock of v0.16.0 to v0.20.0, from
which their images are built; what a release doesn't name is as it was before. At 0.21 as on its main branch then."""
MLSERVER: Table = MappingProxyType(
    {
        "1.5.0": {
            "scikit-learn": "1.4.1",
            "xgboost": "2.0.3",
            "lightgbm": "4.3.0",
            "mlflow": "2.10.2",
            "transformers": "4.38.2",
        },
        "1.6.1": {
            "scikit-learn": "1.5.0",
            "xgboost": "2.0.3",
            "lightgbm": "4.3.0",
            "mlflow": "2.13.1",
            "transformers": "4.41.2",
        },
        "1.7.1": {
            "scikit-learn": "1.5.2",
            "xgboost": "2.1.2",
            "lightgbm": "4.6.0",
            "mlflow": "2.19.0",
            "transformers": "4.41.2",
        },
    }
)
"""MLServer's images: SeldonIO/MLServer, poetry.lock of each tag, which their Dockerfile exports as constraints."""
MLSERVER_OF_KSERVE: Mapping[str, str] = MappingProxyType({"0.15": "1.5.0", "0.18": "1.7.1"})
"""kserve/kserve, config/runtimes/kustomization.yaml."""
SELDON: Mapping[str, str] = MappingProxyType({"scikit-learn": "0.24.2", "xgboost": "1.4.2"})
"""SeldonIO/seldon-core v1.18.2, requirements.txt of both servers of the seldon protocol."""
SELDON_OWN = ("SKLEARN_SERVER", "XGBOOST_SERVER")
EXACT = frozenset({"scikit-learn"})
"""What another release can't be relied on to read, be it newer or older."""


T = TypeVar("T")


def notes(plan: Plan, platform: Platform) -> tuple[str, ...]:
    """A sentence for each library of a server that can't be relied on to read what a release's own wrote."""
    return tuple(dict.fromkeys(note for share in plan.shares for note in _of_share(plan, platform, share)))


def _of_share(plan: Plan, platform: Platform, share: Share) -> Iterator[str]:
    if not share.files.written_by or "image" in share.container:
        return
    server = server_of(platform, plan.service, share)
    for library, there in sorted(shipped(platform.id, platform.release_of(plan.service), server, share).items()):
        wrote = share.files.written_by.get(library)
        if not wrote:
            continue
        theirs, ours = _comparable(there), _comparable(wrote)
        if theirs < ours or (theirs != ours and library in EXACT):
            yield (
                f"release {share.files.version} of {share.files.name} was written by {library} {wrote}, and "
                f"{server.runtime} has {there}: it may fail to load it, or answer otherwise. Write the model with "
                f"{library} {_short(there)}, or render a server that has {_short(wrote)}: by model.runtimeVersion or "
                "container.image."
            )


def shipped(platform: str, release: str, server: Server, share: Share) -> Mapping[str, str]:
    """The libraries of a server as it is rendered, by their names on PyPI; empty where nobody here knows.

    Args:
        platform: The platform's id.
        release: Its release.
        server: The server.
        share: The variant that it runs.
    """
    image = share.runtime_version or server.newest
    if server.layout == "mlserver":
        if not image and platform == "kserve":
            image = _upto(MLSERVER_OF_KSERVE, release) or ""
        found = re.match(r"[0-9]+\.[0-9]+\.[0-9]+", image)
        return MLSERVER.get(found[0], {}) if found else {}
    if platform == "seldon-core-1" and server.layout == "plain" and server.runtime in SELDON_OWN:
        return SELDON
    if server.layout == "plain" and server.runtime.lower().startswith("kserve"):
        return _upto(KSERVE, image or release) or {}
    return {}


def _upto(table: Mapping[str, T], release: str) -> T | None:
    """What holds at a release: the last entry that isn't newer."""
    here = numbers(release)
    found = [value for since, value in table.items() if numbers(since) <= here]
    return found[-1] if found else None


def _comparable(version: str) -> tuple[int, ...]:
    """Major and minor."""
    found = re.match(r"(\d{1,9})(?:\.(\d{1,9}))?", version, re.ASCII)
    return (int(found[1]), int(found[2] or 0)) if found else ()


def _short(version: str) -> str:
    return ".".join(map(str, _comparable(version)))
