"""SMTP in: every message of any sender to any recipient is kept, none is sent on."""

import asyncio
from email.errors import MessageError

from aiosmtpd.smtp import SMTP, Envelope, Session
from loguru import logger

from lens.mail.maildir import Maildir
from lens.settings import MailSettings

COMMAND_SECONDS = 60.0
TRIM_EVERY = 100


class Sink:
    """aiosmtpd's handler: writes to the maildir in a thread and answers when the mail is on disk."""

    def __init__(self, maildir: Maildir, max_messages: int) -> None:
        self._maildir = maildir
        self._max_messages = max_messages
        self._received = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message."""
        content = envelope.original_content or b""
        try:
            mail_id = await asyncio.to_thread(self._maildir.store, content)
            if self._received % TRIM_EVERY == 0:
                await asyncio.to_thread(self._maildir.trim, self._max_messages)
        except (OSError, MessageError) as error:
            logger.error("mail not stored: {}", error)
            return "451 4.3.0 the mail could not be stored, try again later"
        self._received += 1
        logger.info("mail {} for {} recipient(s) stored", mail_id, len(envelope.rcpt_tos))
        return f"250 2.0.0 kept as {mail_id}"


async def listen(settings: MailSettings) -> asyncio.Server:
    """Start the sink; its banner `220` says that it is ready. Raises OSError when the port is in use."""
    maildir = Maildir(settings.folder)
    maildir.prepare()
    sink = Sink(maildir, settings.max_messages)
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            sink,
            data_size_limit=settings.max_message_bytes,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="pharos mail sink",
            timeout=COMMAND_SECONDS,
            loop=loop,
        )

    return await loop.create_server(protocol, settings.host, settings.port)
