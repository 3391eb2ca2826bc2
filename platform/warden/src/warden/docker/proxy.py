"""Holds the engine's socket: lists, inspects, starts, stops and restarts the containers of one project, nothing else.

Of what a caller sends only an identifier of 64 hexadecimal digits, one of three verbs and a number of seconds ever
reach the engine, in a request that is written here. All else is refused with its reason, and logged. Standard library
only: the image of the proxy is this file and Python.
"""

import http.client
import json
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any
from urllib.parse import quote

_PROJECT = "com.docker.compose.project"
_INSPECT = re.compile(r"/containers/([0-9a-f]{64})/json")
_ACT = re.compile(r"/containers/([0-9a-f]{64})/(start|(?:stop|restart)(?:\?t=[0-9]{1,2})?)")
_FIELDS = frozenset({"accept", "accept-encoding", "connection", "content-length", "host", "user-agent"})
_ENGINE_SECONDS = 120.0  # it waits for as long as a container may take to end


class Refused(Exception):
    """What is answered instead: an HTTP status, a stable reason, and the words for it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine behind a socket is asked about the containers of one project."""

    socket: str
    project: str

    def listed(self) -> list[dict[str, Any]]:
        """Every container, those that have ended too."""
        filters = quote(json.dumps({"label": [f"{_PROJECT}={self.project}"]}))
        found = self._call("GET", f"/containers/json?all=1&filters={filters}")
        return [_known(one, one["Labels"], ("Id", "Names", "State", "Status")) for one in json.loads(found)]

    def inspected(self, identifier: str) -> dict[str, Any]:
        """One container, once it is known to be the project's."""
        found = json.loads(self._call("GET", f"/containers/{identifier}/json"))
        labels = found["Config"]["Labels"] or {}
        if labels.get(_PROJECT) != self.project:
            raise Refused(404, "not-ours", f"the project {self.project} has no such container")
        return _known(found, labels, ("Id", "Name", "State", "RestartCount"))

    def act(self, identifier: str, action: str) -> None:
        """Start, stop or restart a container, once it is known to be the project's."""
        self.inspected(identifier)
        self._call("POST", f"/containers/{identifier}/{action}")

    def _call(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection("engine")
        try:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(_ENGINE_SECONDS)
            connection.sock.connect(self.socket)
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Refused(502, "engine-unreachable", f"the engine does not answer at {self.socket}: {error}") from None
        finally:
            connection.close()
        if answer.status == 404:
            raise Refused(404, "not-ours", f"the project {self.project} has no such container")
        if answer.status >= 400:
            raise Refused(502, "engine-failed", f"the engine: {answer.status} {body[:300].decode(errors='replace')}")
        return body


def _known(found: Mapping[str, Any], labels: Mapping[str, str], keys: tuple[str, ...]) -> dict[str, Any]:
    """What others may know of a container: neither its variables nor its mounts."""
    networks = found["NetworkSettings"]["Networks"] or {}
    addresses = {name: one["IPAddress"] for name, one in networks.items()}
    return {key: found[key] for key in keys} | {"Labels": labels, "Addresses": addresses}


class Gate(BaseHTTPRequestHandler):
    """One connection, one request, one answer: what else comes on the connection is never read."""

    timeout = 5

    def __init__(self, engine: Engine, *arguments: Any) -> None:
        """The engine is what remains when everything that is not permitted has been refused."""
        self._engine = engine
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer, or refuse."""
        try:
            self._answer(200, self._permitted(self.requestline.split()[1]))
        except Refused as refused:
            self._refuse(*refused.args)

    do_POST = do_GET  # noqa: N815 - the standard library's name

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself: another method, or what is no HTTP."""
        self._refuse(code, "malformed", message or explain or "this is not understood here")

    def log_message(self, *_: Any) -> None:
        """Only actions and refusals are worth a line."""

    def _permitted(self, target: str) -> Any:
        if self.request_version not in {"HTTP/1.0", "HTTP/1.1"} or self.headers.defects:
            raise Refused(400, "malformed", "HTTP/1.1 is spoken here, without faults")
        if strays := sorted({name.lower() for name in self.headers} - _FIELDS):
            raise Refused(400, "field", f"no request has the header field {strays[0][:60]} here")
        if self.headers.get_all("content-length", ["0"]) != ["0"]:
            raise Refused(400, "body", "no request has a body here")
        if self.command == "GET" and target == "/containers/json":
            return self._engine.listed()
        if self.command == "GET" and (found := _INSPECT.fullmatch(target)):
            return self._engine.inspected(found[1])
        if self.command == "POST" and (found := _ACT.fullmatch(target)):
            self._engine.act(found[1], found[2])
            return self._log("INFO", f"{found[2]} {found[1]}")
        raise Refused(403, "not-permitted", "only to list, inspect, start, stop and restart containers is permitted")

    def _refuse(self, status: int, reason: str, message: str) -> None:
        self._log("WARNING", f"refused: {message}", reason=reason, request=self.requestline[:300])
        self._answer(status, {"reason": reason, "message": message})

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        head = f"HTTP/1.1 {status} {self.responses.get(status, ('-',))[0]}\r\nContent-Type: application/json\r\n"
        self.wfile.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        self.close_connection = True

    def _log(self, level: str, message: str, **fields: str) -> None:
        print(json.dumps({"level": level, "message": message, **fields}), flush=True)  # noqa: T201


if __name__ == "__main__":
    listening = Path("/run/pharos/engine.sock")
    listening.unlink(missing_ok=True)
    os.umask(0o177)
    engine = Engine("/var/run/docker.sock", os.environ["PHAROS_PROJECT"])
    ThreadingUnixStreamServer(str(listening), partial(Gate, engine)).serve_forever()
