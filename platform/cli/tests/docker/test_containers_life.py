"""Up, status, down, reset and what lies between them in Docker mode."""

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from cli_process import Cli
from miniature import Engine
from starting import UP, start


def test_up_answers_in_the_shape_of_embedded_mode_and_names_what_was_left_out(cli: Cli, engine: Engine) -> None:
    document = json.loads(start(cli, "--json", "--replicas", "tiny=2").stdout)

    assert set(document) == {"mode", "ready", "seconds", "endpoints", "services"}
    assert (document["mode"], document["ready"], document["endpoints"]) == ("docker", True, {})
    assert document["services"] == [
        {"name": "store", "version": "1.5", "replicas": 1, "health": "ok"},
        {"name": "tiny", "version": "1.2.3", "replicas": 2, "health": "ok"},
        {"name": "mail", "version": "3", "replicas": 1, "health": "ok"},
        {"name": "jaeger", "version": "", "replicas": 0, "health": "absent"},
    ]
    assert engine.calls == ["version", "config", "build", "up"]


def test_status_has_a_row_for_each_container_and_each_absent_part(cli: Cli, engine: Engine) -> None:
    start(cli)
    found = engine.get("containers")
    found[0]["RestartCount"] = 3
    found[1]["State"]["Health"] = {"Status": "unhealthy"}
    engine.has("containers", [one for one in found if "mail" not in one["Name"]])

    document = cli.document("status")
    rows = cli.run("status").stdout.splitlines()

    health = {service["name"]: service["health"] for service in document["services"]}
    assert health == {"store": "ok", "tiny": "failing", "mail": "down", "jaeger": "absent"}
    assert document["ready"] is False
    assert document["services"][0]["instances"] == [
        {"instance": "store-1", "pid": 4001, "port": 0, "restarts": 3, "health": "ok"}
    ]
    assert ["jaeger", "-", "absent", "-", "-", "-"] in [row.split() for row in rows]


def test_a_second_up_shows_what_runs_and_refuses_other_settings(cli: Cli, engine: Engine) -> None:
    start(cli)

    again, same = cli.run("up"), cli.run(*UP, "--port-base", str(cli.base))
    others = [cli.run("up", "--docker", *words) for words in (("--without", "mail"), ("--replicas", "tiny=3"))]

    assert again.returncode == same.returncode == 0
    assert "running already" in again.stderr
    assert "tiny-1" in again.stdout
    assert [other.returncode for other in others] == [1, 1]
    assert all("./just down" in other.stderr for other in others)
    assert engine.calls.count("up") == 1


def test_the_other_mode_is_refused_with_the_command_that_stops_this_one(cli: Cli, engine: Engine) -> None:
    start(cli)
    embedded = cli.run("up", "--embedded")
    cli.run("down")
    cli.up("--embedded")
    docker = cli.run(*UP)

    for refused in (embedded, docker):
        assert refused.returncode == 1
        assert "running already" in refused.stderr
        assert f"./just down --state {cli.state}" in refused.stderr
    assert engine.get("containers") == []


def test_the_mode_of_the_settings_holds_unless_an_option_says_otherwise(cli: Cli, engine: Engine) -> None:
    cli.state.mkdir()
    (cli.state / "config.toml").write_text('mode = "docker"\n')
    assert cli.up("--without", "jaeger").returncode == 0
    assert cli.document("status")["mode"] == "docker"
    cli.run("down")
    assert cli.up("--embedded").returncode == 0
    assert cli.document("status")["mode"] == "embedded"
    assert engine.get("containers") == []


@pytest.mark.usefixtures("engine")
def test_embedded_mode_names_the_other_where_an_engine_is_found(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "engine.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place}")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        found = cli.up()
    cli.run("down")
    alone = cli.up()

    assert "./just up --docker" in found.stderr
    assert "--docker" not in alone.stderr


def test_down_stops_the_services_first_and_keeps_volumes_and_secrets(cli: Cli, engine: Engine) -> None:
    start(cli)

    first, second = cli.document("down"), cli.document("down")

    assert (first["stopped"], second["stopped"]) == (True, False)
    assert engine.get("containers") == []
    assert engine.get("volumes")
    assert (cli.state / "docker" / "secrets" / "postgres-superuser").exists()
    assert engine.calls[-2:] == ["stop", "down"]
    assert cli.run("status").returncode == 1


def test_down_ends_containers_whose_record_is_lost(cli: Cli, engine: Engine) -> None:
    start(cli)
    (cli.state / "docker" / "system.json").write_text("{")
    assert cli.document("down")["stopped"] is True
    assert engine.get("containers") == []


def test_down_says_when_the_engine_that_has_the_containers_does_not_answer(cli: Cli, engine: Engine) -> None:
    start(cli)
    engine.has("broken", "Cannot connect to the Docker daemon")
    done = cli.run("down")
    assert done.returncode == 1
    assert "no Docker engine answers" in done.stderr


