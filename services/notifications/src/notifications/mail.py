"""Handing messages to the mail server."""

import asyncio
from dataclasses import dataclass
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from types import TracebackType
from typing import Self

import aiosmtplib

from chassis.telemetry import SpanKind, span
from notifications import names
from notifications.domain import one_line
from notifications.errors import NotYet, Undeliverable
from notifications.letters import Held, Letter

MAX_LINE = 998
"""RFC 5322 2.1.1: characters a line of a message may have."""
_POLICY = compat32.clone(linesep="\r\n", max_line_length=400)
"""No header of ours is that long: a folded Message-ID confuses some readers."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and in whose name; the timeout is in seconds, for each exchange."""

    host: str
    port: int
    sender: str
    timeout: float


def compose(held: Held, letter: Letter, sender: str) -> MIMEMultipart:
    """The message as it is handed over: plain text, with HTML beside it.

    Made of the older of the library's classes: the newer ones parse every header they are given, which costs three
    times all the rest. They would refuse line breaks, so those are taken out here.
    """
    mail = MIMEMultipart("alternative", policy=_POLICY)
    mail["From"] = formataddr(parseaddr(sender))
    mail["To"] = one_line(letter.recipient)
    mail["Subject"] = Header(one_line(letter.message.subject), maxlinelen=_POLICY.max_line_length).encode()
    mail["Date"] = format_datetime(held.created_at)
    mail["Message-ID"] = one_line(held.message_id)
    mail["Auto-Submitted"] = "auto-generated"
    if held.correlation_id:
        mail["X-Correlation-ID"] = one_line(held.correlation_id)
    mail.attach(_part(letter.message.text, "plain"))
    mail.attach(_part(letter.message.html, "html"))
    return mail


def _part(text: str, subtype: str) -> MIMEText:
    """As it is where it may stand so in a message, else encoded."""
    plain = text.isascii() and all(len(line) <= MAX_LINE for line in text.splitlines())
    return MIMEText(text, subtype, "us-ascii" if plain else "utf-8", policy=_POLICY)


class MailSession:
    """A connection to the mail server, opened whenever it is needed and closed with the block, or before by `close`."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._lock = asyncio.Lock()
        self._smtp = aiosmtplib.SMTP(hostname=server.host, port=server.port, timeout=server.timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._smtp.is_connected:
            try:
                await self._smtp.quit()
            except (aiosmtplib.SMTPException, OSError):
                self._smtp.close()

    async def send(self, held: Held, letter: Letter) -> None:
        """Hand a message over.

        Raises:
            NotYet: the mail server cannot be reached, or asks to come back later.
            Undeliverable: it refuses this message or its recipient for good.
        """
        attributes = {
            names.NOTIFICATION_ID: str(held.notification_id),
            "server.address": self._server.host,
            "server.port": self._server.port,
        }
        mail = compose(held, letter, self._server.sender)
        with span("smtp.send", kind=SpanKind.CLIENT, attributes=attributes) as current:
            code, failure = await self._exchange(mail, letter.recipient)
            if code:
                current.set_attribute(names.SMTP_RESPONSE_STATUS_CODE, code)
            if failure is not None:
                current.set_attribute("error.type", str(code) if code else type(failure).__name__)
                raise failure

    async def _exchange(self, mail: MIMEMultipart, recipient: str) -> tuple[int, Exception | None]:
        """The reply code, 0 where there was none, and what it means unless the message was taken.

        The library's exceptions hold the recipient's address: they go no further than this.
        """
        try:
            async with self._lock:
                if not self._smtp.is_connected:
                    await self._smtp.connect()
                await self._smtp.sendmail(parseaddr(self._server.sender)[1], [recipient], mail.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _judge(error.recipients[0].code)
        except aiosmtplib.SMTPResponseException as error:
            return _judge(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return 0, NotYet(f"the mail server cannot be used: {type(error).__name__}")
        return 250, None


def _judge(code: int) -> tuple[int, Exception]:
    """RFC 5321 4.2.1: 5yz is a permanent refusal. 421 and 4yz ask to come back."""
    if 500 <= code <= 599:
        return code, Undeliverable(f"the mail server refused it with {code}")
    return code, NotYet(f"the mail server answered {code}")
