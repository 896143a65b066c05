"""An HTTP server on the loopback that misbehaves on demand and remembers every request it saw."""

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    at: float
    method: str
    host: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """One answer: status, body and headers, and what is wrong with it."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte."""
    drip: float = 0.0
    """Seconds between single bytes of the body."""
    length: int | None = None
    """Content-Length as claimed; None = the truth."""
    reset: bool = False
    """Close the connection without an answer."""
    kind: str = "text/html; charset=utf-8"


Route = Reply | Callable[[Asked], Reply]
OPEN_ROBOTS = Reply("User-agent: *\nDisallow:\n", kind="text/plain")


class HostileServer:
    """Routes by (host, path) or path; `*` as path takes what nothing else takes. Unknown paths are 404, robots.txt is open."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.routes: dict[tuple[str, str] | str, Route] = {}
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 60

            def handle(self) -> None:
                try:
                    while outer._serve(self):
                        pass
                except (OSError, ValueError):
                    return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

            def get_request(self):
                connection, address = super().get_request()
                return (
                    (context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address)
                    if context
                    else (connection, address)
                )

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def seen(self, host: str, *, robots: bool = False) -> list[Asked]:
        """Requests to a host, in order; robots.txt only where asked for."""
        with self._lock:
            return [asked for asked in self.asked if asked.host == host and (robots or asked.path != "/robots.txt")]

    def paths(self, host: str, *, robots: bool = False) -> list[str]:
        return [asked.path for asked in self.seen(host, robots=robots)]

    def _serve(self, handler: socketserver.StreamRequestHandler) -> bool:
        line = handler.rfile.readline(65536).decode("latin-1").split()
        if len(line) != 3:
            return False
        headers: dict[str, str] = {}
        while (raw := handler.rfile.readline(65536)) not in (b"\r\n", b"\n", b""):
            name, _, value = raw.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = handler.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(
            time.monotonic(), line[0], headers.get("host", "").rpartition(":")[0] or headers.get("host", ""), line[1], headers, body
        )
        with self._lock:
            self.asked.append(asked)
        return _answer(handler, asked, self._reply(asked))

    def _reply(self, asked: Asked) -> Reply:
        path = asked.path.partition("?")[0]
        for key in ((asked.host, path), path, (asked.host, "*")):
            if key == (asked.host, "*") and path == "/robots.txt":
                continue
            if key in self.routes:
                route = self.routes[key]
                return route if isinstance(route, Reply) else route(asked)
        return OPEN_ROBOTS if path == "/robots.txt" else Reply("<p>nothing here</p>", status=404)


def _answer(handler: socketserver.StreamRequestHandler, asked: Asked, reply: Reply) -> bool:
    time.sleep(reply.delay)
    if reply.reset:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        handler.connection.close()
        return False
    body = reply.body.encode() if isinstance(reply.body, str) else reply.body
    length = len(body) if reply.length is None else reply.length
    head = {"Content-Type": reply.kind, "Content-Length": str(length), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} X", *(f"{name}: {value}" for name, value in head.items())]
    handler.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    if asked.method == "HEAD":
        return True
    if not reply.drip:
        handler.wfile.write(body)
    else:
        for at in range(len(body)):
            handler.wfile.write(body[at : at + 1])
            time.sleep(reply.drip)
    return length == len(body)


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    """A server for the length of a block."""
    server = HostileServer(context)
    try:
        yield server
    finally:
        server.close()


def links(*paths: str, text: str = "Sambal Oelek 200 g, IDR 15.000. " * 60) -> Reply:
    """A page with something to read, and links."""
    return Reply(f"<html><title>Shop</title><p>{text}</p>" + "".join(f'<a href="{path}">more</a>' for path in paths) + "</html>")
