"""How PostgreSQL, which refuses to run as root, is run by root without an account of its own."""

import os
import shutil
import subprocess
import sys
from functools import cache

from warden.errors import RootRefused

NOBODY = 65534

_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
_CAPABILITIES = "+dac_override,+dac_read_search,+fowner"
_DROPPED = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    f"--inh-caps={_CAPABILITIES}",
    f"--ambient-caps={_CAPABILITIES}",
)


@cache
def unprivileged() -> tuple[str, ...]:
    """The words to put before a command that must not run as root; none for an ordinary user.

    A user namespace mapped to nobody is preferred: files stay root's. Where namespaces are forbidden, the uid is
    dropped and the right to reach files below a closed home folder is kept.

    Raises:
        RootRefused: neither is permitted.
    """
    if os.geteuid() != 0:
        return ()
    for prefix in (_NAMESPACE, _DROPPED):
        if _works(prefix):
            return prefix
    raise RootRefused(
        "PostgreSQL does not run as root, and this machine permits neither a user namespace nor a change of user",
        "run this as an ordinary user, or install util-linux (unshare, setpriv)",
    )


def owner_needed() -> int | None:
    """The uid that must own PostgreSQL's files, where it is not ours."""
    return NOBODY if unprivileged()[:1] == _DROPPED[:1] else None


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    attempt = [*prefix, sys.executable, "-S", "-c", "import os; raise SystemExit(os.geteuid() == 0)"]
    return subprocess.run(attempt, check=False, capture_output=True, timeout=10).returncode == 0  # noqa: S603
