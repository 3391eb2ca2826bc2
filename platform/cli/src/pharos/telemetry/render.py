"""Traces and log lines on a terminal, or as plain lines in a pipe."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from pharos.telemetry.model import LogLine, Trace
from pharos.telemetry.waterfall import SAGA_STEP, Row, duration_text, rows

PIPE_WIDTH = 140
_PALETTE = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta")
_LEVEL_STYLES = {"WARNING": "yellow", "WARN": "yellow", "ERROR": "red", "CRITICAL": "bold red", "FATAL": "bold red"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_DURATION_WIDTH = 7
_GAPS = 4
_SHORTEST_BAR = 12
_EXTRA_LENGTH = 80
_QUIET_EXTRAS = frozenset(
    {
        "service_instance_id", "service_namespace", "service_version", "deployment_environment_name", "logger",
        "http_request_method", "http_response_status_code", "http_route",
    }
)  # fmt: skip
"""What every line has, or an access line's own text says."""


def console() -> Console:
    """Standard output: coloured and as wide as the terminal, or plain and of a fixed width."""
    terminal = Console(highlight=False, emoji=False, markup=False)
    return terminal if terminal.is_terminal else Console(highlight=False, emoji=False, markup=False, width=PIPE_WIDTH)


def print_trace(out: Console, trace: Trace, link: str, *, every_statement: bool = False) -> None:
    """A heading, the waterfall, and where to see more; SQL statements in a row are one line unless all are wanted."""
    colours = {service: _PALETTE[index % len(_PALETTE)] for index, service in enumerate(trace.services)}
    listed = rows(trace, fold=not every_statement)
    whole = (trace.end_unix_nano - trace.start_unix_nano) // 1_000
    state = Text("complete", "green") if trace.complete else Text("incomplete", "yellow")
    counts = f"{len(trace.spans)} spans · {len(trace.services)} services · {duration_text(whole)} · "
    out.print(Text.assemble("trace ", (trace.trace_id, "bold"), f" · {counts}", state))
    spare = out.width - _DURATION_WIDTH - _GAPS
    name_width = max(1, min(max(_label(row).cell_len for row in listed), spare - max(_SHORTEST_BAR, spare // 3)))
    bar_width = max(1, spare - name_width)
    for row in listed:
        out.print(_line(row, colours[row.span.service], name_width, bar_width, out), no_wrap=True, overflow="crop")
    out.print(Text.assemble("  ", (link, "underline")))


def print_lines(out: Console, lines: Iterable[LogLine]) -> None:
    """Log lines: time of day (UTC), level, service, message, and what else the line carries."""
    listed = list(lines)
    width = max((len(line.service) for line in listed), default=0)
    for line in listed:
        moment = datetime.fromtimestamp(line.time_unix_nano // 10**9, UTC)
        clock = f"{moment:%H:%M:%S}.{line.time_unix_nano // 10**6 % 1_000:03d}"
        extras = " ".join(f"{k}={_clean(v)[:_EXTRA_LENGTH]}" for k, v in line.extra.items() if k not in _QUIET_EXTRAS)
        text = Text.assemble(
            (clock, "dim"),
            " ",
            (f"{_clean(line.level):<8}", _LEVEL_STYLES.get(line.level, "")),
            f" {_clean(line.service):<{width}} ",
            _clean(line.message),
            (f"  {extras}" if extras else "", "dim"),
        )
        out.print(text, soft_wrap=True)


def _label(row: Row) -> Text:
    span = row.span
    mark = "✗ " if span.status == "error" else "? " if row.orphan else ""
    name = f"◆ {span.name.removeprefix(SAGA_STEP)}" if row.saga_step else span.name
    return Text(f"{'  ' * row.depth}{mark}{_clean(span.service)} {_clean(name)}")


def _line(row: Row, colour: str, name_width: int, bar_width: int, out: Console) -> Text:
    span = row.span
    label = _label(row)
    label.truncate(name_width, overflow="ellipsis", pad=True)
    label.stylize("bold red" if span.status == "error" else "bold" if row.saga_step else colour)
    line = Text.assemble(label, "  ", (_bar(row, bar_width, out), colour), "  ")
    line.append(f"{duration_text(span.duration_us):>{_DURATION_WIDTH}}")
    return line


def _bar(row: Row, width: int, out: Console) -> str:
    start = min(width - 1, int(row.offset * width))
    length = max(1, min(width - start, round(row.share * width)))
    block = "━" if out.encoding.lower().startswith("utf") else "="
    return f"{' ' * start}{block * length}".ljust(width)


def _clean(text: str) -> str:
    """Without control characters, which could steer the terminal."""
    return _CONTROL.sub(" ", text)
