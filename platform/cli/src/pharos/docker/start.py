"""Starting the containers and waiting until every part is ready."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from pharos.docker.choice import Choice
from pharos.docker.compose import Compose, end_call
from pharos.docker.containers import Container, logs_of
from pharos.docker.engine import DockerError
from pharos.docker.probes import ask
from pharos.docker.readiness import Standing, failed, standing, unwell
from pharos.docker.system import own_containers
from pharos.errors import CliError
from warden.files import private_folder
from warden.layout import Ports
from warden.logs import open_log, tail
from warden.progress import State

READY_SECONDS = 600.0
"""How long a start may take altogether."""
STALLED_SECONDS = 120.0
"""How long nothing may change, before the start counts as failed."""
_LOOK_SECONDS = 0.4
_KEPT_LINES = 1000
_SHOWN_LINES = 15
Report = Callable[[str, State, str], None]


class PartFailed(CliError):
    """A part ended, or did not become ready in time."""

    reason = "part-failed"


class Start:
    """One start of the chosen parts."""

    def __init__(self, compose: Compose, choice: Choice, ports: Ports, logs: Path, report: Report) -> None:
        """``logs`` is the folder that keeps what a part wrote that failed."""
        self._compose = compose
        self._choice = choice
        self._ports = ports
        self._logs = private_folder(logs)
        self._report = report
        self._shown: dict[str, Standing] = {}
        self._before: set[tuple[str, str]] = set()  # ends of an earlier run
        self._ends: set[tuple[str, str]] = set()  # of this one, by the container and the time

    def run(self) -> None:
        """Start all and return when all of it is ready.

        Raises:
            PartFailed: a part failed, or does not become ready; others may run.
            DockerError: the engine does not answer any more.
        """
        self._before = {(one.id, one.finished) for one in own_containers(self._compose)}
        output = open_log(self._logs / "compose.log")
        os.truncate(output, 0)
        try:
            process = self._compose.start("up", *self._arguments(), output=output)
        finally:
            os.close(output)
        try:
            self._wait(process)
        finally:
            end_call(process)

    def _arguments(self) -> list[str]:
        scales = [f"--scale={part}={count}" for part, count in self._choice.parts.items() if count > 1]
        return ["--detach", "--no-build", "--pull=never", "--remove-orphans", *scales, *self._choice.parts]

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        began = changed = time.monotonic()
        while True:
            code = process.poll()
            found = own_containers(self._compose)
            standings = self._standings(found)
            if self._show(standings):
                changed = time.monotonic()
            if broken := failed(self._fresh(found), self._choice.model.jobs):
                raise self._failure(broken)
            if code:
                words = tail(self._logs / "compose.log", _SHOWN_LINES)
                raise PartFailed("docker compose up failed", f"see {self._logs / 'compose.log'}", log=words)
            if code == 0 and not found:
                raise PartFailed("the containers were removed by somebody else", "start again: ./just up --docker")
            if code == 0 and not unwell(standings):
                return
            if time.monotonic() > min(began + READY_SECONDS, changed + STALLED_SECONDS):
                raise self._too_late(time.monotonic() - began, standings, found)
            time.sleep(_LOOK_SECONDS)

    def _fresh(self, found: list[Container]) -> list[Container]:
        """Those that have not ended before this start, with how often they ended since: warden starts them again."""
        fresh = [one for one in found if (one.id, one.finished) not in self._before]
        self._ends |= {(one.id, one.finished) for one in fresh if one.kept and one.status in {"exited", "dead"}}
        ends = Counter(identifier for identifier, _ in self._ends)
        return [msgspec.structs.replace(one, restarts=max(one.restarts, ends[one.id])) for one in fresh]

    def _standings(self, found: list[Container]) -> dict[str, Standing]:
        by_part: dict[str, list[Container]] = {}
        for one in found:
            by_part.setdefault(one.part, []).append(one)
        lacks = ask([part for part in self._choice.parts if part in by_part], self._ports)
        return {
            part: standing(
                by_part.get(part, []),
                count,
                [job for name in self._choice.jobs_of(part) for job in by_part.get(name, [])],
                lacks.get(part),
            )
            for part, count in self._choice.parts.items()
        }

    def _show(self, standings: dict[str, Standing]) -> bool:
        """Report what has changed since the last time; whether anything has."""
        news = {part: one for part, one in standings.items() if self._shown.get(part) != one}
        for part, one in news.items():
            self._report(part, one.state, one.detail)
        self._shown |= news
        return bool(news)

    def _failure(self, broken: Container) -> PartFailed:
        times = f", {broken.restarts} times" if broken.restarts > 1 else ""
        how = f"with exit code {broken.exit_code}{times}"
        file, words = self._keep_log(broken)
        return PartFailed(f"{broken.part} ended {how}", f"see {file}", log=words)

    def _too_late(self, seconds: float, standings: dict[str, Standing], found: list[Container]) -> PartFailed:
        late = unwell(standings)
        first = next((one for one in found if one.part == late[0]), None)
        file, words = self._keep_log(first) if first else (self._logs / "compose.log", [])
        lacks = "; ".join(f"{part} ({standings[part].detail or standings[part].state})" for part in late)
        return PartFailed(f"not ready after {seconds:.0f} s: {lacks}", f"see {file}", log=words)

    def _keep_log(self, container: Container) -> tuple[Path, list[str]]:
        """Before the container goes, and its log with it."""
        file = self._logs / f"{container.part}.log"
        words: list[str] = []
        with suppress(DockerError):
            words = logs_of(container, _KEPT_LINES)
        file.write_text("\n".join(words) + "\n")
        return file, words[-_SHOWN_LINES:]
