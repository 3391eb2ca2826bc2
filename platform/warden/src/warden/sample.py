"""What a process holds, from /proc (proc(5))."""

import os
import resource
from pathlib import Path

from warden.decide.model import Sampled

_PAGE = resource.getpagesize()


def sample(instance: str, pid: int) -> Sampled:
    """Its resident memory and its file descriptors now.

    Raises:
        OSError: it is gone, or this system has no /proc.
    """
    folder = Path(f"/proc/{pid}")
    memory = int((folder / "statm").read_text().split()[1]) * _PAGE
    limit, _ = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    return Sampled(instance, memory, len(os.listdir(folder / "fd")), limit)  # noqa: PTH208 - counting needs no paths


def waited(pid: int) -> float:
    """Seconds for which the main thread of a process was ready to run and got no processor, since its start.

    The kernel's documentation, scheduler/sched-stats.rst: the second figure of /proc/PID/schedstat, in nanoseconds.
    Zero for a process that is gone, and on a kernel that does not count.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0
