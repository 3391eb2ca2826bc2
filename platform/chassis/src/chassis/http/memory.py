"""How much memory the process may have and has."""

import os
from collections.abc import Callable
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def memory_share(configured: int | None, *, cgroup: Path = CGROUP_LIMIT) -> Callable[[], float]:
    """What tells the resident memory as a share of its limit; always 0 where there is no limit.

    Args:
        configured: bytes; without it the container's limit counts, if it has one.
        cgroup: the file with the container's limit.
    """
    limit = configured or _limit_of(cgroup)
    if limit is None:
        return lambda: 0.0
    return lambda: resident_bytes() / limit


def resident_bytes() -> int:
    """The resident memory of this process; 0 where the system does not tell."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE
    except OSError:
        return 0


def _limit_of(cgroup: Path) -> int | None:
    try:
        text = cgroup.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() and int(text) > 0 else None
