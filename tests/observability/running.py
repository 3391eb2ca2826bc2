"""An Alertmanager with the configuration as checked in, and the mail sink of the containers behind it."""

import json
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from ruleset import ALERTMANAGER, alerts, command

from testkit.waiting import wait_until


@dataclass(frozen=True)
class Running:
    """Its address, and the folder in which its e-mails arrive."""

    address: str
    mails: Path

    def fire(self, *firing: dict[str, str]) -> None:
        """Tell it of alerts, by their labels."""
        known = {alert.name: alert.annotations for alert in alerts()}
        self._ask([{"labels": labels, "annotations": known[labels["alertname"]]} for labels in firing])

    def inhibited(self) -> set[tuple[str, str]]:
        """Name and service of the alerts that nobody is told of."""
        found = [one for one in self._ask() if one["status"]["inhibitedBy"]]
        return {(one["labels"]["alertname"], one["labels"]["service"]) for one in found}

    def received(self) -> list[EmailMessage]:
        """Every e-mail that has arrived."""
        files = sorted(path for folder in ("new", "cur") for path in self.mails.glob(f"**/{folder}/*"))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    def received_by(self, address: str) -> list[EmailMessage]:
        """Those to one address."""
        return [mail for mail in self.received() if mail["To"] == address]

    def _ask(self, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v2/alerts", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.loads(reply.read() or b"null")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """Both processes, ready."""
    binary = command("alertmanager", "prometheus-alertmanager")
    smtp, port, mails = _free_port(), _free_port(), folder / "mails"
    surroundings = {"PHAROS_PORT": str(smtp), "LENS_MAIL_DATA": str(mails), "PHAROS_HOST": "127.0.0.1"}
    options = (
        f"--config.file={_configuration(folder, smtp)}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    mail = _process(sys.executable, "-m", "lens.mail", log=folder / "mail.log", environment=surroundings)
    with mail, _process(binary, *options, log=folder / "alertmanager.log"):
        await wait_until(lambda: _answers(smtp) and _answers(port), timeout=60, what="mail and Alertmanager")
        yield Running(f"http://127.0.0.1:{port}", mails)


def _configuration(folder: Path, smtp: int) -> Path:
    """Ours, but in a hurry and with the mail server of the test."""
    text = ALERTMANAGER.read_text().replace("mail:1025", f"127.0.0.1:{smtp}")
    shutil.copytree(ALERTMANAGER.parent / "templates", folder / "templates")
    file = folder / "alertmanager.yml"
    file.write_text(re.sub(r"group_wait: \w+", "group_wait: 1s", text))
    return file


@contextmanager
def _process(*arguments: str | Path, log: Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    with log.open("w") as output:
        started = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            yield
        finally:
            started.terminate()
            started.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
