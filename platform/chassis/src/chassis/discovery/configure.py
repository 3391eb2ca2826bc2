"""From the text of a setting to a discovery."""

from pathlib import Path

from chassis.discovery.dns import DnsDiscovery
from chassis.discovery.file import FileDiscovery
from chassis.discovery.model import Discovery, DiscoveryError


def open_discovery(spec: str) -> Discovery:
    """Build the discovery that a setting names: ``file:/path/endpoints.json`` or ``dns:PORT``.

    Raises:
        DiscoveryError: neither of the two.
    """
    kind, _, value = spec.partition(":")
    if kind == "file" and Path(value).is_absolute():
        return FileDiscovery(Path(value))
    if kind == "dns" and value.isdecimal() and 0 < int(value) < 65536:
        return DnsDiscovery(int(value))
    raise DiscoveryError(f"discovery must be file:/absolute/path/endpoints.json or dns:PORT (1-65535), got {spec!r}")
