"""What a person is told about a running system."""

import click

from pharos.console import print_table
from pharos.state import System
from pharos.survey import DetailedServiceReport, Health, SystemReport

_COLOURS: dict[Health, str] = {"ok": "green", "failing": "yellow", "down": "red"}


def print_welcome(system: System, report: SystemReport, seconds: float) -> None:
    """After ``up``: where everything is, and what to type next."""
    click.echo(f"\nready in {seconds:.1f} s")
    for name in ("edge", "lens", "prometheus"):
        if name in report.endpoints:
            click.echo(f"  {name:<11} {report.endpoints[name]}")
    click.echo(f"  {'state':<11} {system.folder.path}")
    click.echo("\nnext: ./just order, ./just status, ./just down")


def print_report(report: SystemReport) -> None:
    """A row for each process."""
    rows = []
    for service in report.services:
        assert isinstance(service, DetailedServiceReport)
        for one in service.instances:
            health = click.style(one.health, fg=_COLOURS[one.health])
            rows.append((one.instance, service.version, health, str(one.pid or "-"), str(one.port), str(one.restarts)))
    print_table(("part", "version", "health", "pid", "port", "restarts"), rows)
