"""The run's side of its guard."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from types import TracebackType
from typing import Final, Self

from chaos.errors import ChaosError
from chaos.guard.protocol import Hold, Release, Request, decode_done, encode
from chaos.guard.undo import Undo

_END_S: Final = 10.0


class Guard:
    """A context manager; while it lasts, a process of its own holds what is to be undone.

    That process has a session of its own, so that Ctrl-C does not reach it; a pipe tells it of the end of this one.
    """

    def __init__(self) -> None:
        self._numbers = count(1)

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "chaos.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child.stdin is not None
        with suppress(BrokenPipeError):  # it was killed; who asked it for something has been told
            self._child.stdin.close()
        self._child.wait(_END_S)
        assert self._child.stdout is not None
        self._child.stdout.close()

    @property
    def pid(self) -> int:
        """The guard's process."""
        return self._child.pid

    @contextmanager
    def holding(self, undo: Undo) -> Iterator[None]:
        """It is undone at the end of the block, or at the end of this process if that comes first.

        Raises:
            ChaosError: the guard is gone, so nothing may be done that it would have to undo; or it could not be undone.
        """
        number = next(self._numbers)
        self._ask(Hold(number, undo))
        try:
            yield
        finally:
            self._ask(Release(number))

    def _ask(self, request: Request) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.write(encode(request) + b"\n")
            self._child.stdin.flush()
            answer = self._child.stdout.readline()
        except OSError:
            answer = b""
        if not answer:
            raise ChaosError("the process that undoes faults has ended", "look at what runs: ./just status")
        if failure := decode_done(answer).error:
            raise ChaosError(f"a fault could not be undone: {failure}", "look at what runs: ./just status")
