"""What is refused before any container is started, and how it is said."""

import socket
from pathlib import Path
from typing import Any

import pytest
from cli_process import Cli
from miniature import Engine

UP = ("up", "--docker", "--without", "jaeger")


def refused(cli: Cli, engine: Engine, *arguments: str) -> str:
    """What a start says that must not happen."""
    done = cli.up(*arguments)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert engine.get("containers") == []
    assert not (cli.state / "docker" / "system.json").exists()
    return done.stderr


def test_a_missing_docker_is_said_with_the_way_to_do_without(cli: Cli, engine: Engine, tmp_path: Path) -> None:
    cli.path = tmp_path / "nothing"
    said = refused(cli, engine, "--docker")
    assert "docker command is not on the PATH" in said
    assert "--embedded" in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?",
            "no Docker engine answers",
        ),
        ("failed to connect to the docker API at unix:///x; check if the path is correct", "no Docker engine answers"),
        ("permission denied while trying to connect to the Docker daemon socket at unix:///x", "group docker"),
        ("something new", "something new"),
    ],
)
def test_an_engine_that_does_not_answer_is_told_from_one_that_may_not_be_asked(
    cli: Cli, engine: Engine, words: str, expected: str
) -> None:
    engine.has("broken", words)
    assert expected in refused(cli, engine, "--docker")


def test_an_engine_that_reports_its_error_in_the_document_is_understood(cli: Cli, engine: Engine) -> None:
    engine.has("info", {"ServerErrors": ["Cannot connect to the Docker daemon at unix:///x."]})
    assert "no Docker engine answers" in refused(cli, engine, "--docker")


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (None, "no compose plugin"),
        ("2.23.3", "2.23.3; at least 2.24"),
        ("v1.29.2", "at least 2.24"),
        ("", "no known version"),
    ],
)
def test_a_compose_that_is_missing_or_too_old_is_refused(
    cli: Cli, engine: Engine, version: str | None, words: str
) -> None:
    engine.has("compose", version)
    said = refused(cli, engine, "--docker")
    assert words in said
    assert "docker-compose-plugin" in said


def test_too_little_memory_is_said_with_both_figures_and_what_to_leave_out(cli: Cli, engine: Engine) -> None:
    engine.has("info", {"MemTotal": 200 << 20})
    said = refused(cli, engine, "--docker")
    assert "200 MB" in said
    assert f"{(128 + 256 + 64) * 6 // 10} MB" in said
    assert "give it more" in said


def test_a_port_in_use_is_named_with_its_part_and_its_owner(cli: Cli, engine: Engine) -> None:
    with socket.socket() as occupied:
        occupied.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        occupied.bind(("127.0.0.1", cli.base + 9))
        occupied.listen()
        said = refused(cli, engine, "--docker")
    assert f"port {cli.base + 9}, which jaeger needs, is in use by" in said
    assert "--port-base" in said


def test_an_image_that_cannot_be_had_is_named_with_the_way_to_do_without(cli: Cli, engine: Engine) -> None:
    engine.has("offline", value=True)
    engine.has("images", {"store:1.5": "sha256:1", "mail:3": "sha256:2"})
    said = refused(cli, engine, "--docker")
    assert "jaeger:2 (jaeger)" in said
    assert "no such host" in said
    assert "--without jaeger" in said


def test_an_image_that_cannot_be_done_without_is_named_too(cli: Cli, engine: Engine) -> None:
    engine.has("offline", value=True)
    said = refused(cli, engine, "--docker", "--without", "jaeger", "--without", "mail")
    assert "store:1.5 (store)" in said
    assert "registry" in said
    assert "--without" not in said


def test_a_build_that_fails_shows_its_end(cli: Cli, engine: Engine) -> None:
    engine.has("unbuildable", value=True)
    said = refused(cli, engine, *UP[1:])
    assert "the reason of the build" in said
    assert str(cli.state / "docker" / "logs" / "build.log") in said


def test_containers_of_another_checkout_are_left_alone(cli: Cli, engine: Engine) -> None:
    assert cli.run(*UP, "--port-base", str(cli.base)).returncode == 0
    found = engine.get("containers")
    for one in found:
        one["Config"]["Labels"]["com.docker.compose.project.working_dir"] = "/somewhere/else"
    engine.has("containers", found)
    (cli.state / "docker" / "system.json").unlink()

    done = cli.up(*UP[1:])
    cli.run("down")

    assert done.returncode == 1
    assert "/somewhere/else" in done.stderr
    assert engine.get("containers") == found


def test_volumes_whose_secrets_are_lost_are_not_started_on(cli: Cli, engine: Engine) -> None:
    assert cli.up(*UP[1:]).returncode == 0
    cli.run("down")
    for file in (cli.state / "docker" / "secrets").iterdir():
        file.unlink()
    said = refused(cli, engine, *UP[1:])
    assert f"docker volume rm {engine.get('volumes')[0]}" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--docker", "--without", "postgres"), "--without"), (("--without", "jaeger"), "add --docker")],
)
def test_leaving_out_what_cannot_be_left_out_is_a_usage_error(
    cli: Cli, engine: Engine, arguments: tuple[str, ...], words: str
) -> None:
    done = cli.up(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert engine.calls == []


def test_replicas_of_what_is_no_service_are_refused(cli: Cli, engine: Engine) -> None:
    assert "there is no service store" in refused(cli, engine, "--docker", "--replicas", "store=2")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"logs": "1h"}, "less than Loki can"),
        ({"traces": "three days"}, "retention.traces"),
        ({"metrics_size": "2"}, "retention.metrics_size"),
        ({"spans": "1h"}, "spans"),
    ],
)
def test_a_retention_that_cannot_be_is_named(cli: Cli, engine: Engine, settings: dict[str, Any], words: str) -> None:
    cli.state.mkdir()
    lines = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    (cli.state / "config.toml").write_text(f"[retention]\n{lines}")
    assert words in refused(cli, engine, "--docker")
