"""Calling the ``docker`` command, and what it means when it fails."""

import itertools
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from pharos.errors import CliError

CALL_SECONDS = 60.0
_SHOWN = 300
_ENGINE = ("daemon", "docker api", "docker.sock")
_NO_ANSWER = ("cannot connect to the docker daemon", "failed to connect to the docker", "error during connect")
_FOREIGN = frozenset(
    {"COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME", "COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE"}
)
_WITHOUT = "or do without an engine: ./just up --embedded"


class DockerError(CliError):
    """The ``docker`` command failed; the message has its own words."""

    reason = "docker-failed"


class DockerMissing(DockerError):
    """There is no ``docker`` command."""

    reason = "docker-missing"

    def __init__(self) -> None:
        """The way out is the same for everyone."""
        super().__init__("the docker command is not on the PATH", f"install Docker and its compose plugin, {_WITHOUT}")


class EngineUnreachable(DockerError):
    """The command is there, but no engine answers it, or not to this user."""

    reason = "engine-unreachable"


class Info(msgspec.Struct, frozen=True, rename="pascal"):
    """What the engine says of itself, as far as it matters here."""

    mem_total: int = 0  # bytes
    docker_root_dir: str = ""
    security_options: list[str] | None = None
    server_errors: list[str] | None = None

    @property
    def remaps_users(self) -> bool:
        """Whether a container's user is another one outside of it: with a rootless engine, or with user namespaces."""
        names = {option.partition(",")[0] for option in self.security_options or []}
        return bool(names & {"name=rootless", "name=userns"})


def call(
    *arguments: str,
    timeout: float = CALL_SECONDS,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    both: bool = False,
) -> str:
    """What a call of ``docker`` writes to standard output, or to ``both`` outputs.

    Raises:
        DockerError: it is not there, failed, or took longer than ``timeout`` seconds.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours
            command(*arguments),
            cwd=folder,
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if both else subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise DockerMissing from None
    except subprocess.TimeoutExpired:
        raise DockerError(
            f"docker {arguments[0]} did not answer within {timeout:g} s", "see whether the engine is well: docker info"
        ) from None
    if done.returncode:
        raise failure(arguments, done.stderr or done.stdout)
    return done.stdout


def command(*arguments: str) -> list[str]:
    """The command line of a call."""
    return ["docker", *arguments]


def info() -> Info:
    """Ask the engine about itself.

    Raises:
        DockerError: it does not answer.
    """
    said = msgspec.json.decode(call("info", "--format", "{{json .}}"), type=Info)
    if said.server_errors:
        raise failure(["info"], said.server_errors[0])
    return said


def failure(arguments: Sequence[str], said: str) -> DockerError:
    """The error that fits what ``docker`` said on standard error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it gave no reason"]
    words = said.lower()
    if "permission denied" in words and any(sign in words for sign in _ENGINE):
        return EngineUnreachable(
            "this user may not talk to the Docker engine",
            f"have it added to the group docker and log in again, {_WITHOUT}",
        )
    if any(sign in words for sign in _NO_ANSWER):
        return EngineUnreachable(f"no Docker engine answers: {lines[-1][:_SHOWN]}", f"start it, {_WITHOUT}")
    verb = " ".join(itertools.takewhile(lambda word: word.isalpha(), arguments[:2]))
    return DockerError(f"docker {verb} failed: {lines[-1][:_SHOWN]}", "correct that, then try again")


def own_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The user's environment without what would change what ``compose.yaml`` means."""
    return {name: value for name, value in environ.items() if name not in _FOREIGN and not name.startswith("PHAROS_")}
