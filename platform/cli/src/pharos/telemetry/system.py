"""Where the running system keeps its telemetry."""

from pathlib import Path

import msgspec

from pharos.state import find_system
from pharos.telemetry.find import Finder
from pharos.telemetry.jaeger import Jaeger
from pharos.telemetry.loki import Loki


class Telemetry(msgspec.Struct, frozen=True):
    """The backends of a running system, and the address of its pages for people."""

    finder: Finder
    pages: str

    def page_of(self, trace_id: str) -> str:
        """The page of a trace."""
        return f"{self.pages}/trace/{trace_id}"


def telemetry_of(state: Path | None) -> Telemetry:
    """The telemetry of the running system; raises NotRunning. Embedded, lens is both backends."""
    lens = find_system(state).url("lens")
    return Telemetry(Finder(Jaeger(lens), Loki(lens)), lens)
