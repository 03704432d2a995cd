"""A web server that answers as a test tells it to: honestly from a folder, or with any lie."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: Message


class Liar:
    """A running server; `lie` answers every GET where a test sets it, else `root` is served."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[Asked] = []
        self.lie: Callable[[Request], None] | None = None
        self.sent = Event()  # for a lie to tell that it has come so far
        self.over = Event()  # what hangs hangs until then
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def paths(self, method: str = "GET") -> list[str]:
        """Return what was asked for, in order."""
        return [asked.path for asked in self.asked if asked.method == method]


class Request(BaseHTTPRequestHandler):
    """One request under way, with what a test needs to answer it."""

    protocol_version = "HTTP/1.1"
    liar: Liar

    def do_GET(self) -> None:
        self._note()
        if self.liar.lie:
            self.liar.lie(self)
        else:
            self.serve(ranges=True)

    def do_HEAD(self) -> None:
        self._note()
        file = self._file()
        if file.is_file():
            self.answer(200, {"Content-Length": str(file.stat().st_size)})
        else:
            self.answer(404, {"Content-Length": "0"})

    def do_POST(self) -> None:
        self._note()
        file = self._file()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self._body())
        self.answer(201, {"Content-Length": "0"})

    def do_PUT(self) -> None:
        self.do_POST()

    def serve(self, *, ranges: bool) -> None:
        """Serve the file itself."""
        file = self._file()
        if not file.is_file():
            self.answer(404, {"Content-Length": "0"})
            return
        data = file.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted and ranges:
            first = int(wanted[1])
            place = f"bytes {first}-{len(data) - 1}/{len(data)}"
            self.answer(206, {"Content-Range": place}, data[first:])
        else:
            self.answer(200, {}, data)

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """Send a whole answer; its length is told unless a header tells another."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.send(body)

    def begin(self, status: int = 200, **headers: str) -> None:
        """Send the beginning of an answer whose end is the connection's."""
        self.close_connection = True
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    gone = False

    def send(self, data: bytes) -> None:
        """Send bytes, until the reader has gone."""
        try:
            self.wfile.write(data)
        except OSError:
            self.gone = True

    def hang(self) -> None:
        """Keep silent until the test is over."""
        self.close_connection = True
        self.liar.over.wait()

    def _note(self) -> None:
        self.liar.asked.append(Asked(self.command, self.path, self.headers))

    def _file(self) -> Path:
        return self.liar.root / self.path.partition("?")[0].lstrip("/")

    def _body(self) -> bytes:
        if length := self.headers.get("Content-Length"):
            return self.rfile.read(int(length))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its own name
        pass


@contextmanager
def serve_lies(root: Path) -> Iterator[Liar]:
    """Run a server over `root` until the end."""
    liar = Liar(root)
    handler = type("Bound", (Request,), {"liar": liar})
    with _Server((HOST, 0), handler) as server:
        liar.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield liar
        finally:
            liar.over.set()
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    """A server that keeps little of what it sends on its way."""

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        super().server_bind()

    def handle_error(self, request: object, client_address: object) -> None:
        """Readers go away; that is no error."""
