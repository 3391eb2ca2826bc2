"""Where the running system keeps its telemetry."""

from pathlib import Path

import msgspec

from pharos.state import EmbeddedSystem, find_system
from pharos.telemetry.find import Finder
from pharos.telemetry.jaeger import Jaeger, NoTraces
from pharos.telemetry.loki import Loki


class Telemetry(msgspec.Struct, frozen=True):
    """The backends of a running system, and the address of its pages for people."""

    finder: Finder
    pages: str

    def page_of(self, trace_id: str) -> str:
        """The page of a trace."""
        return f"{self.pages}/trace/{trace_id}"


def traces_of(state: Path | None) -> Telemetry:
    """Where the running system's traces are; embedded, lens is both backends.

    Raises:
        NotRunning: it does not run.
        CliError: the backend was left out.
    """
    system = find_system(state)
    if isinstance(system, EmbeddedSystem):
        return _lens(system)
    jaeger = system.url("jaeger")
    return Telemetry(Finder(Jaeger(jaeger), Loki(system.ports.url("loki"))), jaeger)


def logs_of(state: Path | None) -> Telemetry:
    """Where the running system's log lines are; its traces lead to more of them, if they are there.

    Raises:
        NotRunning: it does not run.
        CliError: the backend was left out.
    """
    system = find_system(state)
    if isinstance(system, EmbeddedSystem):
        return _lens(system)
    traces = NoTraces() if "jaeger" in system.record.without else Jaeger(system.url("jaeger"))
    return Telemetry(Finder(traces, Loki(system.url("loki"))), system.ports.url("jaeger"))


def _lens(system: EmbeddedSystem) -> Telemetry:
    lens = system.url("lens")
    return Telemetry(Finder(Jaeger(lens), Loki(lens)), lens)
