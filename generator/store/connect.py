"""Opening a store: which client, with which address, credentials and patience."""

from __future__ import annotations

import importlib.util
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from generator.errors import InputError, missing_extra
from generator.store import address
from generator.store.backends import backends
from generator.store.failures import told
from generator.store.local import FolderStore
from generator.store.objects import Store

# A dead server is known after at most two waits and a bit: under ten seconds whether it refuses, hangs or isn't there.
ASKING = {"connect_timeout": "2s", "read_timeout": "4s", "timeout": "30s"}
ASKING_RETRY = {"max_retries": 3, "retry_timeout": timedelta(seconds=4)}
# One part of 16 MiB in five minutes is 56 KB/s: slower than that, a model can't be sent anyway.
SENDING = {"connect_timeout": "5s", "timeout": "300s"}
SENDING_RETRY = {"max_retries": 6, "retry_timeout": timedelta(seconds=60)}
BACKOFF = {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=5), "base": 2}


def open_store(url: str, endpoint: str | None = None) -> Store:
    """Open a store. Nothing is asked of it yet, and nothing is made.

    Args:
        url: A folder, ``file:///folder`` or the URL of a bucket (``generator.store.backends``).
        endpoint: The address of another server than the cloud's own; without it what the cloud's variables say.
            A folder has none.

    Raises:
        InputError: The URL, the endpoint or a variable can't be right, or obstore isn't installed.
    """
    place = address.parse(url)
    if importlib.util.find_spec("obstore") is None:
        raise missing_extra("store", "a store of releases")
    if isinstance(place, address.Folder):
        return FolderStore(place.path)

    import obstore.store  # noqa: PLC0415 (an extra, and 20 ms)

    connection = backends()[place.backend].connect(place, endpoint, os.environ)
    common: dict[str, Any] = {"allow_http": bool(connection.server and connection.server.startswith("http://"))}
    if connection.authority:
        common["root_certificate"] = _certificates(*connection.authority)
    name = f"{place.url} at {connection.server}" if connection.server else place.url
    with told("can't open the bucket", name, connection.access):
        asking, sending = (
            getattr(obstore.store, connection.client)(
                place.name,
                prefix=place.prefix or None,
                client_options={**client, **common},
                retry_config={**retry, "backoff": BACKOFF},
                **connection.options,
            )
            for client, retry in ((ASKING, ASKING_RETRY), (SENDING, SENDING_RETRY))
        )
    return Store(place.url, name, asking, sending, tagged=connection.tagged, access=connection.access)


def _certificates(variable: str, file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"can't read the certificates that {variable} names, {file}: {error.strerror}.") from error
