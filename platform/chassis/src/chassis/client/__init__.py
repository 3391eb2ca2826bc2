"""Calls to other services: found by discovery, bounded in time, repeated where that is safe, traced per attempt."""

from chassis.client.call import Call, CallOptions
from chassis.client.config import ClientConfig
from chassis.client.errors import (
    CallTimedOut,
    CircuitOpen,
    ConnectionLost,
    InvalidUpstreamReply,
    NoInstance,
    Unreachable,
    UpstreamProblem,
)
from chassis.client.exchange import Exchange
from chassis.client.service_client import ServiceClient

__all__ = [
    "Call",
    "CallOptions",
    "CallTimedOut",
    "CircuitOpen",
    "ClientConfig",
    "ConnectionLost",
    "Exchange",
    "InvalidUpstreamReply",
    "NoInstance",
    "ServiceClient",
    "Unreachable",
    "UpstreamProblem",
]
