"""Workers meet before TensorFlow looks for them: it would wait for an hour, deaf to Ctrl-C and to other threads."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING

from generator.errors import OutsideError

if TYPE_CHECKING:
    from trainer.distributed.member import Member

POLL_SECONDS = 0.3
"""Between two looks at those that haven't come yet."""

KNOCK_SECONDS = 2.0
"""For one of them to answer."""


def meet(member: Member, seconds: float) -> None:
    """Wait until every worker's port can be reached, while one's own is open.

    Who has seen all goes on to TensorFlow, whose server then keeps the same port open for those that are still looking.

    Args:
        member: Which of the workers this is.
        seconds: How long the others are waited for.

    Raises:
        OutsideError: They don't all come, or this one's port is taken.
    """
    own = member.addresses[member.rank]
    missing = [address for address in member.addresses if address != own]
    deadline = time.monotonic() + seconds
    with _open(own):
        while missing:
            missing = [address for address in missing if not _answers(address)]
            if missing and time.monotonic() >= deadline:
                absent = ", ".join(missing)
                raise OutsideError(
                    f"of {len(member)} workers {len(missing)} didn't come within {seconds:.0f} s: {absent}.",
                    fix="Look whether their pods run and whether these addresses reach them.",
                )
            if missing:
                time.sleep(POLL_SECONDS)


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _open(address: str) -> socket.socket:
    _, port = _split(address)
    try:
        return socket.create_server(("", port))
    except (OSError, OverflowError) as error:
        raise OutsideError(
            f"can't listen on port {port}, which TF_CONFIG gives this worker ({address}): {error}.",
            fix="Give each worker a port that is free in its pod.",
        ) from error


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError, OverflowError), socket.create_connection(_split(address), KNOCK_SECONDS):
        return True
    return False
