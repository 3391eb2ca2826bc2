"""E-mails as files of a maildir: one per Message-ID, named by its hash, so that a name never comes from a sender."""

import hashlib
import os
import re
import secrets
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path

import msgspec

_SUFFIX = ".eml"
_MAIL_ID = re.compile("[0-9a-f]{32}")
_HEADER_BYTES = 65_536


class MailSummary(msgspec.Struct):
    """What a list shows of a mail. Times in RFC 3339 UTC."""

    id: str
    message_id: str
    sender: str
    recipients: list[str]
    subject: str
    received_at: str


class Mail(MailSummary):
    """A whole mail; `text` is its plain text, `html` its HTML part, each empty when there is none."""

    headers: list[tuple[str, str]]
    text: str
    html: str


class MailPage(msgspec.Struct):
    """Mails, newest first, and where to go on; None at the end."""

    items: list[MailSummary]
    next_cursor: str | None


class CursorError(ValueError):
    """A cursor that no list gave."""


class Maildir:
    """A maildir of its own: `tmp/` while writing, `new/` when complete."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folders, readable by the owner only."""
        for name in ("tmp", "new", "cur"):
            (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def store(self, content: bytes) -> str:
        """Keep a mail and return its id. The Message-ID decides: one that came before is replaced."""
        message_id = str(_headers(content).get("Message-ID", "")).strip()
        mail_id = hashlib.sha256(message_id.encode(errors="replace") or content).hexdigest()[:32]
        draft = self._folder / "tmp" / secrets.token_hex(16)
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path(mail_id))
        return mail_id

    def page(self, limit: int, cursor: str | None = None) -> MailPage:
        """A page of mails, newest first; raises CursorError."""
        found = self._entries()
        if cursor is not None:
            if not re.fullmatch(r"\d{1,20}-[0-9a-f]{32}", cursor, re.ASCII):
                raise CursorError("cursor is not one that this list gave; leave it out to begin again")
            moment, _, mail_id = cursor.partition("-")
            found = [entry for entry in found if entry < (int(moment), mail_id)]
        page = found[:limit]
        following = f"{page[-1][0]}-{page[-1][1]}" if len(found) > limit else None
        return MailPage([summary for _, mail_id in page if (summary := self._summary(mail_id))], following)

    def read(self, mail_id: str) -> Mail | None:
        """A mail by its id, or None."""
        try:
            content = self._path(mail_id).read_bytes() if _MAIL_ID.fullmatch(mail_id) else None
        except FileNotFoundError:
            content = None
        summary = self._summary(mail_id) if content is not None else None
        if content is None or summary is None:
            return None
        message = message_from_bytes(content, policy=policy.default)
        headers = [(name, str(value)) for name, value in message.items()]
        return Mail(
            **msgspec.structs.asdict(summary),
            headers=headers,
            text=_part(message, "plain"),
            html=_part(message, "html"),
        )

    def trim(self, keep: int) -> int:
        """Remove all but the newest so many; returns how many went."""
        surplus = self._entries()[keep:]
        for _, mail_id in surplus:
            self._path(mail_id).unlink(missing_ok=True)
        return len(surplus)

    def _path(self, mail_id: str) -> Path:
        return self._folder / "new" / f"{mail_id}{_SUFFIX}"

    def _entries(self) -> list[tuple[int, str]]:
        """(arrival in nanoseconds, id) of all mails, newest first."""
        found = []
        try:
            with os.scandir(self._folder / "new") as files:
                for file in files:
                    mail_id = file.name.removesuffix(_SUFFIX)
                    if _MAIL_ID.fullmatch(mail_id):
                        found.append((file.stat().st_mtime_ns, mail_id))
        except FileNotFoundError:
            return []
        return sorted(found, reverse=True)

    def _summary(self, mail_id: str) -> MailSummary | None:
        try:
            with self._path(mail_id).open("rb") as file:
                headers = _headers(file.read(_HEADER_BYTES))
                received = os.fstat(file.fileno()).st_mtime
        except FileNotFoundError:
            return None
        return MailSummary(
            id=mail_id,
            message_id=str(headers.get("Message-ID", "")).strip(),
            sender=str(headers.get("From", "")),
            recipients=[str(value) for value in headers.get_all("To", [])],
            subject=str(headers.get("Subject", "")),
            received_at=datetime.fromtimestamp(received, UTC).isoformat().replace("+00:00", "Z"),
        )


def _headers(content: bytes) -> EmailMessage:
    return BytesHeaderParser(policy=policy.default).parsebytes(content)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError, AttributeError):
        return str(part.get_payload())
