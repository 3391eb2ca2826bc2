"""Faults of the connection to a replica: its callers are led through a proxy of ours."""

from collections.abc import Mapping
from typing import Any

from chaos.lease import lease
from chaos.proxy.thread import Proxy
from chaos.proxy.toxics import Toxic
from chaos.session import session_of

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
    part = session.running(instance)
    proxy = Proxy(part.port, toxic)
    session.keep(proxy)
    session.strike(instance)
    session.keep(lease(session.system.folder, "reroute", instance=instance, url=proxy.url))
