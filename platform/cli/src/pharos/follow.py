"""``up --attach``: every part's log as it is written, until Ctrl-C, which stops the system."""

import time
from pathlib import Path

from pharos.console import note
from pharos.docker.system import DockerSystem
from pharos.ending import end
from pharos.errors import CliError
from pharos.state import System

_LOOK_SECONDS = 0.3


class Tails:
    """The ends of all log files in a folder; files that appear or are truncated later are followed too."""

    def __init__(self, folder: Path) -> None:
        """Begin at the present end of each file."""
        self._folder = folder
        self._read = {file: file.stat().st_size for file in folder.glob("*.log")}

    def lines(self) -> list[tuple[str, str]]:
        """What was written since the last look, each with the part's name."""
        found = []
        for file in sorted(self._folder.glob("*.log")):
            position = self._read.get(file, 0)
            if file.stat().st_size < position:
                position = 0
            with file.open("rb") as stream:
                stream.seek(position)
                whole = stream.read().rpartition(b"\n")[0]
            if whole:
                self._read[file] = position + len(whole) + 1
                found += [(file.stem, line) for line in whole.decode(errors="replace").splitlines()]
        return found


def follow(system: System) -> None:
    """Print log lines until Ctrl-C, then stop the system.

    Raises:
        CliError: the system was ended by somebody else.
    """
    if isinstance(system, DockerSystem):
        from pharos.docker.follow import follow_containers  # noqa: PLC0415 - in Docker mode only

        follow_containers(system)
        return
    tails = Tails(system.folder.logs)
    note("following the logs; Ctrl-C stops everything")
    try:
        while system.record.alive:
            for part, line in tails.lines():
                print(f"{part:<16} | {line}", flush=True)
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        note("stopping …")
        end(system.folder)
        return
    raise CliError("the system was stopped, or its warden ended", "see: ./just status")
