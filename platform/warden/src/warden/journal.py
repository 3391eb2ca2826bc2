"""The journal: what warden saw, decided and did, and why; a JSON document a line, kept over restarts.

Whoever wants to know what happened reads it with `read_entries` or `JournalTail`; `./just journal` shows it.
The events of one recovery share `instance` and `fault`: what was seen (`exited`, `hung`, …), then `started`, then
`ready`, whose `details["seconds"]` is the time since the fault was noticed.

| event | when | fault, action |
|---|---|---|
| `started` `adopted` `ready` | a process was started, taken over, seen ready again | the fault it ends |
| `up` | a process is ready as part of the start of the whole system, or of a release | |
| `exited` | a process ended by itself or by somebody else's signal | `exit`, `restart` |
| `hung` | liveness failed often enough | `hang`, `restart` |
| `dumped` | what a hung process was doing was written down: `details` | `hang` |
| `swollen` | memory or descriptors near their limit; `details` has the trend | `memory`, `descriptors`; `restart` |
| `unready` | alive, but not ready | `dependency` or `unready`, `hold` |
| `degraded` | its errors or its latency stand out; or it is unready until it is restarted | the fault, `restart` |
| `ejected` `restored` | taken out of balancing, brought back | the fault |
| `deferred` | something was to be done, and had to wait: the reason says for what | the fault, `hold` |
| `stopped` | we ended it, or it was killed because it did not end | the fault, empty on `down` |
| `failed` `skipped` | a start failed; an optional part is left out | |
| `quarantined` `resumed` | restarts are over; somebody lifted that | `crash-loop`, `quarantine` |
| `suspected` | so much looks unhealthy that warden suspects itself and leaves everything alone | `fleet`, `page` |
| `deployed` | a release has taken the place of what served; `instance` is the service | |
| `trial-passed` | a release on trial did as well as the one before; in containers `pharos` goes on from there | |
| `rolling-back` | a release was found to be worse than the one before, or did not start | `release`, `rollback` |
| `rolled-back` | the release before serves alone again; without fault if somebody asked for it | `release` |
| `paged` `resolved` | the owner was written to; the cause is over | the fault, `page` |
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from loguru import logger

from warden import names
from warden.logs import rotate

_MAX_BYTES = 5 * 1024 * 1024

Fault = Literal[
    "", "exit", "hang", "memory", "descriptors", "dependency", "unready", "errors", "latency", "crash-loop",
    "release", "fleet", "alert",
]  # fmt: skip
Action = Literal["", "start", "restart", "hold", "eject", "restore", "quarantine", "resume", "page", "rollback"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the journal.

    Attributes:
        time: Unix time, seconds.
        event: one of the table above.
        instance: the replica, such as `orders-1`; the part's name where it has no replicas.
        service: the part it belongs to.
        owner: whoever its service.toml names.
        fault: the kind of fault it is about; empty for ordinary life.
        action: what was decided; empty where nothing was.
        reason: in words.
        trace_id: the trace of the decision's span `warden.recovery`.
        details: figures of the event: `pid`, `code`, `after`, `seconds`, …
    """

    time: float
    event: str
    instance: str = ""
    service: str = ""
    owner: str = ""
    fault: Fault = ""
    action: Action = ""
    reason: str = ""
    trace_id: str = ""
    span_id: str = ""
    details: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(Entry)


@dataclass(frozen=True, slots=True)
class Journal:
    """Appends to one file and says the same in warden's log."""

    path: Path

    def write(
        self, event: str, instance: str, reason: str, fault: Fault = "", service: str = "", **details: Any
    ) -> None:
        """Record an event that nobody had to decide."""
        self.append(
            Entry(
                time=time.time(), event=event, instance=instance, reason=reason, fault=fault,
                service=service or instance, details=details,
            )
        )  # fmt: skip

    def append(self, entry: Entry) -> None:
        """Record an event.

        A full disk must neither end supervision nor keep anything from being stopped: the entry is lost then.
        """
        try:
            rotate(self.path, max_bytes=_MAX_BYTES, kept=1)
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(entry, enc_hook=str) + b"\n")
        except OSError as error:
            logger.error("the journal could not be written: {}", error)
        said = {
            names.RECOVERY_EVENT: entry.event, names.RECOVERY_FAULT: entry.fault, names.RECOVERY_ACTION: entry.action,
            names.RECOVERY_INSTANCE: entry.instance, names.RECOVERY_SERVICE: entry.service,
            names.RECOVERY_OWNER: entry.owner, names.RECOVERY_REASON: entry.reason,
        }  # fmt: skip
        logger.bind(**said).info("{} {}: {}", entry.instance, entry.event, entry.reason)


def read_entries(path: Path, *, since: float = 0.0) -> list[Entry]:
    """The entries from `since` (Unix time) on, oldest first; those that were rotated away are among them.

    A line that is none, such as the half that a power loss leaves, is passed over.
    """
    files = (path.with_name(f"{path.name}.1"), path)
    found = [entry for file in files if file.exists() for entry in decoded(file.read_bytes())]
    return [entry for entry in found if entry.time >= since]


class JournalTail:
    """What is written from now on: each `read` returns the entries since the last one."""

    def __init__(self, path: Path) -> None:
        """Begin at the present end of the journal at `path`."""
        self._path = path
        self._position = self._size()

    def read(self) -> list[Entry]:
        """The new entries, empty if there are none."""
        if self._size() < self._position:  # rotated
            self._position = 0
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._position)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._position += len(whole) + len(newline)
        return list(decoded(whole))

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0


def decoded(content: bytes) -> Iterator[Entry]:
    """The entries of these lines; a line that is none is passed over."""
    for line in content.splitlines():
        try:
            yield _decoder.decode(line)
        except msgspec.DecodeError:
            continue
