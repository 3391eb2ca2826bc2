"""A checkout with one tiny service of the standard library: what starting, supervising and stopping are tested with."""

import hashlib
import json
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

_MANIFEST = """\
name = "tiny"
description = "Answers, or does not, as a test wants"
owner = "team-test"
pager = "test@pharos.example"
tier = 4
database = false

[environment]
PYTHONPATH = "{source}"
TINY_CONTROL = "{control}"
"""

_PROJECT = """\
[project]
name = "pharos-tiny"
version = "1.2.3"
"""

_CODE = """\
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

control = pathlib.Path(os.environ["TINY_CONTROL"])
faulty = control / ("faulty-" + os.environ["PHAROS_VERSION"])
counts = {200: 0, 500: 0}
instance, kept = os.environ["PHAROS_INSTANCE"], []
METRIC = 'http_server_request_duration_seconds_{}{{http_route="/",http_response_status_code="{}"}} {}'


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/metrics":
            lines = [METRIC.format("count", status, count) for status, count in counts.items()]
            return self.answer(200, "\\n".join(lines))
        if self.path == "/health/ready" and (control / "unready").exists():
            return self.answer(503, '{"checks": {"database": {"status": "failing"}}}')
        if self.path == "/health/ready" and (control / ("grow-" + instance)).exists():
            kept.append(b"x" * 40_000_000)
        if self.path.startswith("/health/"):
            return self.answer(200, str(os.getpid()))
        time.sleep(0.01)
        if (control / ("fail-" + instance)).exists():
            counts[500] += 1
            return self.answer(500, "")
        status = 500 if faulty.exists() and sum(counts.values()) % 10 == 0 else 200
        counts[status] += 1
        self.answer(status, str(os.getpid()))

    def answer(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128


if (control / "crash").exists() or (control / ("crash-" + instance)).exists():
    print("the reason of the crash", flush=True)
    sys.exit(3)
server = Server((os.environ["PHAROS_HOST"], int(os.environ["PHAROS_PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
if (control / "stubborn").exists():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (control / "grandchild").write_text(str(child.pid))
print("serving", flush=True)
server.serve_forever(0.05)
server.server_close()
"""


@dataclass(frozen=True)
class TinyCheckout:
    """The checkout, and the folder whose files tell the service what to do: ``crash``, ``unready``, ``stubborn``;
    ``faulty-VERSION`` has that version answer every tenth request with an error, ``crash-INSTANCE`` that replica end
    when it starts, ``fail-INSTANCE`` answer nothing but errors, ``grow-INSTANCE`` take more and more memory.
    """

    root: Path
    control: Path

    def tell(self, word: str) -> None:
        """Have the service behave so from its next start on, or at once where it serves already."""
        (self.control / word).touch()

    def untell(self, word: str) -> None:
        """Have it behave well again."""
        (self.control / word).unlink()


def release_tiny(checkout: TinyCheckout, state: Path, version: str) -> None:
    """Put a release of the service where ``./just tiny release`` and the first part of a deployment would."""
    folder, environment = state / "releases" / "tiny" / version, state / "environments" / "tiny" / version
    for one in (folder, environment / "bin", environment / "lib"):
        one.mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    (environment / "lib" / "tiny.py").write_text(_CODE)
    manifest = _MANIFEST.format(source=environment / "lib", control=checkout.control)
    files = {"service.toml": manifest.encode(), "tiny.whl": _CODE.encode()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    listed = json.dumps({"service": "tiny", "version": version, "chassis": "0.1.0", "files": digests})
    (folder / "manifest.json").write_text(listed)
    (environment / "complete").write_text(listed)


def tiny_checkout(folder: Path) -> TinyCheckout:
    """Write the checkout."""
    root, control = folder / "checkout", folder / "control"
    service = root / "services" / "tiny"
    for one in (control, service / "src", root / "platform"):
        one.mkdir(parents=True)
    (service / "service.toml").write_text(_MANIFEST.format(source=service / "src", control=control))
    (service / "pyproject.toml").write_text(_PROJECT)
    (service / "src" / "tiny.py").write_text(textwrap.dedent(_CODE))
    return TinyCheckout(root, control)
