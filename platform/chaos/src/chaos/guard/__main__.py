"""``python -m chaos.guard``: holds what is to be undone, and undoes it when its standard input ends."""

import signal
import sys
from typing import BinaryIO

from chaos.guard.protocol import Done, Hold, decode_request, encode
from chaos.guard.undo import Undo, perform
from pharos.errors import CliError
from warden.errors import WardenError


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Until the requests end; then undo all that is held, the latest first."""
    held: dict[int, Undo] = {}
    for line in requests:
        request = decode_request(line)
        error = ""
        if isinstance(request, Hold):
            held[request.number] = request.undo
        else:
            error = _undo(held.pop(request.number))
        answers.write(encode(Done(request.number, error)) + b"\n")
        answers.flush()
    for undo in reversed(list(held.values())):
        if failure := _undo(undo):
            print(f"chaos: {undo} could not be undone: {failure}", file=sys.stderr)  # noqa: T201


def _undo(undo: Undo) -> str:
    """What went wrong, empty if nothing: one that fails must not keep the others from being undone."""
    try:
        perform(undo)
    except (OSError, ValueError, CliError, WardenError) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when the run has, and not before
    serve(sys.stdin.buffer, sys.stdout.buffer)
