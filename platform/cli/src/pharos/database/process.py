"""Running a program with lines of input, or for the lines of its output; it never outlives the one who asked."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pharos.database.errors import ToolFailed

_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Command:
    """A program to be run; `name` is what its errors call it."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path


def run(command: Command, lines: Iterable[bytes] = ()) -> bytes:
    """Run a program on these lines of input; its output.

    Raises:
        ToolFailed: it ended with an error.
    """
    with _running(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):  # it ended early; its own words say why
            for line in lines:
                process.stdin.write(line)
            process.stdin.flush()
        with suppress(BrokenPipeError):
            process.stdin.close()
        return process.stdout.read()


def output_of(command: Command) -> Iterator[bytes]:
    """The lines that a program writes.

    Raises:
        ToolFailed: it ended with an error.
    """
    with _running(command, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        yield from process.stdout


@contextmanager
def _running(command: Command, *, stdin: int) -> Iterator["subprocess.Popen[bytes]"]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - the words are ours
            command.words, env=dict(command.environment), cwd=command.folder,
            stdin=stdin, stdout=subprocess.PIPE, stderr=said,
        )  # fmt: skip
        try:
            yield process
            code = process.wait()
        finally:
            process.kill()
            for stream in filter(None, (process.stdin, process.stdout)):
                with suppress(BrokenPipeError):
                    stream.close()
            process.wait()
        if code:
            raise ToolFailed(f"{command.name} failed: {_reason(said)}", "see whether all is well: ./just status")


def _reason(said: IO[bytes]) -> str:
    """The error among what was said, else the last line."""
    said.seek(0)
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    words = next((line for line in lines if "ERROR:" in line or "FATAL:" in line), lines[-1] if lines else "no word")
    return words.partition("ERROR:  ")[2][:_SHOWN] or words[:_SHOWN]
