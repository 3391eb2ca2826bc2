"""The e-mails that the sink keeps, by their Message-IDs: from lens, or in containers from the sink's own folder."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from pharos.docker.engine import call
from pharos.docker.system import DockerSystem, own_containers
from pharos.errors import CliError
from pharos.operator import PATIENCE_S, PAUSE_S
from pharos.state import EmbeddedSystem, System

SINK: Final = "mail"
_LIST: Final = """
import contextlib, email.parser, os, pathlib
for file in sorted(pathlib.Path(os.environ["LENS_MAIL_DATA"], "new").iterdir()):
    with contextlib.suppress(FileNotFoundError), file.open("rb") as content:  # the oldest go when there are many
        print(*email.parser.BytesHeaderParser().parse(content).get("Message-ID", file.stem).split())
"""
"""Run in the sink's container, whose folder nobody else can read."""


class MailSinkSilent(CliError):
    """The mail sink does not say what it keeps."""

    reason = "mail-sink-silent"


async def kept_mails(system: System) -> tuple[str, ...] | None:
    """The Message-ID of each e-mail that is kept; None in a system without the sink.

    Raises:
        MailSinkSilent: it does not answer.
        DockerError: the engine does not answer.
    """
    if isinstance(system, EmbeddedSystem):
        return await _from_lens(system.url("lens"))
    return None if SINK in system.record.without else await asyncio.to_thread(_from_container, system)


async def _from_lens(url: str) -> tuple[str, ...]:
    found: list[str] = []
    cursor: Mapping[str, str] = {}
    async with aiohttp.ClientSession(url) as session:
        while True:
            page = await _page(session, cursor)
            found += [str(mail.get("message_id") or mail["id"]) for mail in page["items"]]
            if not page["next_cursor"]:
                return tuple(found)
            cursor = {"cursor": page["next_cursor"]}


async def _page(session: aiohttp.ClientSession, cursor: Mapping[str, str]) -> dict[str, Any]:
    """One page, asked for again for a while: telemetry comes before who reads, so lens may send readers away."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_S
    while True:
        try:
            async with session.get("/api/mails", params={"limit": "100", **cursor}, raise_for_status=True) as reply:
                page: dict[str, Any] = await reply.json()
                return page
        except (aiohttp.ClientError, TimeoutError) as error:
            if loop.time() >= until:
                raise _silent(str(error) or type(error).__name__) from error
        await asyncio.sleep(PAUSE_S)


def _from_container(system: DockerSystem) -> tuple[str, ...]:
    """Its HTTP pages belong to lens, which is not among the containers."""
    sink = next((one for one in own_containers(system.compose) if one.part == SINK and one.status == "running"), None)
    if sink is None:
        raise _silent("its container does not run")
    return tuple(call("container", "exec", sink.id, "python", "-Ic", _LIST).splitlines())


def _silent(why: str) -> MailSinkSilent:
    return MailSinkSilent(f"the mail sink does not answer: {why}", "see how the parts are: ./just status")
