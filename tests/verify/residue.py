"""All that a running system keeps, by place, as bytes to be searched."""

import asyncio
import sqlite3
import urllib.request
from pathlib import Path

import asyncpg

from chassis.discovery import parse_endpoints
from support.system import System
from warden.layout import Ports

LOGS, TELEMETRY, EVENTS, MAIL, METRICS = "logs", "spans and log records", "events", "mail", "metrics"


def read_all(system: System, services: list[str]) -> dict[str, bytes]:
    """What is in every log file, the telemetry store, the broker's streams, every mail, metric and database."""
    data = system.state / "data"
    return {
        LOGS: _files(system.state / "logs") + _files(system.state / "journal"),
        TELEMETRY: _telemetry(data / "lens" / "telemetry.sqlite3"),
        EVENTS: _files(data / "nats"),
        MAIL: _files(data / "mail"),
        METRICS: _metrics(system),
        **{database(service): asyncio.run(_database(system, service)) for service in services},
    }


def database(service: str) -> str:
    """The name of a service's database as a place."""
    return f"database of {service}"


def stored_telemetry(system: System) -> bytes:
    """What the telemetry store holds at this moment."""
    return _telemetry(system.state / "data" / "lens" / "telemetry.sqlite3")


def mails(system: System) -> list[bytes]:
    """Every mail that was received."""
    folder = system.state / "data" / "mail"
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


def _files(folder: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def _telemetry(file: Path) -> bytes:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    finally:
        connection.close()
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)


def _metrics(system: System) -> bytes:
    endpoints = parse_endpoints((system.state / "endpoints.json").read_bytes())
    urls = [system.edge, *(one.url for instances in endpoints.services.values() for one in instances)]
    found = []
    for url in urls:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as reply:
            found.append(reply.read())
    return b"\n".join(found)


async def _database(system: System, service: str) -> bytes:
    """Every row of every table; bytes as hexadecimal digits."""
    password = (system.state / "secrets" / "postgres-superuser").read_text().strip()
    port = Ports(system.port_base).of("postgres")
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="postgres", password=password, database=service
    )
    try:
        tables = await connection.fetch("SELECT relid::regclass::text AS name FROM pg_stat_user_tables")
        statements = [f"SELECT t::text AS row FROM {table['name']} t" for table in tables]
        rows = [row for statement in statements for row in await connection.fetch(statement)]
    finally:
        await connection.close()
    return "\n".join(row["row"] for row in rows).encode()
