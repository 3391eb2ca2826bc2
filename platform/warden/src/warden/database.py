"""Bringing the databases to where the services' code expects them: roles, migrations, first data."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from warden.catalog import Service
from warden.environment import Surroundings
from warden.errors import PartFailed
from warden.files import write_atomically
from warden.layout import StateFolder
from warden.logs import open_log, tail
from warden.postgres import SUPERUSER, role_statements
from warden.release.artefact import MANIFEST
from warden.secrets import SUPERUSER as SUPERUSER_FILE


class Applied(msgspec.Struct, frozen=True):
    """What has been done to one service's database, kept beside the data so that both go together."""

    migrations: str = ""  # digest of the migration files
    seeded: bool = False


def read_applied(state: StateFolder) -> dict[str, Applied]:
    """What was done so far, by service; a service that is not there has no role and no database yet."""
    try:
        return msgspec.json.decode(_file(state).read_bytes(), type=dict[str, Applied])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def record(state: StateFolder, name: str, applied: Applied) -> None:
    """Write down what has been done for one service."""
    write_atomically(_file(state), msgspec.json.encode({**read_applied(state), name: applied}))


def migrations_digest(service: Service, root: Path) -> str:
    """Changes when a migration of the service or of chassis does; that of a release whenever anything in it does."""
    if service.release:
        return hashlib.sha256((service.folder / MANIFEST).read_bytes()).hexdigest()
    digest = hashlib.sha256()
    folders = [service.folder / "src", root / "platform" / "chassis" / "src"]
    for folder in folders:
        for file in sorted(folder.glob("**/*migrations/*.py")):
            digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


async def create_roles(state: StateFolder, port: int, services: Iterable[str]) -> None:
    """Give each of these services its role and its database, whatever of them is there already.

    Raises:
        PartFailed: the secrets are not those that the data was made with.
    """
    import asyncpg  # noqa: PLC0415 - on the first start only

    password = (state.secrets / SUPERUSER_FILE).read_text().strip()
    try:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=port, user=SUPERUSER, password=password, database="postgres", timeout=10
        )
    except asyncpg.InvalidPasswordError:
        raise PartFailed(
            f"the password in {state.secrets / SUPERUSER_FILE} is not that of the data",
            "put the old secrets folder back, or delete the data with: ./just reset",
        ) from None
    try:
        await connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
        for service in services:
            for statement in role_statements(service, (state.secrets / f"db-{service}").read_text().strip()):
                try:
                    await connection.execute(statement)
                except (asyncpg.DuplicateObjectError, asyncpg.DuplicateDatabaseError):
                    continue
    finally:
        await connection.close()


async def ensure_schema(service: Service, surroundings: Surroundings, beginning: Callable[[], None]) -> None:
    """Migrate if a migration was added or changed since the last time; ``beginning`` is called before that.

    Raises:
        PartFailed: they failed; the error holds the end of their log.
    """
    applied = read_applied(surroundings.state).get(service.name, Applied())
    digest = migrations_digest(service, surroundings.root)
    if applied.migrations != digest:
        beginning()
        await migrate(service, surroundings)
        record(surroundings.state, service.name, Applied(digest, applied.seeded))


async def migrate(service: Service, surroundings: Surroundings) -> None:
    """Apply the service's migrations in a process of their own.

    Raises:
        PartFailed: they failed; the error holds the end of their log.
    """
    await _run(service, surroundings, "migrate", "chassis.migrate")


async def seed(service: Service, surroundings: Surroundings) -> None:
    """Load the service's first data.

    Raises:
        PartFailed: it failed; the error holds the end of its log.
    """
    await _run(service, surroundings, "seed", f"{service.name}.seed")


async def _run(service: Service, surroundings: Surroundings, what: str, module: str) -> None:
    log = surroundings.state.log(f"{service.name}-{what}")
    output = open_log(log)
    child = await asyncio.create_subprocess_exec(
        *(service.python, "-m", module),
        env=surroundings.of_service(service, f"{service.name}-{what}", surroundings.ports.of("warden")),
        cwd=surroundings.root,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    os.close(output)
    try:
        code = await child.wait()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if code:
        raise PartFailed(f"{service.name}: {what} failed with exit code {code}", f"see {log}", log=tail(log))


def _file(state: StateFolder) -> Path:
    return state.data / "databases.json"
