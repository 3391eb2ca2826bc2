"""Faults of the database, the broker, and whatever else warden keeps up."""

import asyncio
import random
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from chaos import containers, toxiproxy
from chaos.faults.processes import end
from chaos.faults.streams import send_again
from chaos.guard import Open
from chaos.lease import lease
from chaos.session import Session, session_of
from pharos.docker.chaos import PART
from pharos.docker.system import DockerSystem

Configuration = Mapping[str, Any]
_JETSTREAM: Final = "/data/jetstream"


def restart_database(configuration: Configuration, number: str = "SIGINT") -> None:
    """End PostgreSQL: SIGINT cuts off its connections (fast shutdown), SIGQUIT is a crash (immediate shutdown)."""
    end(session_of(configuration), "postgres", signal.Signals[number])


def delete_broker(configuration: Configuration) -> None:
    """Take everything JetStream has stored away from under the running server, then kill it."""
    session = session_of(configuration)
    if isinstance(session.system, DockerSystem):
        containers.delete_within(session.container("nats"), session.container("postgres").image, _JETSTREAM)
        end(session, "nats", signal.SIGKILL)
        return
    gone = set_aside(session.system.folder.data / "nats" / "jetstream")
    end(session, "nats", signal.SIGKILL)
    shutil.rmtree(gone)


def repeat_messages(count: int, configuration: Configuration) -> None:
    """Have the broker deliver up to so many of each stream's latest messages again, in another order."""
    session = session_of(configuration)
    session.strike()
    asyncio.run(send_again(session.system.ports.of("nats"), random.Random(count), count))  # noqa: S311 - a repeatable order


def take_down(part: str, configuration: Configuration) -> None:
    """Have warden stop a part and leave it down; with containers, shut the proxy that others reach it through."""
    session = session_of(configuration)
    if isinstance(session.system, DockerSystem):
        session.keep(_shut(session, part))
        return
    session.running(part)
    session.strike(part)
    session.keep(lease(session.system.folder, "take-down", name=part))


@contextmanager
def _shut(session: Session, part: str) -> Iterator[None]:
    container, api = session.container(part), session.system.url(PART)
    with session.guard.holding(Open(api, part)):
        session.strike(container.instance)
        toxiproxy.shut(api, part)
        yield


def set_aside(folder: Path) -> Path:
    """Give the folder another name, so that nobody finds it; the new name."""
    gone = folder.with_name(f"{folder.name}-gone")
    folder.rename(gone)
    return gone
