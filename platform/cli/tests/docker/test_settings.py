"""What compose.yaml is told, what docker's words mean, and small decisions."""

import json
import socket
from pathlib import Path

import pytest

from pharos.docker.at_hand import engine_at_hand
from pharos.docker.built import digest_of
from pharos.docker.checks import compose_version
from pharos.docker.compose import project_name
from pharos.docker.engine import Info, own_environment
from pharos.docker.images import part_of
from pharos.docker.settings import Reader, file_of, reader, variables
from pharos.docker.socket import EngineSocket, socket_of
from warden.config import Config, Retention
from warden.decide.figures import Figures
from warden.layout import Ports, StateFolder

WHO = Reader(1000, 1000, 0o600)
ENGINE = EngineSocket("/run/user/1000/docker.sock", 998)


def test_every_variable_of_the_checkouts_compose_file_that_a_system_differs_by_is_given() -> None:
    retention = Retention(traces="3d", logs="24h", metrics="15d", metrics_size="2GB")
    given = variables(
        Ports(7700),
        Path("/state/secrets"),
        WHO,
        ENGINE,
        Config(retention=retention, recovery=Figures(restarts=9)),
        environ={},
    )
    files = (Path(__file__).parents[4] / name for name in ("compose.yaml", "compose.chaos.yaml"))
    text = "".join(file.read_text() for file in files)
    assert {name for name in given if f"${{{name}:-" in text} == set(given)
    assert (given["PHAROS_EDGE_PORT"], given["PHAROS_COLLECTOR_HEALTH_PORT"]) == ("7700", "7713")
    assert (given["PHAROS_TRACES_RETENTION"], given["PHAROS_METRICS_RETENTION"]) == ("72h", "360h")
    assert (given["PHAROS_UID"], given["PHAROS_GID"]) == ("1000", "1000")
    assert json.loads(given["PHAROS_RECOVERY"]) == {"restarts": 9}
    assert (given["PHAROS_DOCKER_SOCKET"], given["PHAROS_DOCKER_GROUP"]) == ("/run/user/1000/docker.sock", "998")


def test_what_is_not_set_is_left_to_the_file_and_a_few_variables_of_the_user_are_passed_on() -> None:
    environ = {"PHAROS_LOG_LEVEL": "DEBUG", "PHAROS_STATE": "/x", "HOME": "/root"}
    given = variables(Ports(7700), Path("/s"), WHO, ENGINE, Config(), environ=environ)
    assert given["PHAROS_LOG_LEVEL"] == "DEBUG"
    assert not {name for name in given if "RETENTION" in name or name in {"PHAROS_STATE", "HOME"}}


def test_a_value_is_quoted_so_that_nothing_in_it_is_expanded() -> None:
    assert "PHAROS_SECRETS='/it\\'s $HOME'\n" in file_of({"PHAROS_SECRETS": "/it's $HOME"})


def test_compose_does_not_see_what_would_change_the_file() -> None:
    environ = {"COMPOSE_FILE": "other.yaml", "PHAROS_EDGE_PORT": "1", "DOCKER_HOST": "unix:///x", "PATH": "/bin"}
    assert own_environment(environ) == {"DOCKER_HOST": "unix:///x", "PATH": "/bin"}


@pytest.mark.parametrize(
    ("uid", "remapped", "expected"),
    [(0, False, (999, 0o600)), (1000, False, (1000, 0o600)), (1000, True, (999, 0o644)), (0, True, (999, 0o644))],
)
def test_containers_run_as_one_who_can_read_the_secrets(uid: int, expected: tuple[int, int], *, remapped: bool) -> None:
    who = reader(uid, uid, remapped=remapped)
    assert (who.uid, who.gid, who.mode) == (expected[0], expected[0], expected[1])


@pytest.mark.parametrize(
    ("options", "remaps"),
    [([], False), (["name=seccomp,profile=default"], False), (["name=rootless"], True), (["name=userns"], True)],
)
def test_an_engine_that_maps_users_is_known_by_its_options(options: list[str], *, remaps: bool) -> None:
    assert Info(security_options=options).remaps_users is remaps


def test_the_checkouts_own_system_has_the_plain_name_and_any_other_one_of_its_own(tmp_path: Path) -> None:
    names = [
        project_name(StateFolder(path), tmp_path) for path in (tmp_path / ".pharos", tmp_path / "a", tmp_path / "b")
    ]
    assert names[0] == "pharos"
    assert len(set(names)) == 3
    assert all(name.startswith("pharos-") and len(name) == len("pharos-") + 8 for name in names[1:])


@pytest.mark.parametrize(
    ("said", "version"), [("2.24.0", (2, 24)), ("v2.40.3-desktop.1", (2, 40)), ("5.6.0", (5, 6)), ("dev", (0, 0))]
)
def test_a_version_of_compose_is_read_in_every_spelling(said: str, version: tuple[int, int]) -> None:
    assert compose_version(said) == version


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("#12 [orders stage-2 1/2] RUN --mount=type=bind uv pip install", "orders"),
        ("#12 [orders 2/3] COPY a b", "orders"),
        ("#5 [uv 1/3] FROM docker.io/library/python:3.11-slim-bookworm", ""),
        ("#5 [orders internal] load build definition from Dockerfile", ""),
        ("#12 0.345 Downloading", ""),
    ],
)
def test_the_part_is_read_from_the_lines_of_a_build(line: str, part: str) -> None:
    assert part_of(line, ["orders"]) == part


def test_without_a_list_of_what_goes_into_images_nothing_is_known_of_them(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").touch()
    assert digest_of(tmp_path, []) is None
    (tmp_path / ".dockerignore").write_text("node_modules\n")
    assert digest_of(tmp_path, []) is None
    (tmp_path / ".dockerignore").write_text("# all but\n*\n!src\n")
    assert digest_of(tmp_path, []) is not None


def test_an_engine_is_at_hand_when_its_command_is_there_and_its_socket_is_served(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.touch(mode=0o755)
    place = tmp_path / "s"
    environ = {"PATH": str(tmp_path), "DOCKER_HOST": f"unix://{place}"}
    assert not engine_at_hand(environ)
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(place))
        assert not engine_at_hand(environ)
        engine.listen()
        assert engine_at_hand(environ)
        assert not engine_at_hand(environ | {"PATH": "/nowhere"})
        assert not engine_at_hand(environ | {"DOCKER_HOST": "tcp://10.0.0.1:2375"})


def test_containers_are_given_the_socket_that_docker_uses_and_the_group_that_may_use_it(tmp_path: Path) -> None:
    place = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(place))
        found = socket_of(f"unix://{place}", remapped=False)
    assert found == EngineSocket(str(place), place.stat().st_gid)
    assert socket_of(f"unix://{place}", remapped=True).group == 0


@pytest.mark.parametrize("host", ["tcp://10.0.0.1:2375", "ssh://somebody@host", "unix:///nowhere/docker.sock", ""])
def test_an_engine_elsewhere_has_its_socket_where_all_have_it(host: str) -> None:
    assert socket_of(host, remapped=False) == EngineSocket("/var/run/docker.sock", 0)
