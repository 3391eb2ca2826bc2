"""What the bootstrap steps share. Standard library only: nothing is installed yet when they run."""

import errno
import fcntl
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".pharos"
TOOLS = STATE / "tools"

_NETWORK_SIGNS = (
    "error sending request", "dns error", "failed to lookup", "connection refused", "network is unreachable",
    "temporary failure in name resolution", "failed to establish a new connection", "timed out",
    "name or service not known",    "could not connect", "no matching distribution found", "failed to fetch",
)  # fmt: skip
_DISK_SIGNS = ("no space left on device", "disk quota exceeded")


class BootstrapError(Exception):
    """A step failed; the message says what is wrong, the hint what to do."""

    def __init__(self, message: str, hint: str, output: str = "") -> None:
        """``output`` is what the failing command said."""
        super().__init__(message)
        self.hint = hint
        self.output = output


@contextmanager
def locked() -> Iterator[None]:
    """Let one bootstrap work on this checkout at a time; another waits here."""
    STATE.mkdir(mode=0o700, exist_ok=True)
    with (STATE / "bootstrap.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(command: Sequence[str | Path], what: str) -> None:
    """Run a command that installs something.

    Raises:
        BootstrapError: it failed; the error tells an unreachable index and a full disk from other failures.
    """
    environment = {**os.environ, **_for_uv(os.environ)}
    done = subprocess.run(  # our own commands
        [str(word) for word in command], check=False, text=True, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise _diagnose(what, done.stdout)


def replace_folder(finished: Path, place: Path) -> None:
    """Put a folder that is complete where one may stand."""
    old = place.with_name(f"{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    finished.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def say(text: str) -> None:
    """Tell a person what takes a while."""
    print(text, file=sys.stderr, flush=True)


def fail(error: BootstrapError | OSError | KeyboardInterrupt) -> NoReturn:
    """Say what is wrong and what to do, and end."""
    if isinstance(error, KeyboardInterrupt):
        say("interrupted; the next ./just goes on from here")
        sys.exit(130)
    if isinstance(error, OSError):
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        hint = "free some space, then try again" if full else "correct that, then try again"
        error = BootstrapError(str(error), hint)
    for line in error.output.strip().splitlines()[-12:]:
        say(f"  | {line}")
    say(f"error: {error}")
    say(f"  {error.hint}")
    sys.exit(1)


def _diagnose(what: str, output: str) -> BootstrapError:
    lower = output.lower()
    if any(sign in lower for sign in _DISK_SIGNS):
        return BootstrapError(f"{what} failed: no space left on the disk", "free about 600 MB, then try again", output)
    if "hashes" in lower and ("do not match" in lower or "mismatch" in lower):
        return BootstrapError(
            f"{what} failed: a package is not the one that was pinned", "tell the maintainers", output
        )
    if any(sign in lower for sign in _NETWORK_SIGNS):
        return BootstrapError(
            f"{what} failed: the package index cannot be reached",
            "check the network and the proxy; a mirror can be named by PIP_INDEX_URL or UV_DEFAULT_INDEX",
            output,
        )
    return BootstrapError(f"{what} failed", "the lines above say why", output)


def _for_uv(environ: "os._Environ[str]") -> dict[str, str]:
    """Settings for uv: the machine's Python only, pip's index and certificates, a cache even without a home."""
    settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    if "PIP_INDEX_URL" in environ and "UV_DEFAULT_INDEX" not in environ:
        settings["UV_DEFAULT_INDEX"] = environ["PIP_INDEX_URL"]
    if "PIP_CERT" in environ and "SSL_CERT_FILE" not in environ:
        settings["SSL_CERT_FILE"] = environ["PIP_CERT"]
    if "UV_SYSTEM_CERTS" not in environ and _has_certificates():
        settings["UV_SYSTEM_CERTS"] = "true"  # as pip: a proxy's certificate is among the machine's
    home = Path(environ.get("HOME", "/nonexistent"))
    if "UV_CACHE_DIR" not in environ and "XDG_CACHE_HOME" not in environ and not os.access(home, os.W_OK):
        settings["UV_CACHE_DIR"] = str(STATE / "cache" / "uv")
    return settings


def _has_certificates() -> bool:
    """Whether the machine has certificates of its own; without any, uv's are the better ones."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())))
