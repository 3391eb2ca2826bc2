"""Showing a start as it goes: a table that changes in place on a terminal, a line per event in a pipe."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from pharos.console import note
from warden.progress import PartProgress

if TYPE_CHECKING:
    from rich.table import Table


class ProgressView(Protocol):
    """Shows the events of a start until it is left."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state standing."""
        ...

    def show(self, event: PartProgress) -> None:
        """Show one event."""
        ...


def progress_view() -> ProgressView:
    """The one that fits standard error."""
    return LiveView() if sys.stderr.isatty() else LineView()


class LineView:
    """A line per event."""

    def __enter__(self) -> Self:
        """Nothing to prepare."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to tidy up."""

    def show(self, event: PartProgress) -> None:
        """Write the event."""
        detail = f" ({event.detail})" if event.detail else ""
        note(f"{event.seconds:6.1f} s  {event.part}: {event.state}{detail}")


class LiveView:
    """A row per part that changes in place."""

    def __init__(self) -> None:
        """An empty table."""
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
        from rich.live import Live  # noqa: PLC0415

        self._rows: dict[str, PartProgress] = {}
        self._live = Live(console=Console(stderr=True), refresh_per_second=8, get_renderable=self._table)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw once more and let go of the terminal."""
        self._live.stop()

    def show(self, event: PartProgress) -> None:
        """Put the event into its part's row."""
        self._rows[event.part] = event

    def _table(self) -> "Table":
        from rich.spinner import Spinner  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table.grid(padding=(0, 2))
        for name, event in self._rows.items():
            done = event.state == "ready"
            sign = Text("✓", "green") if done else Spinner("dots") if event.state != "skipped" else Text("-")
            took = f"{event.seconds:.1f} s" if done else ""
            table.add_row(sign, name, event.detail or event.state, Text(took, "dim"))
        return table
