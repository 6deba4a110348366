"""A client that asks a gateway and writes down who answered; a program of its own, run in the gateway's network.

Usage: ``caller.py FILE ADDRESS:PORT HOST [--count N] [--rate R] [--workers W] [--path PATH] [--header NAME:VALUE]…``

It ends after that many requests, or at the end of its input. Each line of FILE is one request: its number, when it was
sent (seconds of the clock), how long it took, the status, the pod that answered, and what went wrong. Connections are kept
open, as clients keep them; what is asked is a POST, as a prediction is, so that nobody on the way may ask twice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 5.0
"""Seconds without an answer after which a request has failed."""
BODY = b'{"instances": [[1.0, 2.0]]}'


@dataclass
class Connection:
    """A connection, and whether the other side lets it open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    kept: bool = True


@dataclass(frozen=True)
class Asked:
    """What is sent, but for the number."""

    address: tuple[str, int]
    host: str
    path: str
    headers: tuple[str, ...]

    def text(self, number: int) -> bytes:
        """The request with its number, by which a copy of it is known."""
        own = (f"Host: {self.host}", f"Content-Length: {len(BODY)}", f"x-number: {number}")
        lines = (f"POST {self.path} HTTP/1.1", *own, *self.headers, "", "")
        return "\r\n".join(lines).encode() + BODY


async def _body(reader: asyncio.StreamReader, fields: dict[str, str]) -> bytes:
    """The answer's body, in one piece or in several."""
    if fields.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(fields.get("content-length", "0")))
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return b"".join(parts)


async def _answer(connection: Connection) -> tuple[int, str]:
    """Status and pod of the answer that is coming.

    Raises:
        OSError, asyncio.IncompleteReadError: The connection broke.
    """
    head = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    connection.kept = fields.get("connection") != "close"
    body = await _body(connection.reader, fields)
    status = int(head[0].split()[1])
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return status, str(json.loads(body)["pod"])
    return status, ""


async def _ask(asked: Asked, idle: list[Connection], number: int) -> tuple[int, str]:
    connection = idle.pop() if idle else Connection(*await asyncio.open_connection(*asked.address))
    whole = False
    try:
        connection.writer.write(asked.text(number))
        status, pod = await _answer(connection)
        whole = connection.kept
        return status, pod
    finally:
        if whole:
            idle.append(connection)
        else:
            connection.writer.close()


async def _work(asked: Asked, numbers: Iterator[int], start: float, rate: float, out: IO[str]) -> None:
    """One worker: the next number at its time, until there are no more."""
    idle: list[Connection] = []
    for number in numbers:
        if rate:
            await asyncio.sleep(start + number / rate - time.time())
        sent, status, pod, fault = time.time(), 0, "", ""
        try:
            status, pod = await asyncio.wait_for(_ask(asked, idle, number), PATIENCE)
        except TimeoutError:
            fault = f"no answer in {PATIENCE:g} s"
        except (OSError, asyncio.IncompleteReadError) as error:
            fault = f"{type(error).__name__}: {error}"
        out.write(json.dumps([number, sent, round(time.time() - sent, 4), status, pod, fault]) + "\n")


async def _main(options: argparse.Namespace, out: IO[str]) -> None:
    name, _, port = options.address.rpartition(":")
    asked = Asked((name, int(port)), options.host, options.path, tuple(options.header))
    told = threading.Event()

    def wait_for_the_end() -> None:
        os.read(sys.stdin.fileno(), 1)  # not by a lock that the end of this program would wait for
        told.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    numbers = itertools.takewhile(lambda _: not told.is_set(), range(options.count or sys.maxsize))
    work = (_work(asked, numbers, time.time(), options.rate, out) for _ in range(options.workers))
    await asyncio.gather(*work)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("file", "address", "host"):
        parser.add_argument(name)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--path", default="/v1/models/digits:predict")
    parser.add_argument("--header", action="append", default=[])
    given = parser.parse_args()
    with Path(given.file).open("w", buffering=1) as lines:
        asyncio.run(_main(given, lines))
