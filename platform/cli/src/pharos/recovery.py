"""What warden did and why, and what it can be asked to do, in either mode."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pharos.state import EmbeddedSystem, System, find_docker
from warden.control import ask
from warden.journal import Entry, JournalTail, read_entries
from warden.layout import StateFolder

_LOOK_SECONDS = 0.2


def entries_of(folder: StateFolder) -> list[Entry]:
    """The journal so far, oldest first. With containers it is in a volume of theirs, so they have to be there.

    Raises:
        CliError: the engine does not answer.
    """
    system = find_docker(folder)
    if system is None:
        return read_entries(folder.journal)
    from pharos.docker.warden import journal_of  # noqa: PLC0415 - in Docker mode only

    return journal_of(system)


def entries_from_now(folder: StateFolder) -> Iterator[Entry]:
    """Each entry that is written from now on, for ever.

    Raises:
        CliError: the engine does not answer.
    """
    system = find_docker(folder)
    if system is not None:
        from pharos.docker.warden import follow_journal  # noqa: PLC0415 - in Docker mode only

        yield from follow_journal(system)
        return
    tail = JournalTail(folder.journal)
    while True:
        yield from tail.read()
        time.sleep(_LOOK_SECONDS)  # a file's growth can only be looked for


def ask_warden(system: System, request: str, arguments: Mapping[str, Any]) -> Any:
    """Have the warden of a running system do something; its final document.

    Raises:
        WardenError: it refused, or does not run.
    """
    if isinstance(system, EmbeddedSystem):
        return asyncio.run(ask(system.folder, request, arguments))
    from pharos.docker.warden import ask_warden  # noqa: PLC0415 - in Docker mode only

    return ask_warden(system, request, arguments)
