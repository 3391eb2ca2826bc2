"""One warden a state folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from warden.errors import AlreadyRunning
from warden.files import private_folder
from warden.layout import StateFolder


@contextmanager
def hold(state: StateFolder) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets it go however the process ends.

    Raises:
        AlreadyRunning: another process holds it.
    """
    private_folder(state.path)
    descriptor = os.open(state.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"another start is at work on {state.path}, or what it started runs",
                "wait for it, or stop it with: ./just down",
            ) from None
        yield
    finally:
        os.close(descriptor)
