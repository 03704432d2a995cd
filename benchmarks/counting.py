"""A proxy on the loopback that counts the bytes between a client and a server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

_HOST = "127.0.0.1"
_PART = 1 << 16  # bytes


@dataclass
class Counted:
    """The bytes that clients received and sent so far, on `port`."""

    port: int
    received: int = 0
    sent: int = 0


@contextmanager
def count_bytes(server_port: int) -> Iterator[Counted]:
    """Listen on a port of its own, and hand on what comes to the server's port and back."""

    class Connection(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((_HOST, server_port)) as server:
                back = Thread(target=receive, args=(server, self.request))
                back.start()
                send(self.request, server)
                back.join()

    def receive(server: socket.socket, client: socket.socket) -> None:
        for part in _read(server):
            counted.received += len(part)
            client.sendall(part)
        _end(client)

    def send(client: socket.socket, server: socket.socket) -> None:
        for part in _read(client):
            counted.sent += len(part)
            server.sendall(part)
        _end(server)

    class Proxy(ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

    with Proxy((_HOST, 0), Connection) as proxy:
        counted = Counted(port=proxy.server_address[1])
        thread = Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield counted
        finally:
            proxy.shutdown()
            thread.join()


def _read(source: socket.socket) -> Iterator[bytes]:
    with suppress(ConnectionError):
        while part := source.recv(_PART):
            yield part


def _end(target: socket.socket) -> None:
    with suppress(OSError):  # it may have hung up first
        target.shutdown(socket.SHUT_WR)
