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
