"""One service's database over its life: migrated, backed up, lost, restored; all as seen from the command line."""

import asyncio
import gzip
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.system import PHAROS, ROOT, System, new_system
from testkit import wait_until

SERVICES = ("accounts", "inventory", "orders", "payments", "notifications")
CONDITION = re.compile(r" (?:CHECK|WHERE) \(")


@pytest.fixture(scope="module")
def stopped() -> Iterator[System]:
    """A system in which orders were placed and which was stopped then."""
    system = new_system()
    try:
        system.start()
        for _ in range(3):
            assert system.json("order")["status"] == "confirmed"
        system.stop()
        yield system
    finally:
        system.remove()


@pytest.fixture(scope="module")
def backups(stopped: System) -> dict[str, dict[str, Any]]:
    """What `backup --json` answered for each service; the database's server runs for that alone."""
    return {service: stopped.json("backup", service) for service in SERVICES}


def dump(file: str) -> list[str]:
    with tarfile.open(file) as archive:
        packed = archive.extractfile("dump.sql.gz")
        assert packed is not None
        return gzip.decompress(packed.read()).decode().splitlines()


def tables(file: str) -> dict[str, list[str]]:
    """Each row of each table in a backup; `schema` has all statements that are no data.

    Without conditions of checks and indexes: the server writes `IN (…)` in another, equal way once it was in a dump.
    """
    found: dict[str, list[str]] = {"schema": []}
    table = "schema"
    for line in dump(file):
        if line == r"\.":
            table = "schema"
        elif not line.startswith((r"\restrict", r"\unrestrict")):
            found[table].append(CONDITION.split(line)[0] if table == "schema" else line)
        if line.startswith("COPY "):
            table = line.split()[1]
            found[table] = []
    return {name: sorted(rows) if name != "schema" else rows for name, rows in found.items()}


def refused(system: System, *arguments: str) -> str:
    done = system.pharos(*arguments, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr
    return done.stderr


def test_backups_restored_into_an_empty_instance_hold_the_same_rows_and_the_same_schema(
    stopped: System, backups: dict[str, dict[str, Any]], own_system: System
) -> None:
    own_system.start()
    own_system.stop()

    for service in SERVICES:
        assert own_system.json("restore", service, backups[service]["file"], "--replace", "--yes")["applied"] == []

    for service in SERVICES:
        original, copy = tables(backups[service]["file"]), tables(own_system.json("backup", service)["file"])
        assert copy == original, service
        counted = {name.removeprefix("public."): len(rows) for name, rows in original.items() if name != "schema"}
        assert counted == backups[service]["rows"]
    assert backups["orders"]["rows"]["customer_order"] == 3
    shutil.copy(stopped.state / "secrets" / "demo-customer", own_system.state / "secrets")  # whose password came back
    own_system.start()
    assert own_system.json("order")["status"] == "confirmed"
    assert "orders-1" in refused(own_system, "restore", "orders", backups["orders"]["file"], "--replace", "--yes")
    running = own_system.json("backup", "orders")
    assert running["rows"]["customer_order"] == 4
    assert Path(running["file"]).stat().st_mode & 0o777 == 0o600
    assert own_system.json("migrate", "orders") == {"service": "orders", "applied": []}


def test_a_database_that_holds_data_is_kept_unless_it_is_said_twice(
    stopped: System, backups: dict[str, dict[str, Any]]
) -> None:
    file = backups["orders"]["file"]

    assert "--replace" in refused(stopped, "restore", "orders", file)
    assert "--yes" in refused(stopped, "restore", "orders", file, "--replace")
    assert tables(stopped.json("backup", "orders")["file"]) == tables(file)


@pytest.mark.parametrize("harm", ["cut off", "changed", "of another kind", "empty", "missing", "a folder"])
def test_a_file_that_is_no_whole_backup_is_refused(
    stopped: System, backups: dict[str, dict[str, Any]], tmp_path: Path, harm: str
) -> None:
    whole = Path(backups["payments"]["file"]).read_bytes()
    file = tmp_path / "payments.tar"
    middle = len(whole) // 2
    match harm:
        case "cut off":
            file.write_bytes(whole[:middle])
        case "changed":
            at = whole.index(b"dump.sql.gz") + 512 + 200
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        case "of another kind":
            file.write_bytes(os.urandom(20_000))
        case "empty":
            file.touch()
        case "a folder":
            file.mkdir()

    said = refused(stopped, "restore", "payments", str(file), "--replace", "--yes")

    assert str(file) in said
    assert len(said.splitlines()) == 2
    assert tables(stopped.json("backup", "payments")["file"]) == tables(backups["payments"]["file"])


def test_the_backup_of_another_service_is_refused(stopped: System, backups: dict[str, dict[str, Any]]) -> None:
    said = refused(stopped, "restore", "payments", backups["orders"]["file"], "--replace", "--yes")

    assert "./just orders restore" in said


@pytest.mark.parametrize("what", [("migrate", "ordres"), ("backup", "edge"), ("restore", "ordres", "x.tar")])
def test_a_service_that_is_none_is_named_with_those_that_are(stopped: System, what: tuple[str, ...]) -> None:
    assert "accounts, inventory, notifications, orders, payments" in refused(stopped, *what)


def test_where_nothing_was_ever_started_it_is_said_how(own_system: System) -> None:
    for what in (("migrate", "orders"), ("backup", "orders"), ("restore", "orders", "x.tar")):
        assert "./just up" in refused(own_system, *what)


async def test_a_restore_killed_at_work_leaves_what_was_there(
    stopped: System, backups: dict[str, dict[str, Any]]
) -> None:
    """Killed while the database's program is at work, again and again, at other moments by nature."""
    for _ in range(3):
        await _restore_and_kill(stopped, "inventory", backups["inventory"]["file"])

    assert tables(stopped.json("backup", "inventory")["file"]) == tables(backups["inventory"]["file"])


async def _restore_and_kill(system: System, service: str, file: str) -> None:
    command = [PHAROS, "restore", service, file, "--replace", "--yes", "--state", str(system.state)]
    nothing = subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=nothing, stderr=nothing)
    await wait_until(lambda: _runs_psql(process.pid), timeout=30)
    process.kill()
    await process.wait()


def _runs_psql(parent: int) -> bool:
    for entry in Path("/proc").iterdir():
        try:
            child = entry.name.isdigit() and f"PPid:\t{parent}\n" in (entry / "status").read_text()
            if child and b"psql" in (entry / "cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False
