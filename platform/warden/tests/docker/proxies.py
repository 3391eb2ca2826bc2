"""The proxy's own code in this process, before an engine that tells what reached it."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from threading import Thread
from typing import Any

from warden.docker.proxy import Engine, Gate

PROJECT = "mine"
OURS = "a" * 64
FOREIGN = "b" * 64
GONE = "c" * 64


@dataclass
class Answer:
    """What a caller got."""

    status: int
    document: Any


@dataclass
class Proxy:
    """A running proxy, and every request that its engine was sent."""

    place: Path
    reached: list[str] = field(default_factory=list)
    containers: list[dict[str, Any]] = field(default_factory=lambda: [listed(OURS)])

    def asked(self, method: str, target: str) -> Answer:
        """The answer to a well-formed request."""
        return self.sent(f"{method} {target} HTTP/1.1\r\nHost: proxy\r\n\r\n".encode())

    def sent(self, written: bytes) -> Answer:
        """The one answer to whatever is written on a connection."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(self.place))
            connection.sendall(written)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            document = json.loads(answer.read())
            assert _ended(connection), "one request has one answer, and then the connection ends"
            return Answer(answer.status, document)


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:  # it ended before it had read all that was written
        return True


@contextmanager
def proxy_before_an_engine(folder: Path) -> Iterator[Proxy]:
    """A proxy for the project `mine`; its engine knows a container of it and one of another project."""
    proxy = Proxy(folder / "proxy.sock")
    engine = ThreadingUnixStreamServer(str(folder / "engine.sock"), partial(_Recording, proxy))
    gate = ThreadingUnixStreamServer(str(proxy.place), partial(Gate, Engine(str(folder / "engine.sock"), PROJECT)))
    for server in (engine, gate):
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield proxy
    finally:
        for server in (gate, engine):
            server.shutdown()
            server.server_close()


class _Recording(BaseHTTPRequestHandler):
    def __init__(self, proxy: Proxy, *arguments: Any) -> None:
        self._proxy = proxy
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._proxy.reached.append(self.requestline.removesuffix(" HTTP/1.1"))
        found = {OURS: PROJECT, FOREIGN: "another"}
        if "/containers/json" in self.path:
            self._answer(200, self._proxy.containers)
        elif identifier := next((one for one in found if one in self.path), None):
            self._answer(200, _inspected(identifier, found[identifier]))
        else:
            self._answer(404, {"message": "No such container"})

    def do_POST(self) -> None:
        self._proxy.reached.append(self.requestline.removesuffix(" HTTP/1.1"))
        self.send_response_only(304 if self.path.endswith("start") else 204)
        self.end_headers()

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def listed(identifier: str, *, number: int = 1, status: str = "Up 2 seconds (healthy)") -> dict[str, Any]:
    """A container as the engine lists it."""
    return {
        "Id": identifier,
        "Names": [f"/{PROJECT}-orders-{number}"],
        "State": "running",
        "Status": status,
        "Labels": _labels(PROJECT) | {"com.docker.compose.container-number": str(number)},
        "NetworkSettings": {"Networks": {"default": {"IPAddress": "172.18.0.2"}}},
        "Mounts": [{"Source": "/secrets"}],
    }


def _labels(project: str) -> dict[str, str]:
    return {
        "com.docker.compose.project": project,
        "com.docker.compose.service": "orders",
        "pharos.alive": "8080/health/live",
    }


def _inspected(identifier: str, project: str) -> dict[str, Any]:
    return {
        "Id": identifier,
        "Name": f"/{project}-orders-1",
        "State": {"Status": "running", "ExitCode": 0},
        "RestartCount": 0,
        "Config": {"Labels": _labels(project), "Env": ["PASSWORD=secret"]},
        "NetworkSettings": {"Networks": {"default": {"IPAddress": "172.18.0.2"}}},
        "Mounts": [{"Source": "/secrets"}],
    }
