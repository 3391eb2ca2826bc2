"""From the text of a setting to a discovery."""

import re
from pathlib import Path
from typing import Final

from chassis.discovery.dns import DnsDiscovery
from chassis.discovery.excepted import Excepted
from chassis.discovery.file import FileDiscovery
from chassis.discovery.model import Discovery, DiscoveryError, Instance

_EXCEPTION: Final = re.compile(r"(?P<service>[a-z][a-z0-9-]*)=(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<port>\d+)")


def open_discovery(spec: str) -> Discovery:
    """Build the discovery that a setting names: ``file:/path/endpoints.json`` or ``dns:PORT``.

    ``dns:PORT,SERVICE=HOST:PORT`` excepts a service: its replicas are where it is said to be, each of which is named by
    an exception of its own.

    Raises:
        DiscoveryError: neither of the two.
    """
    kind, _, value = spec.partition(":")
    if kind == "file" and Path(value).is_absolute():
        return FileDiscovery(Path(value))
    port, *exceptions = value.split(",")
    if kind == "dns" and _is_port(port):
        found = DnsDiscovery(int(port))
        return Excepted(found, _excepted(exceptions)) if exceptions else found
    raise DiscoveryError(f"discovery must be file:/absolute/path/endpoints.json or dns:PORT (1-65535), got {spec!r}")


def _excepted(said: list[str]) -> dict[str, list[Instance]]:
    exceptions: dict[str, list[Instance]] = {}
    for one in said:
        match = _EXCEPTION.fullmatch(one)
        if match is None or not _is_port(match["port"]):
            raise DiscoveryError(f"an exception from dns: must be SERVICE=HOST:PORT (1-65535), got {one!r}")
        where = f"{match['host']}:{match['port']}"
        exceptions.setdefault(match["service"], []).append(Instance(f"{match['service']}@{where}", f"http://{where}"))
    return exceptions


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) < 65536
