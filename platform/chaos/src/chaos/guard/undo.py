"""What can be undone: data that goes over a pipe, and the one function that does it."""

import resource
import signal

import msgspec

from warden.identity import alive, signal_process


class Continue(msgspec.Struct, frozen=True, tag="continue"):
    """A process that was stopped (SIGSTOP) runs on."""

    pid: int
    birth: str


class Raise(msgspec.Struct, frozen=True, tag="raise"):
    """A process may write files as large as before (RLIMIT_FSIZE, bytes; -1 is no limit)."""

    pid: int
    birth: str
    soft: int
    hard: int


Undo = Continue | Raise


def perform(undo: Undo) -> None:
    """Undo it; what has ended meanwhile needs nothing."""
    match undo:
        case Continue(pid, birth):
            signal_process(pid, birth, signal.SIGCONT)
        case Raise(pid, birth, soft, hard):
            if alive(pid, birth):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
