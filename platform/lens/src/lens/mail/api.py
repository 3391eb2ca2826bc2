"""Reading what the mail sink keeps."""

import asyncio
from typing import Annotated

from litestar import Controller, get
from litestar.params import Parameter

from chassis.errors import NotFound, Unprocessable
from lens.mail.maildir import CursorError, Mail, Maildir, MailPage


class MailNotFound(NotFound):
    """No mail has this id."""

    reason = "mail-unknown"


class MailController(Controller):
    """`/api/mails`."""

    path = "/api/mails"
    opt = {"auth": "public"}  # noqa: RUF012 - Litestar reads it so
    tags = ["Mail"]  # noqa: RUF012

    @get("/", operation_id="list_mails")
    async def list_mails(
        self, maildir: Maildir, limit: Annotated[int, Parameter(ge=1, le=100)] = 20, cursor: str | None = None
    ) -> MailPage:
        """Mails, newest first."""
        try:
            return await asyncio.to_thread(maildir.page, limit, cursor)
        except CursorError as error:
            raise Unprocessable(str(error)) from error

    @get("/{mail_id:str}", operation_id="get_mail")
    async def get_mail(self, maildir: Maildir, mail_id: str) -> Mail:
        """One mail."""
        mail = await asyncio.to_thread(maildir.read, mail_id)
        if mail is None:
            raise MailNotFound(f"no mail has the id {mail_id[:64]}; list them with GET /api/mails")
        return mail
