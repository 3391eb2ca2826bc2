"""Calling the owners of parts by mail, embedded: each alert once when it begins and once when it is over.

What is due is looked at again and again, so that neither a mail sink that is down nor the death of warden loses a call.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from loguru import logger

from warden.alerts import OWN, Alert, Notification, Notified, told
from warden.decide.model import Decision
from warden.files import write_atomically
from warden.probe import http_get

SENDER = "alerts@pharos.example"
LOOK_SECONDS = 5.0
_SMTP_SECONDS = 5.0

Due = Callable[[], Awaitable[tuple[Sequence[Alert], Sequence[Alert] | None]]]
"""What is due of our own alerts, and of Prometheus'; None while those cannot be known."""


class Letter(msgspec.Struct, frozen=True):
    """A mail to an owner; one with the same `id` is the same mail."""

    id: str
    to: str
    subject: str
    text: str


class Pager:
    """Keeps the owners told of what is due."""

    def __init__(
        self, path: Path, due: Due, send: Callable[[Letter], Awaitable[None]], tell: Callable[[Decision], None]
    ) -> None:
        """``path`` keeps what was sent; ``tell`` hears of alerts that nobody decided about here."""
        self._path = path
        self._due = due
        self._send = send
        self._tell = tell
        self._once: list[Alert] = []
        self._open = _read(path)
        self._failing = False

    def once(self, alert: Alert) -> None:
        """Call the owner for something that happened and is over, such as a release that was taken back."""
        self._once.append(msgspec.structs.replace(alert, starts_at=_now()))

    async def run(self) -> None:
        """Look at what is due, until cancelled."""
        while True:
            try:
                await self.look()
                self._failing = False
            except OSError as error:
                if not self._failing:
                    logger.warning("owners cannot be called: {}; it is tried again", error)
                self._failing = True
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Send what is missing.

        Raises:
            OSError: it could not be sent, or what is due cannot be known.
        """
        while self._once:
            await self._send(letter_of(self._once[0], firing=True))
            del self._once[0]
        own, others = await self._due()
        if others is None:
            others = [alert for alert in self._open.values() if alert.labels.get("alertname") not in OWN]
        due = {key_of(alert): alert for alert in (*own, *others)}
        for key in due.keys() - self._open.keys():
            alert = due[key] if due[key].starts_at else msgspec.structs.replace(due[key], starts_at=_now())
            await self._send(letter_of(alert, firing=True))
            self._keep({**self._open, key: alert})
            self._journal(alert, "firing")
        for key in self._open.keys() - due.keys():
            await self._send(letter_of(self._open[key], firing=False))
            self._journal(self._open[key], "resolved")
            self._keep({other: alert for other, alert in self._open.items() if other != key})

    def _journal(self, alert: Alert, status: str) -> None:
        if alert.labels.get("alertname") not in OWN:
            for decision in told(Notification([Notified(status, alert.labels, alert.annotations)])):
                self._tell(decision)

    def _keep(self, alerts: dict[str, Alert]) -> None:
        self._open = alerts
        write_atomically(self._path, msgspec.json.encode(alerts))


def key_of(alert: Alert) -> str:
    """What tells one alert from another: its labels."""
    return ",".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))


def letter_of(alert: Alert, *, firing: bool) -> Letter:
    """The mail about an alert that begins, or is over."""
    labels, notes = alert.labels, alert.annotations
    subject = f"[{'FIRING' if firing else 'RESOLVED'}] {labels.get('alertname', 'alert')}: {notes.get('summary', '')}"
    lines = [notes.get("summary", ""), notes.get("description", ""), ""]
    lines += [f"{name}: {notes[name]}" for name in ("runbook", "dashboard") if name in notes]
    lines += [f"{name}: {value}" for name, value in sorted(labels.items())]
    # A call about the same thing tomorrow is another mail than today's, so what it is about is not enough.
    identity = hashlib.sha256(f"{subject}{key_of(alert)}{alert.starts_at}".encode()).hexdigest()[:32]
    return Letter(f"<{identity}@warden.pharos.example>", labels.get("pager", ""), subject, "\n".join(lines) + "\n")


async def firing(port: int) -> list[Alert]:
    """The alerts that Prometheus at this port has firing and that name whom to call.

    Raises:
        OSError: it does not answer.
    """
    status, body = await http_get(port, "/api/v1/alerts")
    if status != 200:
        raise ConnectionError(f"Prometheus answered {status}")
    found = msgspec.json.decode(body, type=_Answer).data.alerts
    return [
        Alert(one.labels, one.annotations, starts_at=one.active_at)
        for one in found
        if one.state == "firing" and "pager" in one.labels
    ]


async def mail(port: int, letter: Letter) -> None:
    """Hand a letter to the SMTP server at this port.

    Raises:
        OSError: it does not take it.
    """
    await asyncio.to_thread(_mail, port, letter)


def _mail(port: int, letter: Letter) -> None:
    # Together some megabytes, which a warden that never writes does without.
    import smtplib  # noqa: PLC0415
    from email.message import EmailMessage  # noqa: PLC0415

    message = EmailMessage()
    for name, value in (("From", SENDER), ("To", letter.to), ("Subject", letter.subject), ("Message-ID", letter.id)):
        message[name] = value.replace("\n", " ")
    message.set_content(letter.text)
    with smtplib.SMTP("127.0.0.1", port, timeout=_SMTP_SECONDS) as server:
        server.send_message(message)


class _Firing(msgspec.Struct, frozen=True, rename="camel"):
    state: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    active_at: str = ""


class _Alerts(msgspec.Struct, frozen=True):
    alerts: list[_Firing] = []


class _Answer(msgspec.Struct, frozen=True):
    data: _Alerts


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _read(path: Path) -> dict[str, Alert]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Alert])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
