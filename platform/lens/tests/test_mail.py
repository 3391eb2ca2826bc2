"""The sink by real SMTP, and its reads."""

import asyncio
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LensProcess, free_port
from lens.mail.maildir import CursorError, Maildir
from lens.mail.sink import listen
from lens.settings import MailSettings


def mail(message_id: str = "<1@pharos.example>", subject: str = "Your order", text: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@pharos.example", "demo@pharos.example", subject
    message["Message-ID"] = message_id
    message.set_content(text)
    return message


@pytest.fixture
def maildir(tmp_path: Path) -> Maildir:
    opened = Maildir(tmp_path / "mail")
    opened.prepare()
    return opened


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    settings = MailSettings(
        folder=tmp_path / "mail", host="127.0.0.1", port=0, max_message_bytes=20_000, max_messages=5
    )
    server = await listen(settings)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def send(port: int, *messages: EmailMessage) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for message in messages:
            await client.send_message(message)


async def test_a_mail_sent_twice_is_one_mail(port: int, maildir: Maildir) -> None:
    await send(port, mail(text="first"), mail("<2@pharos.example>"), mail(text="second"))

    page = maildir.page(10)

    assert [item.message_id for item in page.items] == ["<1@pharos.example>", "<2@pharos.example>"]
    kept = maildir.read(page.items[0].id)
    assert kept is not None
    assert kept.text.strip() == "second"


async def test_a_large_mail_is_refused(port: int, maildir: Maildir) -> None:
    with pytest.raises(aiosmtplib.SMTPException):
        await send(port, mail(text="x" * 30_000))

    assert maildir.page(10).items == []


async def test_only_the_newest_are_kept(port: int, maildir: Maildir) -> None:
    for number in range(7):
        await send(port, mail(f"<{number}@pharos.example>"))
    maildir.trim(5)

    assert len(maildir.page(10).items) == 5


@pytest.mark.parametrize("message_id", ["<../../etc/passwd>", "/absolute", "a\x00b", "x" * 5_000, "", "<ü@x>"])
def test_a_message_id_never_becomes_a_path(maildir: Maildir, tmp_path: Path, message_id: str) -> None:
    content = b"Message-ID: " + message_id.encode() + b"\r\nSubject: s\r\n\r\ntext\r\n"

    mail_id = maildir.store(content)

    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [f"mail/new/{mail_id}.eml"]
    assert maildir.read(mail_id) is not None
    assert maildir.read(f"../new/{mail_id}") is None


def test_mails_without_a_message_id_are_told_apart(maildir: Maildir) -> None:
    assert maildir.store(b"Subject: a\r\n\r\n") != maildir.store(b"Subject: b\r\n\r\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_kept_and_shown(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    maildir = Maildir(tmp_path_factory.getbasetemp() / "any")
    maildir.prepare()

    mail_id = maildir.store(content)

    assert maildir.read(mail_id) is not None
    maildir.trim(0)


def test_pages_follow_each_other(maildir: Maildir) -> None:
    ids = [maildir.store(mail(f"<{number}@x>").as_bytes()) for number in range(5)]
    for age, mail_id in enumerate(ids):
        os.utime(maildir._path(mail_id), ns=(10**18 + age, 10**18 + age))

    first = maildir.page(2)
    second = maildir.page(2, first.next_cursor)
    third = maildir.page(2, second.next_cursor)

    assert [item.id for page in (first, second, third) for item in page.items] == ids[::-1]
    assert third.next_cursor is None
    with pytest.raises(CursorError):
        maildir.page(2, "../x")


def test_mails_are_read_over_http(start_lens: Callable[..., LensProcess], tmp_path: Path) -> None:
    folder = Maildir(tmp_path / "mail")
    folder.prepare()
    message = mail(subject="Grüße, 5 €")
    message.add_alternative("<p>Hello</p>", subtype="html")
    mail_id = folder.store(message.as_bytes())
    lens = start_lens()

    (item,) = lens.get("/api/mails").json["items"]
    assert (item["id"], item["subject"], item["recipients"]) == (mail_id, "Grüße, 5 €", ["demo@pharos.example"])
    whole = lens.get(f"/api/mails/{mail_id}").json
    assert (whole["text"].strip(), whole["html"].strip()) == ("Hello", "<p>Hello</p>")
    assert lens.get("/api/mails/none").json["reason"] == "mail-unknown"
    assert lens.get("/api/mails", cursor="x").status == 422
    assert lens.get("/api/mails", limit=101).status in {400, 422}


def test_the_process_greets_and_ends_at_sigterm(tmp_path: Path) -> None:
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "PHAROS_PORT": str(port), "LENS_MAIL_DATA": str(tmp_path / "mail")}
    process = subprocess.Popen([sys.executable, "-m", "lens.mail"], env=environment, stderr=subprocess.PIPE)
    try:
        asyncio.run(_greeted(port))
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(mail())
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)

    assert process.returncode == 0
    assert len(list((tmp_path / "mail" / "new").iterdir())) == 1


async def _greeted(port: int) -> None:
    for _ in range(200):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        assert (await reader.readline()).startswith(b"220 ")
        writer.close()
        return
    raise AssertionError("the mail sink does not greet")
