"""Where the replicas of a service are: an endpoints file, DNS, or a fixed list."""

from chassis.discovery.configure import open_discovery
from chassis.discovery.dns import DnsDiscovery
from chassis.discovery.endpoints import Endpoints, MalformedEndpointsError, parse_endpoints, write_endpoints
from chassis.discovery.file import FileDiscovery
from chassis.discovery.known import KnownKeys
from chassis.discovery.model import Discovery, DiscoveryError, Instance, Jwks
from chassis.discovery.static import StaticDiscovery
from chassis.discovery.trial import trial_name, trial_weight

__all__ = [
    "Discovery",
    "DiscoveryError",
    "DnsDiscovery",
    "Endpoints",
    "FileDiscovery",
    "Instance",
    "Jwks",
    "KnownKeys",
    "MalformedEndpointsError",
    "StaticDiscovery",
    "open_discovery",
    "parse_endpoints",
    "trial_name",
    "trial_weight",
    "write_endpoints",
]
