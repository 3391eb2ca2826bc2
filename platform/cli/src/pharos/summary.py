"""What a person is told about a running system."""

import click

from pharos.console import print_table
from pharos.report import DetailedServiceReport, Health, InstanceReport, SystemReport
from pharos.state import System

_SHOWN = {
    "edge": "API",
    "lens": "console",
    "grafana": "Grafana",
    "jaeger": "Jaeger",
    "prometheus": "Prometheus",
    "alertmanager": "Alertmanager",
}
_COLOURS: dict[Health, str] = {"ok": "green", "failing": "yellow", "down": "red", "absent": "bright_black"}


def print_welcome(system: System, report: SystemReport, seconds: float) -> None:
    """After ``up``: where everything is, and what to type next."""
    click.echo(f"\nready in {seconds:.1f} s")
    for name, title in _SHOWN.items():
        if name in report.endpoints:
            click.echo(f"  {title:<12} {report.endpoints[name]}{_remark(system, name)}")
    click.echo(f"  {'state':<12} {system.folder.path}")
    click.echo("\nnext: ./just order, ./just status, ./just down")


def print_report(report: SystemReport) -> None:
    """A row for each process."""
    rows: list[tuple[str, ...]] = []
    for service in report.services:
        assert isinstance(service, DetailedServiceReport)
        if service.health == "absent":
            rows.append((service.name, "-", _coloured("absent"), "-", "-", "-"))
        rows += [_row(one, service.version) for one in service.instances]
    print_table(("part", "version", "health", "pid", "port", "restarts"), rows)


def _row(one: InstanceReport, version: str) -> tuple[str, ...]:
    return (
        *(one.instance, version, _coloured(one.health)),
        *(str(one.pid or "-"), str(one.port or "-"), str(one.restarts)),
    )


def _coloured(health: Health) -> str:
    return click.style(health, fg=_COLOURS[health])


def _remark(system: System, name: str) -> str:
    """Where the password is of what has one."""
    return f"  (admin: {system.folder.docker.secrets / 'grafana-admin'})" if name == "grafana" else ""
