"""The client of ``python-dxf`` for one thread, with connections that are kept, and no credentials but ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from dxf import DXF

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import requests

    from generator.store.oci.reference import Repository


STALLED = 30.0
"""Seconds in which a registry has to take a connection, and each piece of a layer: whoever presses Ctrl-C waits no
longer for one that has stopped reading. urllib3 sends with the patience that it has for connecting."""


class Client(DXF):
    """A repository's client.

    Args:
        repository: Which.
        authenticate: Called with the client and a registry's answer that asks who we are.
        patience: Seconds that a registry has for an answer.
    """

    def __init__(self, repository: Repository, authenticate: Callable[[Any, Any], None], patience: float) -> None:
        waits = (min(STALLED, patience), patience)  # requests takes two, and the library hands on what it is given
        super().__init__(
            repository.server,
            repository.path,
            auth=authenticate,
            insecure=repository.plain,
            timeout=cast("float", waits),
        )
        self.__enter__()  # a session, whose connections end with the client
        cast("requests.Session", self._sessions[0]).auth = _as_it_is


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request's header alone: without that, requests puts what ``~/.netrc`` says in the token's place."""
    return request
