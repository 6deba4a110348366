"""Which libraries the model servers have, and whether they can be relied on to read what wrote a release.

A pickle of scikit-learn holds for the release that wrote it alone (scikit-learn, doc/model_persistence.rst); XGBoost,
LightGBM, MLflow and transformers read what older releases wrote, and promise nothing the other way. A server of another
age starts, and fails when it loads the model, or answers otherwise.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from generator.platforms import named
from generator.platforms.base import numbers
from generator.platforms.servers import on_cluster, server_named, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan, Share
    from generator.platforms.base import Platform, Server
    from generator.service import Service

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


def of_model(service: Service, written_by: Mapping[str, str], oldest: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each reason why the server that is rendered can't be relied on to read a model.

    Asked when the model is published, long before somebody renders for it; a variant may have another server.

    Args:
        service: The service, whose format is settled.
        written_by: What wrote the model, library to version.
        oldest: The oldest release of a server that can load it, by layout.

    Raises:
        InputError: The platform, the format or the runtime isn't known.
    """
    if "image" in service.container:
        return ()
    platform, model = named(service), service.model
    release = platform.release_of(service)
    if model.model_format:
        server = on_cluster(platform, model.model_format, model.runtime, service)
    else:
        server = server_named(platform, release, model.format, model.runtime, service)
    version = _image(platform.id, release, server, model.runtime_version)
    needed, here = oldest.get(server.layout, ""), numbers(version)
    found = list(_doubts("the model", written_by, server, shipped(platform.id, release, server, model.runtime_version)))
    if needed and here and here < numbers(needed):
        found.append(
            f"the model needs {server.layout} {needed} or newer, and {server.runtime} is rendered with {version}"
        )
    return tuple(found)


def _of_share(plan: Plan, platform: Platform, share: Share) -> Iterator[str]:
    if not share.files.written_by or "image" in share.container:
        return
    server = server_of(platform, plan.service, share)
    there = shipped(platform.id, platform.release_of(plan.service), server, share.runtime_version)
    yield from _doubts(f"release {share.files.version} of {share.files.name}", share.files.written_by, server, there)


def _doubts(model: str, written_by: Mapping[str, str], server: Server, there: Mapping[str, str]) -> Iterator[str]:
    for library, ours in sorted(there.items()):
        wrote = written_by.get(library)
        if not wrote:
            continue
        here, theirs = _comparable(ours), _comparable(wrote)
        if here < theirs or (here != theirs and library in EXACT):
            yield (
                f"{model} was written by {library} {wrote}, and {server.runtime} has {ours}: it may fail to load it, "
                f"or answer otherwise. Write the model with {library} {_short(ours)}, or render a server that has "
                f"{_short(wrote)}: by model.runtimeVersion or container.image."
            )


def _image(platform: str, release: str, server: Server, asked: str | None) -> str:
    """The tag of a server's image, as far as it is known here."""
    version = asked or server.newest
    if server.layout == "mlserver" and not version and platform == "kserve":
        return _upto(MLSERVER_OF_KSERVE, release) or ""
    return version


def shipped(platform: str, release: str, server: Server, asked: str | None) -> Mapping[str, str]:
    """The libraries of a server as it is rendered, by their names on PyPI; empty where nobody here knows.

    Args:
        platform: The platform's id.
        release: Its release.
        server: The server.
        asked: The server's release that the service file asks for.
    """
    image = _image(platform, release, server, asked)
    if server.layout == "mlserver":
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
