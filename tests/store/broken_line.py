"""A line to a server that can be counted and broken: a proxy on loopback, one answer a request."""

from __future__ import annotations

import contextlib
import http.client
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

ENDS = {"transfer-encoding", "connection", "keep-alive"}


class Line:
    """What passes, and until when.

    Attributes:
        endpoint: What stands for the server's endpoint.
        asked: Method and path of each request that reached the server.
        written: The path of each request that wrote something.
        broken: Set at the first request that doesn't reach the server, or whose answer doesn't come back.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.asked: list[tuple[str, str]] = []
        self.written: list[str] = []
        self.broken = threading.Event()
        self._lock = threading.Lock()
        self._left: int | None = None
        self._answers_last = True
        self._every: int | None = None
        self._seen = 0

    def falters(self, every: int) -> None:
        """Answer each so-manieth request that there is too much to do, in the server's stead."""
        self._every, self._seen = every, 0

    def faltering(self) -> bool:
        """Whether this request is one of those."""
        with self._lock:
            self._seen += 1
            return self._every is not None and self._seen % self._every == 0

    def breaks(self, after: int, *, answers_last: bool) -> None:
        """Let so many requests through and no more.

        Args:
            after: How many reach the server.
            answers_last: Whether the answer to the last of them comes back.
        """
        with self._lock:
            self._left, self._answers_last, self.written = after, answers_last, []
            self.broken.clear()

    def mended(self) -> None:
        with self._lock:
            self._left, self.written = None, []

    def passes(self) -> tuple[bool, bool]:
        """Whether a request reaches the server, and its answer comes back."""
        with self._lock:
            if self._left is None:
                return True, True
            if self._left == 0:
                self.broken.set()
                return False, False
            self._left -= 1
            return True, self._left > 0 or self._answers_last


class _Proxy(ThreadingHTTPServer):
    """Hands on what the line lets through."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.address = urlsplit(endpoint)
        self.line = Line(f"http://127.0.0.1:{self.server_port}{self.address.path}")

    def handle_error(self, *_: object) -> None:
        """A client that doesn't wait for the answer is what this is for."""

    def ask(self, method: str, path: str, headers: Message, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        server = http.client.HTTPConnection(self.address.hostname or "", self.address.port, timeout=60)
        with contextlib.closing(server):
            server.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name.lower() not in ENDS:
                    server.putheader(name, value)
            server.endheaders(body)
            answer = server.getresponse()
            return answer, answer.read()


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Proxy

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.server.line.faltering():
            self.send_response_only(HTTPStatus.SERVICE_UNAVAILABLE)
            self.send_header("content-length", "0")
            self.end_headers()
            return
        reaches, answers = self.server.line.passes()
        self.close_connection = not answers
        if not reaches:
            return
        self.server.line.asked.append((self.command, self.path))
        answer, content = self.server.ask(self.command, self.path, self.headers, body)
        if self.command in ("PUT", "POST") and answer.status < HTTPStatus.BAD_REQUEST:
            self.server.line.written.append(self.path)
        if answers:
            self._answer(answer, content)
        else:
            self.server.line.broken.set()

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 (the base class' manner)

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        own = set() if self.command == "HEAD" else {"content-length"}
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ENDS | own:
                self.send_header(name, value)
        if own:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def line_to(endpoint: str) -> Iterator[Line]:
    """A line to a server's endpoint."""
    with _Proxy(endpoint) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        yield proxy.line
        proxy.shutdown()