def test_embedded_mode_starts_and_stops_when_an_engine_used_before_is_gone(cli: Cli, engine: Engine) -> None:
    start(cli)
    engine.has("broken", "Cannot connect to the Docker daemon")
    assert cli.up("--embedded").returncode == 0
    assert cli.run("down").returncode == 0


def test_reset_deletes_volumes_secrets_and_record(cli: Cli, engine: Engine) -> None:
    start(cli)
    project = json.loads((cli.state / "docker" / "system.json").read_text())["project"]
    engine.has("releases", {project: ["sha256:release"]})

    first, second = cli.document("reset", "--yes"), cli.document("reset", "--yes")

    assert first == {"stopped": True, "deleted": True}
    assert second == {"stopped": False, "deleted": False}
    assert engine.get("volumes") == []
    assert engine.get("releases") == {}
    assert {path.name for path in cli.state.iterdir()} == {"warden.lock"}


def test_reset_deletes_nothing_while_the_volumes_cannot_be_deleted(cli: Cli, engine: Engine) -> None:
    start(cli)
    cli.run("down")
    engine.has("broken", "Cannot connect to the Docker daemon")
    done = cli.run("reset", "--yes")
    assert done.returncode == 1
    assert "cannot be deleted" in done.stderr
    assert (cli.state / "docker" / "secrets" / "postgres-superuser").exists()


def test_secrets_are_the_containers_own_and_made_once(cli: Cli, engine: Engine) -> None:
    start(cli)
    secrets = cli.state / "docker" / "secrets"
    made = {file.name: file.read_bytes() for file in secrets.iterdir()}
    owner = 999 if os.geteuid() == 0 else os.geteuid()
    assert {"postgres-superuser", "grafana-admin", "key-tiny.jwk"} <= set(made)
    assert {file.stat().st_mode & 0o777 for file in secrets.iterdir()} == {0o600}
    assert {file.stat().st_uid for file in secrets.iterdir()} == {owner}
    assert secrets.stat().st_mode & 0o777 == 0o700

    cli.run("down")
    start(cli)

    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == made
    assert engine.get("info") == []


def test_an_engine_that_maps_users_has_open_files_in_a_closed_folder(cli: Cli, engine: Engine) -> None:
    engine.has("info", {"MemTotal": 8 << 30, "SecurityOptions": ["name=rootless"]})
    start(cli)
    secrets = cli.state / "docker" / "secrets"
    assert {file.stat().st_mode & 0o777 for file in secrets.iterdir()} == {0o644}
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_images_are_built_anew_only_when_a_file_in_them_or_the_image_changed(cli: Cli, engine: Engine) -> None:
    def built() -> int:
        cli.run("down")
        start(cli)
        return engine.calls.count("build")

    source = cli.checkout.root / "services" / "tiny" / "src" / "tiny.py"
    assert built() == 1
    assert built() == 1
    source.write_text(source.read_text() + "# changed\n")
    assert built() == 2
    (cli.checkout.root / "services" / "tiny" / "README.md").write_text("no part of the image")
    assert built() == 2
    engine.has("images", engine.get("images") | {"tiny:dev": "sha256:another"})
    assert built() == 3


def test_what_a_part_is_given_by_the_settings_goes_to_its_container(cli: Cli, engine: Engine) -> None:
    cli.state.mkdir()
    (cli.state / "config.toml").write_text('[environment.tiny]\nA = "$b"\n[environment.lens]\nC = "d"\n')
    start(cli)
    overrides = json.loads((cli.state / "docker" / "compose.override.json").read_text())
    assert overrides == {"services": {"tiny": {"environment": {"A": "$$b"}}}}
    assert engine.get("containers")


@pytest.mark.parametrize("part", ["tiny", "tiny-migrate"])
def test_a_part_that_ends_shows_its_last_lines_and_undoes_the_start(cli: Cli, engine: Engine, part: str) -> None:
    engine.has("states", {part: {"Status": "exited", "ExitCode": 3}})

    done = cli.run(*UP, "--port-base", str(cli.base))

    assert done.returncode == 1
    assert "the reason of the crash" in done.stderr
    assert f"{part} ended with exit code 3" in done.stderr
    assert str(cli.state / "docker" / "logs" / f"{part}.log") in done.stderr
    assert engine.get("containers") == []
    assert cli.run("status").returncode == 1


def test_run_is_refused_with_what_to_do_instead(cli: Cli, engine: Engine) -> None:
    start(cli)
    done = cli.run("run", "tiny")
    assert done.returncode == 1
    assert "docker compose --project-name pharos-" in done.stderr
    assert done.stderr.rstrip().endswith("--no-deps tiny")
    assert engine.calls.count("up") == 1


def test_attached_it_follows_the_logs_and_stops_all_on_interrupt(cli: Cli, engine: Engine) -> None:
    process = cli.start(*UP, "--attach", "--port-base", str(cli.base), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert any("a line of the service" in line for line in process.stdout)

    process.send_signal(signal.SIGINT)

    assert process.wait(30) == 0
    assert engine.get("containers") == []
