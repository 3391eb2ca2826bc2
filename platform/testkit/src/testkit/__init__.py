"""Real PostgreSQL, NATS and captured telemetry for the tests of every distribution."""

from testkit.servers import NatsServer, PostgresServer, Server, free_port, nats_server, postgres_server
from testkit.waiting import wait_until

__all__ = [
    "NatsServer",
    "PostgresServer",
    "Server",
    "free_port",
    "nats_server",
    "postgres_server",
    "wait_until",
]
