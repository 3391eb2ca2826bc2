"""Starting a warden in a session of its own, and hearing how it gets on."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pharos.errors import CliError
from warden.environment import MARK
from warden.files import private_folder
from warden.layout import StateFolder
from warden.logs import open_log, tail
from warden.progress import Event, PartProgress, decoder


class WardenLost(CliError):
    """The warden ended without a word, and may have left what it had started."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A warden that is bringing the system up."""

    child: "subprocess.Popen[bytes]"
    pipe: int
    log: Path

    def events(self) -> Iterator[Event]:
        """What it says, until it is ready or has failed.

        Raises:
            WardenLost: it ended without a word.
        """
        last: Event | None = None
        with os.fdopen(self.pipe, "rb") as stream:
            for line in stream:
                last = decoder.decode(line)
                yield last
        if last is None or isinstance(last, PartProgress):
            words = tail(self.log, 3)
            raise WardenLost(f"warden ended unexpectedly: {' '.join(words)[-500:]}", f"see {self.log}")

    def give_up(self) -> None:
        """Have everything undone, and wait until it is."""
        self.child.terminate()
        self.child.wait()


def launch(
    state: StateFolder, root: Path, port_base: int, replicas: Mapping[str, int], *, chaos: bool = False
) -> Launch:
    """Start a warden; it lives on when this process ends, unless that is before it is ready.

    With `chaos`, services get a seam for faults.

    Raises:
        OSError: it could not be started.
    """
    private_folder(state.path)
    log = state.log("warden")
    output = open_log(log)
    reading, writing = os.pipe()
    command = [
        *(sys.executable, "-P", "-m", "warden"),
        *("--root", str(root), "--state", str(state.path), "--port-base", str(port_base), "--progress", str(writing)),
        *(f"--replicas={name}={count}" for name, count in replicas.items()),
        *["--chaos"] * chaos,
    ]
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            cwd=root,
            env={**os.environ, MARK: str(state.path)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(writing,),
            start_new_session=True,
        )
    finally:
        os.close(writing)
        os.close(output)
    return Launch(child, reading, log)
