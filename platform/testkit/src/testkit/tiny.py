"""A checkout with one tiny service of the standard library: what starting, supervising and stopping are tested with."""

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
PYTHONPATH = "{folder}/src"
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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

control = pathlib.Path(os.environ["TINY_CONTROL"])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        ready = not (control / "unready").exists()
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, *arguments):
        pass


if (control / "crash").exists():
    print("the reason of the crash", flush=True)
    sys.exit(3)
if (control / "stubborn").exists():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (control / "grandchild").write_text(str(child.pid))
print("serving", flush=True)
ThreadingHTTPServer((os.environ["PHAROS_HOST"], int(os.environ["PHAROS_PORT"])), Handler).serve_forever()
"""


@dataclass(frozen=True)
class TinyCheckout:
    """The checkout, and the folder whose files tell the service what to do: ``crash``, ``unready``, ``stubborn``."""

    root: Path
    control: Path

    def tell(self, word: str) -> None:
        """Have the service behave so from its next start on, or at once for ``unready``."""
        (self.control / word).touch()

    def untell(self, word: str) -> None:
        """Have it behave well again."""
        (self.control / word).unlink()


def tiny_checkout(folder: Path) -> TinyCheckout:
    """Write the checkout."""
    root, control = folder / "checkout", folder / "control"
    service = root / "services" / "tiny"
    for one in (control, service / "src", root / "platform"):
        one.mkdir(parents=True)
    (service / "service.toml").write_text(_MANIFEST.format(folder=service, control=control))
    (service / "pyproject.toml").write_text(_PROJECT)
    (service / "src" / "tiny.py").write_text(textwrap.dedent(_CODE))
    return TinyCheckout(root, control)
