"""Faults of the connection to a replica: its callers are led through a proxy, ours or, with containers, Toxiproxy's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chaos import toxiproxy
from chaos.guard import Cure
from chaos.lease import lease
from chaos.proxy.thread import Proxy
from chaos.proxy.toxics import Toxic
from chaos.session import Session, session_of
from pharos.docker.chaos import PART
from pharos.docker.system import DockerSystem

Configuration = Mapping[str, Any]


def reset(instance: str, configuration: Configuration, share: float = 1.0) -> None:
    """Have a share of the connections to a replica reset (RST) once a request was sent."""
    _lead_through(instance, configuration, Toxic(kind="reset", share=share))


def black_hole(instance: str, configuration: Configuration) -> None:
    """Have every connection to a replica taken and never answered."""
    _lead_through(instance, configuration, Toxic(kind="black-hole"))


def slow(instance: str, seconds: float, configuration: Configuration) -> None:
    """Have whatever a replica answers arrive so much later."""
    _lead_through(instance, configuration, Toxic(kind="latency", seconds=seconds))


def _lead_through(instance: str, configuration: Configuration, toxic: Toxic) -> None:
    session = session_of(configuration)
    if isinstance(session.system, DockerSystem):
        session.keep(_poisoned(session, instance, toxic))
        return
    part = session.running(instance)
    proxy = Proxy(part.port, toxic)
    session.keep(proxy)
    session.strike(instance)
    session.keep(lease(session.system.folder, "reroute", instance=instance, url=proxy.url))


@contextmanager
def _poisoned(session: Session, name: str, toxic: Toxic) -> Iterator[None]:
    container, api = session.container(name), session.system.url(PART)
    with session.guard.holding(Cure(api, name)):
        session.strike(container.instance)
        toxiproxy.add(api, name, toxic)
        yield
