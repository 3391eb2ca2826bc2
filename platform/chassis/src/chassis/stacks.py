"""What the process is doing, written to standard error when a signal asks for it.

The stacks of its threads are written by the interpreter itself, also while the event loop is blocked; those of its
tasks by the event loop, if it turns.
"""

import asyncio
import faulthandler
import signal
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO

THREADS: Final = signal.SIGUSR1
TASKS: Final = signal.SIGUSR2


def answer_for_threads() -> None:
    """From now on write the stacks of all threads on SIGUSR1."""
    faulthandler.register(THREADS)


def answer_for_tasks() -> None:
    """From now on write the stacks of the running loop's tasks on SIGUSR2."""
    asyncio.get_running_loop().add_signal_handler(TASKS, write_tasks, sys.stderr)


def write_tasks(stream: TextIO) -> None:
    """Write where each task of the running loop waits, those that wait alike only once."""
    places: dict[tuple[str, ...], list[str]] = {}
    for task in asyncio.all_tasks():
        places.setdefault(tuple(_waits(task.get_coro())), []).append(task.get_name())
    for lines, names in places.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        stream.write("\n".join((f"Task {names[0]}{more} (most recent call first):", *reversed(lines), "")))
    stream.flush()


def _waits(awaited: Any) -> Iterator[str]:
    """The coroutines from the task's own to the one that waits, as the interpreter writes the frames of threads."""
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        yield f'  File "{frame.f_code.co_filename}", line {frame.f_lineno} in {frame.f_code.co_name}'
        awaited = awaited.cr_await
