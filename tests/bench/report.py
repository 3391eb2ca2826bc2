"""A measured figure, the bound it has to hold, and how figures are shown."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from pharos.console import print_json, print_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured. Without a bound it only informs; the goal is what the project aims at beyond the bound."""

    what: str
    measured: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    goal: float | None = None

    @property
    def held(self) -> bool | None:
        """Whether the bound was held; None without one."""
        if self.at_most is not None:
            return self.measured <= self.at_most
        return self.measured >= self.at_least if self.at_least is not None else None

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """The table's columns."""
        sign, bound = ("≤", self.at_most) if self.at_most is not None else ("≥", self.at_least)
        verdict = {True: click.style("yes", fg="green"), False: click.style("no", fg="red", bold=True), None: ""}
        return (
            self.what,
            self._text(self.measured),
            f"{sign} {self._text(bound)}" if bound is not None else "",
            f"{sign} {self._text(self.goal)}" if self.goal is not None else "",
            verdict[self.held],
        )

    @property
    def document(self) -> dict[str, Any]:
        """The figure for programs."""
        names = ("what", "measured", "unit", "at_most", "at_least", "goal", "held")
        return {name: getattr(self, name) for name in names}

    def _text(self, value: float) -> str:
        digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
        return f"{value:,.{digits}f} {self.unit}".rstrip()


def show(
    figures: Iterable[Figure], *, as_json: bool = False, failures: Sequence[str] = (), seed: int | None = None
) -> int:
    """Print all of them, with the seed if they hang on one; 0 if every bound was held and nothing failed, else 1."""
    listed = list(figures)
    held = not failures and all(figure.held is not False for figure in listed)
    if as_json:
        document = {"machine": machine(), "figures": [figure.document for figure in listed]}
        seeded = {} if seed is None else {"seed": seed}
        print_json({**document, **seeded, "failures": failures, "held": held})
    else:
        click.echo(f"{machine()}\n")
        seed_name, seeds = ((), ()) if seed is None else (("seed",), (str(seed),))
        rows = [(*figure.row, *seeds) for figure in listed]
        print_table(("figure", "measured", "bound", "goal", "held", *seed_name), rows)
        for failure in failures:
            click.secho(f"\n{failure}", fg="red")
    return int(not held)


def machine() -> str:
    """What the figures were measured on."""
    model = _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0))
    kilobytes = int(_field("/proc/meminfo", "MemTotal").split()[0])
    return (
        f"{cores} cores ({model}), {kilobytes / 2**20:.0f} GB, {platform.system()}, Python {platform.python_version()}"
    )


def _field(file: str, name: str) -> str:
    lines = Path(file).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
