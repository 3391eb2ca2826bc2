"""Prometheus: where it is found, how it is configured, what it is told to scrape."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from warden.environment import Surroundings
from warden.files import private_folder, write_atomically
from warden.layout import StateFolder
from warden.part import Part
from warden.probe import probe_of

SWITCH = "PHAROS_PROMETHEUS"  # "off": do without


def wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the user has not switched it off."""
    return environ.get(SWITCH, "").lower() not in {"off", "0", "no", "false"}


def find(root: Path) -> Path | None:
    """The binary on PATH, else the one fetched earlier."""
    installed = shutil.which("prometheus")
    if installed:
        return Path(installed)
    fetched = fetched_binary(root)
    return fetched if fetched.exists() else None


def fetched_binary(root: Path) -> Path:
    """Where a fetched binary is kept, for all state folders of the checkout."""
    return root / ".pharos" / "prometheus" / "prometheus"


def prometheus_part(surroundings: Surroundings, binary: Path) -> Part:
    """The server; its metrics are kept for fifteen days or a gigabyte."""
    folder, port = surroundings.state.data / "prometheus", surroundings.ports.of("prometheus")

    async def prepare() -> None:
        private_folder(folder)
        write_atomically(folder / "prometheus.yml", configuration(surroundings.state, surroundings.root))

    return Part(
        name="prometheus",
        instance="prometheus",
        command=(
            str(binary),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            "--storage.tsdb.retention.time=15d",
            "--storage.tsdb.retention.size=1GB",
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


def configuration(state: StateFolder, root: Path) -> str:
    """Its configuration file, in JSON, which is YAML too."""
    rules = root / "observability" / "prometheus" / "rules"
    discovery = {"files": [str(targets_file(state))], "refresh_interval": "30s"}
    return json.dumps({
        "global": {"scrape_interval": "5s", "evaluation_interval": "5s"},
        "rule_files": [str(rules / "*.yaml")] if rules.is_dir() else [],
        "scrape_configs": [{"job_name": "pharos", "file_sd_configs": [discovery]}],
    }, indent=1)  # fmt: skip


def targets_file(state: StateFolder) -> Path:
    """What is to be scraped; Prometheus notices when it is replaced."""
    return state.data / "prometheus" / "targets.json"


def write_targets(state: StateFolder, parts: Iterable[Part]) -> None:
    """Have these parts scraped, labelled by service and instance."""
    private_folder(state.data / "prometheus")
    targets = [
        {
            "targets": [f"127.0.0.1:{part.port}"],
            "labels": {"job": part.name, "service": part.name, "instance": part.instance},
        }
        for part in parts
    ]
    write_atomically(targets_file(state), json.dumps(targets))
