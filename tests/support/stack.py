"""A whole Pharos in containers, driven by the command that users have, and asked by the backends' own APIs."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from pharos.telemetry.jaeger import Jaeger
from pharos.telemetry.loki import Loki
from pharos.telemetry.model import CORRELATION, Trace
from support.follow import fault_of_traces
from support.system import System, free_port_base
from warden.layout import Ports

DAY_NS = 24 * 3600 * 10**9
ASKING_AT_ONCE = 4


@dataclass
class Stack(System):
    """One system in containers. Without Grafana, whose image is not to be had everywhere."""

    @property
    def ports(self) -> Ports:
        """Its ports."""
        return Ports(self.port_base)

    @property
    def jaeger(self) -> Jaeger:
        """Its traces."""
        return Jaeger(self.ports.url("jaeger"))

    @property
    def loki(self) -> Loki:
        """Its log lines."""
        return Loki(self.ports.url("loki"))

    def prometheus(self, path: str, **parameters: str) -> Any:
        """What Prometheus' API answers under `data`."""
        with urlopen(f"{self.ports.url('prometheus')}/api/v1/{path}?{urlencode(parameters)}", timeout=30) as answer:
            return json.load(answer)["data"]

    def loki_streams(self, query: str, start_ns: int, end_ns: int) -> list[dict[str, Any]]:
        """The streams of a log query, at most 100 lines."""
        parameters = {"query": query, "start": start_ns, "end": end_ns, "limit": 100}
        address = f"{self.ports.url('loki')}/loki/api/v1/query_range?{urlencode(parameters)}"
        with urlopen(address, timeout=30) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return found

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an instant query."""
        found: list[dict[str, Any]] = self.prometheus("query", query=expression)["result"]
        return found

    def value(self, expression: str) -> float:
        """The one value of an instant query; 0 when there is no series."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else 0.0

    def by(self, label: str, expression: str) -> Mapping[str, float]:
        """The values of an instant query by a label."""
        return {one["metric"].get(label, ""): float(one["value"][1]) for one in self.query(expression)}

    @property
    def project(self) -> str:
        """The name of its Compose project."""
        return str(json.loads((self.state / "docker" / "system.json").read_text())["project"])

    def journal(self) -> list[dict[str, Any]]:
        """What warden has written down."""
        return [json.loads(line) for line in self.pharos("journal", "--json").stdout.splitlines()]

    def compose(self, *arguments: str, timeout: float = 120) -> str:
        """What `docker compose` says of this system's project."""
        done = subprocess.run(
            ["docker", "compose", "--project-name", self.project, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def traces_of(self, correlation_id: str, now_ns: int) -> list[Trace]:
        """The traces of a correlation ID, by the service where requests begin."""
        return self.jaeger.search("edge", {CORRELATION: correlation_id}, now_ns - DAY_NS, now_ns + DAY_NS)

    def faults(self, correlation_ids: Iterable[str], now_ns: int) -> dict[str, str]:
        """What is wrong with the traces of these orders; those that are one whole trace are left out."""

        def fault(correlation_id: str) -> str:
            return fault_of_traces(self.traces_of(correlation_id, now_ns))

        wanted = list(correlation_ids)
        with ThreadPoolExecutor(ASKING_AT_ONCE) as pool:
            found = dict(zip(wanted, pool.map(fault, wanted), strict=True))
        return {correlation_id: words for correlation_id, words in found.items() if words}

    def remove(self) -> None:
        """End it, whatever state it is in, and delete its volumes and its folder."""
        self.pharos("reset", "--yes", check=False)
        super().remove()


def new_stack() -> Stack:
    """One that is not up yet."""
    return Stack(Path(tempfile.mkdtemp(prefix="pharos-stack-")), free_port_base())


def engine_missing() -> str | None:
    """Why containers cannot be run here; None when they can."""
    try:
        done = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "docker is not installed"
    return None if done.returncode == 0 else "no Docker engine answers"
