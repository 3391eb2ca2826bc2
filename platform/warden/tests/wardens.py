"""Wardens as real processes, for one state folder."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from chassis.discovery import Instance, parse_endpoints
from warden.layout import StateFolder
from warden.leftovers import end_leftovers
from warden.ports import is_free
from warden.progress import Event, Failed, PartProgress, Ready, decoder
from warden.record import PartRecord, read_parts


def free_base() -> int:
    bases = [base for base in range(20_000, 60_000, 100) if all(is_free(base + offset) for offset in range(30))]
    return random.choice(bases)


@dataclass
class Running:
    """A warden, and the pipe it reports on."""

    child: "subprocess.Popen[bytes]"
    pipe: int

    def events(self) -> list[Event]:
        """All it reports until it is ready or has failed."""
        with os.fdopen(self.pipe, "rb") as stream:
            return [decoder.decode(line) for line in stream]

    def ready(self) -> list[PartProgress]:
        *parts, last = self.events()
        assert isinstance(last, Ready), last
        return [part for part in parts if isinstance(part, PartProgress)]

    def failed(self) -> Failed:
        last = self.events()[-1]
        assert isinstance(last, Failed), last
        assert self.child.wait(20) == 1
        return last

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.child.send_signal(number)
        return self.child.wait(20)


@dataclass
class Wardens:
    root: Path
    folder: Path
    base: int = field(default_factory=free_base)
    started: list[Running] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=lambda: {"PHAROS_PROMETHEUS": "off"})

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.folder)

    def start(self, *options: str) -> Running:
        reading, writing = os.pipe()
        command = [
            *(sys.executable, "-m", "warden", "--root", str(self.root), "--state", str(self.folder)),
            *("--port-base", str(self.base), "--progress", str(writing), *options),
        ]
        self.folder.mkdir(exist_ok=True)
        environment = {**os.environ, **self.environment}
        with (self.folder / "stderr").open("ab") as errors:
            child = subprocess.Popen(
                command, env=environment, pass_fds=(writing,), stderr=errors, start_new_session=True
            )
        os.close(writing)
        running = Running(child, reading)
        self.started.append(running)
        return running

    def records(self) -> dict[str, PartRecord]:
        return {record.instance: record for record in read_parts(self.state)}

    def endpoints(self) -> tuple[Instance, ...]:
        return parse_endpoints(self.state.endpoints.read_bytes()).services.get("tiny", ())

    def answers(self, instance: Instance) -> int:
        """The pid that answers there."""
        with urllib.request.urlopen(instance.url, timeout=2) as answer:
            return int(answer.read())

    def journal(self) -> list[tuple[str, str]]:
        lines = self.state.journal.read_text().splitlines()
        return [(entry["event"], entry["instance"]) for entry in map(json.loads, lines)]

    def end_all(self) -> None:
        for running in self.started:
            if running.child.poll() is None:
                running.end()
        asyncio.run(end_leftovers(self.state))
