"""What is refused before anything starts, and how it is said."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from cli_process import PHAROS, Cli


@pytest.mark.parametrize("command", [["up"], ["reset", "--yes"]])
def test_a_folder_of_something_else_is_left_alone(cli: Cli, command: list[str]) -> None:
    other = cli.state / "data"
    other.mkdir(parents=True)
    cli.state.chmod(0o755)

    done = cli.run(*command)

    assert done.returncode == 1
    assert "other things" in done.stderr
    assert other.exists()
    assert cli.state.stat().st_mode & 0o777 == 0o755


def test_a_full_disk_is_named(cli: Cli) -> None:
    """A tiny file system of its own, where the test may mount one."""
    cli.state.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", cli.state], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    try:
        done = cli.up()
        assert done.returncode == 1
        assert "MB are free" in done.stderr
        assert "--state" in done.stderr
    finally:
        subprocess.run(["umount", cli.state], check=True)


@pytest.mark.parametrize("value", ["tiny", "tiny=0", "tiny=x", "=2", "tiny=17"])
def test_replicas_that_make_no_sense_are_a_usage_error(cli: Cli, value: str) -> None:
    done = cli.run("up", "--replicas", value)
    assert done.returncode == 2
    assert "NAME=N" in done.stderr


@pytest.mark.parametrize(
    ("content", "word"), [(b"port_bsae = 7000\n", "port_bsae"), (b"= 1", "line 1"), (b"\xff", "decode")]
)
def test_a_mistake_in_the_configuration_is_named(cli: Cli, content: bytes, word: str) -> None:
    cli.state.mkdir()
    (cli.state / "config.toml").write_bytes(content)
    done = cli.run("up")
    assert done.returncode == 1
    assert "config.toml" in done.stderr
    assert word in done.stderr


@pytest.mark.parametrize("base", ["80", "0", "-1", "65500"])
def test_a_port_base_out_of_range_is_refused(cli: Cli, base: str) -> None:
    done = cli.run("up", "--port-base", base)
    assert done.returncode == 1
    assert "out of range" in done.stderr


def test_outside_a_checkout_the_installed_one_is_used_or_the_error_says_where_to_go(tmp_path: Path) -> None:
    done = subprocess.run(
        [PHAROS, "status", "--state", str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "./just" in done.stderr


def test_the_port_of_another_process_is_named_with_its_owner(cli: Cli) -> None:
    shutil.copytree(Path(__file__).parents[2] / "edge", cli.checkout.root / "platform" / "edge")
    with socket.socket() as occupied:
        occupied.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        occupied.bind(("127.0.0.1", cli.base))
        occupied.listen()
        done = cli.up()
    assert done.returncode == 1
    assert f"port {cli.base}" in done.stderr
    assert f"pid {os.getpid()}" in done.stderr
    assert "--port-base" in done.stderr
    assert not (cli.state / "parts.json").exists()
