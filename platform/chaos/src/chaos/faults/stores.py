"""Faults of the database, the broker, and whatever else warden keeps up."""

import asyncio
import random
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chaos.faults.processes import end
from chaos.faults.streams import send_again
from chaos.lease import lease
from chaos.session import session_of

Configuration = Mapping[str, Any]


def restart_database(configuration: Configuration, number: str = "SIGINT") -> None:
    """End PostgreSQL: SIGINT cuts off its connections (fast shutdown), SIGQUIT is a crash (immediate shutdown)."""
    end(session_of(configuration), "postgres", signal.Signals[number])


def delete_broker(configuration: Configuration) -> None:
    """Take everything JetStream has stored away from under the running server, then kill it."""
    session = session_of(configuration)
    gone = set_aside(session.system.folder.data / "nats" / "jetstream")
    end(session, "nats", signal.SIGKILL)
    shutil.rmtree(gone)


def repeat_messages(count: int, configuration: Configuration) -> None:
    """Have the broker deliver up to so many of each stream's latest messages again, in another order."""
    session = session_of(configuration)
    session.strike()
    asyncio.run(send_again(session.system.folder, random.Random(count), count))  # noqa: S311 - a repeatable order


def take_down(part: str, configuration: Configuration) -> None:
    """Have warden stop a part and leave it down."""
    session = session_of(configuration)
    session.running(part)
    session.strike(part)
    session.keep(lease(session.system.folder, "take-down", name=part))


def set_aside(folder: Path) -> Path:
    """Give the folder another name, so that nobody finds it; the new name."""
    gone = folder.with_name(f"{folder.name}-gone")
    folder.rename(gone)
    return gone
