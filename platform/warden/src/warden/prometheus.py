"""Prometheus: where it is found, how it is configured, what it is told to scrape."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from warden.config import Retention
from warden.environment import Surroundings, prometheus_status
from warden.files import private_folder, write_atomically
from warden.layout import StateFolder
from warden.part import Part
from warden.probe import probe_of

SWITCH = "PHAROS_PROMETHEUS"  # "off": do without
SWITCHED_OFF = f"Prometheus is switched off by {SWITCH}=off; for metrics, start without it: ./just down, ./just up"
HOW_TO_GET = "put `prometheus` on the PATH (your system's package, or a release), then: ./just down, ./just up"
COMING = "Prometheus is being fetched from Debian's archive; metrics appear here as soon as it runs"
Status = Literal["running", "fetching", "absent", "off"]


def wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the user has not switched it off."""
    return environ.get(SWITCH, "").lower() not in {"off", "0", "no", "false"}


def find(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The binary on PATH, else the one fetched earlier."""
    installed = shutil.which("prometheus", path=environ.get("PATH"))
    if installed:
        return Path(installed)
    fetched = fetched_binary(environ)
    return fetched if os.access(fetched, os.X_OK) else None


def fetched_binary(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a fetched binary is kept: in the user's cache, for all checkouts and state folders."""
    caches = Path(environ.get("XDG_CACHE_HOME", ""))
    # A relative path there is to be ignored (XDG base directory specification).
    return (caches if caches.is_absolute() else Path.home() / ".cache") / "pharos" / "prometheus" / "prometheus"


def write_status(state: StateFolder, word: Status, hint: str = "") -> None:
    """Tell others, the console among them, whether there is a Prometheus and how to get one."""
    file = prometheus_status(state)
    private_folder(file.parent)
    write_atomically(file, json.dumps({"state": word, "hint": hint}))


def retention(kept: Retention, environ: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """How long, and how many bytes, metrics are kept: environment, else config.toml, else fifteen days, a gigabyte."""
    return (
        environ.get("PHAROS_METRICS_RETENTION") or kept.metrics or "15d",
        environ.get("PHAROS_METRICS_RETENTION_SIZE") or kept.metrics_size or "1GB",
    )


def prometheus_part(surroundings: Surroundings, binary: Path) -> Part:
    """The server."""
    folder, port = surroundings.state.data / "prometheus", surroundings.ports.of("prometheus")
    age, size = retention(surroundings.retention)

    async def prepare() -> None:
        private_folder(folder)
        write_atomically(folder / "prometheus.yml", configuration(surroundings))

    return Part(
        name="prometheus",
        instance="prometheus",
        command=(
            str(binary),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--storage.tsdb.retention.time={age}",
            f"--storage.tsdb.retention.size={size}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ),
        environment={**surroundings.base("prometheus"), "GOGC": "50"},
        folder=surroundings.root,
        port=port,
        probe=probe_of("prometheus", port),
        version=version(binary),
        prepare=prepare,
        ready_seconds=15.0,
    )


def version(binary: Path) -> str:
    """What it says of itself, such as ``2.42.0``; empty if it says nothing that can be understood."""
    try:
        said = subprocess.run([binary, "--version"], check=False, capture_output=True, text=True, timeout=10)  # noqa: S603
    except subprocess.TimeoutExpired:
        return ""
    found = re.search(r"version (\d+\.\d+\.\d+)", said.stdout + said.stderr)
    return found[1] if found else ""


def configuration(surroundings: Surroundings) -> str:
    """Its configuration file, in JSON, which is YAML too."""
    rules = surroundings.root / "observability" / "prometheus" / "rules"
    discovery = {"files": [str(targets_file(surroundings.state))], "refresh_interval": "30s"}
    own = _target("warden", "warden-1", surroundings.ports.of("warden"))
    return json.dumps({
        "global": {"scrape_interval": "5s", "evaluation_interval": "5s"},
        "rule_files": [str(rules / "*.yaml")] if rules.is_dir() else [],
        "scrape_configs": [{"job_name": "pharos", "file_sd_configs": [discovery], "static_configs": [own]}],
    }, indent=1)  # fmt: skip


def targets_file(state: StateFolder) -> Path:
    """What is to be scraped; Prometheus notices when it is replaced."""
    return state.data / "prometheus" / "targets.json"


def write_targets(state: StateFolder, parts: Iterable[Part]) -> None:
    """Have these parts scraped, labelled by service and instance."""
    private_folder(state.data / "prometheus")
    targets = [_target(part.name, part.instance, part.port) for part in parts]
    write_atomically(targets_file(state), json.dumps(targets))


def _target(service: str, instance: str, port: int) -> dict[str, object]:
    return {"targets": [f"127.0.0.1:{port}"], "labels": {"job": service, "service": service, "instance": instance}}
