"""Calls to other services: found by discovery, bounded in time, repeated where that is safe, traced per attempt."""

from chassis.client.call import Call, CallOptions
from chassis.client.errors import (
    BulkheadFull,
    CallTimedOut,
    CircuitOpen,
    ConnectionLost,
    InvalidUpstreamReply,
    NoInstance,
    NotSent,
    Throttled,
    Unreachable,
    UpstreamProblem,
)
from chassis.client.exchange import Exchange
from chassis.client.service_client import ServiceClient
from chassis.resilience.calls import CallConfig, ClientConfig

__all__ = [
    "BulkheadFull",
    "Call",
    "CallConfig",
    "CallOptions",
    "CallTimedOut",
    "CircuitOpen",
    "ClientConfig",
    "ConnectionLost",
    "Exchange",
    "InvalidUpstreamReply",
    "NoInstance",
    "NotSent",
    "ServiceClient",
    "Throttled",
    "Unreachable",
    "UpstreamProblem",
]
