"""Calling ``docker compose`` for one system."""

import hashlib
import os
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from pharos.docker.engine import call, command, own_environment
from pharos.docker.model import Model
from warden.layout import StateFolder

DEFAULT_PROJECT = "pharos"
_PATIENCE = 10.0  # seconds for a call to end


@dataclass(frozen=True, slots=True)
class Compose:
    """The ``compose.yaml`` of a checkout with the settings of one system."""

    root: Path
    project: str
    settings: Path  # an environment file
    overrides: Path  # a second compose file; neither needs to be there
    extra: tuple[Path, ...] = ()  # further ones

    @property
    def toxiproxy(self) -> Path:
        """Toxiproxy's configuration; where there is one, ``compose.chaos.yaml`` counts, too."""
        return self.overrides.with_name("chaos") / "proxies.json"

    def arguments(self, *arguments: str) -> list[str]:
        """The arguments for ``docker``; people can use them as well."""
        files = [self.root / "compose.yaml"]
        files += [self.root / "compose.chaos.yaml"] * self.toxiproxy.exists()
        files += [self.overrides] * self.overrides.exists()
        files += self.extra
        settings = ["--env-file", str(self.settings)] if self.settings.exists() else []
        return [
            *("compose", "--project-name", self.project, "--project-directory", str(self.root)),
            *(word for file in files for word in ("--file", str(file))),
            *settings,
            *arguments,
        ]

    def beside(self, name: str) -> "Compose":
        """With one more compose file, beside the second one."""
        return replace(self, extra=(*self.extra, self.overrides.with_name(f"compose.{name}.json")))

    def call(self, *arguments: str, timeout: float) -> str:
        """What a call writes to standard output.

        Raises:
            DockerError: it failed, or took longer than ``timeout`` seconds.
        """
        return call(*self.arguments(*arguments), timeout=timeout, folder=self.root, environment=own_environment())

    def start(self, *arguments: str, output: int) -> "subprocess.Popen[bytes]":
        """Begin a call that is not hit by a Ctrl-C meant for us; what it says goes to a descriptor."""
        return subprocess.Popen(  # noqa: S603 - the arguments are ours
            command(*self.arguments(*arguments)),
            cwd=self.root,
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def model(self) -> Model:
        """What the file says.

        Raises:
            DockerError: it cannot be read, or is wrong.
        """
        return msgspec.json.decode(self.call("config", "--format", "json", timeout=60), type=Model)


def compose_of(folder: StateFolder, root: Path) -> Compose:
    """Compose for the system of a state folder."""
    kept = folder.docker.path
    return Compose(root, project_name(folder, root), kept / "compose.env", kept / "compose.override.json")


def project_name(folder: StateFolder, root: Path) -> str:
    """``pharos`` for the checkout's own folder; others differ by their path, so that two never meet."""
    if folder.path == (root / ".pharos").resolve():
        return DEFAULT_PROJECT
    return f"{DEFAULT_PROJECT}-{hashlib.sha256(str(folder.path).encode()).hexdigest()[:8]}"


def end_call(process: "subprocess.Popen[bytes]") -> None:
    """End a call that has a session of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
