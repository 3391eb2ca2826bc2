"""Prometheus: found, else fetched from an archive by the system's own apt, else said to be absent."""

import json
import os
import signal
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from archive import Archive
from wardens import Wardens

from testkit import free_port, wait_until
from warden import prometheus
from warden.config import Retention
from warden.environment import Surroundings, prometheus_status
from warden.layout import Ports, StateFolder
from warden.part import Part
from warden.probe import probe_of
from warden.prometheus_fetch import PrometheusMissing, can_fetch, fetch

needs_apt = pytest.mark.skipif(not can_fetch(), reason="apt-get and dpkg-deb are not installed here")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    made = Archive(tmp_path / "debian")
    made.build()
    return made


@pytest.fixture
def at_archive(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    for name, value in archive.environment.items():
        monkeypatch.setenv(name, value)
    return archive


@needs_apt
async def test_what_was_fetched_is_found_by_every_checkout_of_the_user(at_archive: Archive) -> None:
    assert prometheus.find() is None

    place = await fetch()

    assert place == at_archive.fetched == prometheus.find()
    assert prometheus.version(place) == "9.8.7"
    assert [file.name for file in place.parent.iterdir()] == ["prometheus"]


@needs_apt
async def test_a_package_that_is_not_the_one_of_the_index_is_refused(at_archive: Archive) -> None:
    at_archive.index(digest="0" * 64)

    with pytest.raises(PrometheusMissing, match="could not be fetched") as refusal:
        await fetch()

    assert refusal.value.hint == prometheus.HOW_TO_GET
    assert prometheus.find() is None


@needs_apt
async def test_a_cache_that_cannot_be_written_is_named(at_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    (at_archive.folder / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(at_archive.folder / "file"))

    with pytest.raises(PrometheusMissing, match=str(at_archive.folder / "file")):
        await fetch()


async def test_without_apt_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PrometheusMissing, match="not installed") as refusal:
        await fetch()

    assert "PATH" in refusal.value.hint


def test_one_on_the_path_goes_before_a_fetched_one(tmp_path: Path) -> None:
    for folder in (tmp_path / "bin", tmp_path / "caches" / "pharos" / "prometheus"):
        folder.mkdir(parents=True)
        (folder / "prometheus").touch(0o755)
    environ = {"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path / "caches")}

    assert prometheus.find(environ) == tmp_path / "bin" / "prometheus"
    assert prometheus.find({**environ, "PATH": ""}) == tmp_path / "caches" / "pharos" / "prometheus" / "prometheus"
    assert prometheus.fetched_binary({"XDG_CACHE_HOME": "relative"}) == prometheus.fetched_binary({})


def test_retention_is_the_environments_else_the_configurations_else_ours() -> None:
    kept = Retention(metrics="30d", metrics_size="3GB")

    assert prometheus.retention(Retention(), {}) == ("15d", "1GB")
    assert prometheus.retention(kept, {}) == ("30d", "3GB")
    assert prometheus.retention(kept, {"PHAROS_METRICS_RETENTION": "2h"}) == ("2h", "3GB")


def said(wardens: Wardens) -> dict[str, str]:
    found: dict[str, str] = json.loads(prometheus_status(wardens.state).read_bytes())
    return found


def test_a_system_without_it_says_that_it_was_switched_off(wardens: Wardens) -> None:
    wardens.start().ready()

    assert said(wardens) == {"state": "off", "hint": prometheus.SWITCHED_OFF}


@needs_apt
async def test_it_comes_later_when_it_has_to_be_fetched(wardens: Wardens, archive: Archive) -> None:
    wardens.environment = archive.environment

    events = wardens.start().ready()

    assert ("prometheus", "skipped") in [(event.part, event.state) for event in events]
    await wait_until(lambda: "prometheus" in wardens.records(), timeout=60)
    record = wardens.records()["prometheus"]
    assert (record.version, record.port) == ("9.8.7", wardens.base + 2)
    await wait_until(lambda: said(wardens)["state"] == "running", timeout=20)
    os.kill(record.pid, signal.SIGKILL)
    await wait_until(lambda: wardens.records()["prometheus"].pid not in {0, record.pid}, timeout=20)


@needs_apt
async def test_a_fetch_that_fails_is_told_with_what_to_do(wardens: Wardens, archive: Archive) -> None:
    archive.index(digest="0" * 64)
    wardens.environment = archive.environment

    wardens.start().ready()

    await wait_until(lambda: said(wardens)["state"] == "absent", timeout=60)
    assert said(wardens)["hint"].endswith(prometheus.HOW_TO_GET)
    assert ("skipped", "prometheus") in wardens.journal()


async def test_the_real_one_runs_as_it_is_told_to(tmp_path: Path) -> None:
    binary = prometheus.find()
    if binary is None:
        pytest.skip("no Prometheus on the PATH or in the cache; ./just up fetches one where it can")
    base = free_port() // 100 * 100
    surroundings = Surroundings(StateFolder(tmp_path), Ports(base), tmp_path, {}, Retention(metrics="2h"))
    part = prometheus.prometheus_part(surroundings, binary)
    await part.prepare()
    process = _spawned(part)
    try:
        await wait_until(lambda: _ready(part.port), timeout=20)
        flags = _get(part.port, "/api/v1/status/flags")["data"]
        assert flags["storage.tsdb.retention.time"] == "2h"
        assert flags["storage.tsdb.retention.size"] in {"1GB", "1GiB"}
        config = _get(part.port, "/api/v1/status/config")["data"]["yaml"]
        config = _get(part.port, "/api/v1/status/config")["data"]["yaml"]
        assert "targets.json" in config
        assert _get(part.port, f"/api/v1/query?{urllib.parse.urlencode({'query': '1+1'})}")["status"] == "success"
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _spawned(part: Part) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(part.command, env=dict(part.environment), stderr=subprocess.PIPE)


async def _ready(port: int) -> bool:
    return await probe_of("prometheus", port)() is None


def _get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)
