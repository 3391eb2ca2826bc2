"""The warden of a system of containers: its journal, and what it can be asked to do."""

import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from pharos.docker.compose import end_call
from pharos.docker.containers import Container
from pharos.docker.engine import DockerError, call, command
from pharos.docker.system import DockerSystem, own_containers
from pharos.errors import CliError
from warden.errors import ControlRefused
from warden.journal import Entry, decoded, read_entries

PART = "warden"
_JOURNAL = "/var/lib/pharos/journal"
_ENDS = frozenset({"exited", "stopped", "failed"})
"""The events after which a replica is started again."""


class NoWarden(CliError):
    """There is no container of warden."""

    reason = "no-warden"


def journal_of(system: DockerSystem, *, since: float = 0.0) -> list[Entry]:
    """What its journal holds from ``since`` (Unix time) on; the warden need not run.

    Raises:
        NoWarden: there is no such container.
        DockerError: the engine does not answer.
    """
    container = _container(system)
    with tempfile.TemporaryDirectory(prefix="pharos-journal-") as folder:
        for name in ("journal.1", "journal"):
            with suppress(DockerError):  # nothing has been rotated away yet, or nothing written
                call("container", "cp", f"{container.id}:{_JOURNAL.removesuffix('journal')}{name}", f"{folder}/{name}")
        return read_entries(Path(folder) / "journal", since=since)


def restarts_of(system: DockerSystem) -> Counter[str]:
    """How often warden has started each replica again since `up`, by instance; nothing without a warden.

    Raises:
        DockerError: the engine does not answer.
    """
    try:
        return restarts_in(journal_of(system, since=system.record.started))
    except NoWarden:
        return Counter()


def restarts_in(entries: Iterable[Entry]) -> Counter[str]:
    """How often each replica was started again in these entries, by instance."""
    return Counter(entry.instance for entry in entries if entry.event in _ENDS and entry.action in {"start", "restart"})


def follow_journal(system: DockerSystem) -> Iterator[Entry]:
    """Each entry from now on, for as long as the warden runs.

    Raises:
        NoWarden: there is no such container.
    """
    container = _container(system)
    words = command("container", "exec", container.id, "tail", "--lines=0", "--follow=name", "--retry", _JOURNAL)
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)  # noqa: S603
    assert process.stdout is not None
    try:
        for line in process.stdout:
            yield from decoded(line)
    finally:
        end_call(process)


def ask_warden(system: DockerSystem, request: str, arguments: Mapping[str, Any]) -> Any:
    """Have it do something, and wait for its final document.

    Raises:
        ControlRefused: it said no; with its reason and what to do.
        DockerError: it does not run, or the engine does not answer.
    """
    said = call("container", "exec", _container(system).id, *_asking(request, arguments))
    return _final(msgspec.json.decode(said.splitlines()[-1]))


def follow_warden(
    system: DockerSystem, request: str, arguments: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]
) -> Any:
    """Have it do something, tell what it says meanwhile, and wait for its final document.

    Raises:
        ControlRefused: it said no; with its reason and what to do.
        NoWarden: there is no such container.
        DockerError: it does not run, or ended meanwhile.
    """
    words = command("container", "exec", _container(system).id, *_asking(request, arguments))
    process = subprocess.Popen(  # noqa: S603 - the arguments are ours
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert process.stdout is not None
    last: dict[str, Any] | None = None
    try:
        for line in process.stdout:
            if last is not None:
                tell(last)
            last = msgspec.json.decode(line)
    finally:
        end_call(process)
    if last is None or not {"outcome", "refused"} & last.keys():
        raise DockerError(f"warden ended while it did {request}", "see what runs: ./just status")
    return _final(last)


def _asking(request: str, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    return ("python", "-m", "warden.docker.ask", request, msgspec.json.encode(arguments).decode())


def _final(answer: dict[str, Any]) -> dict[str, Any]:
    if "refused" in answer:
        raise ControlRefused(answer["refused"], answer["message"], answer["hint"])
    return answer


def _container(system: DockerSystem) -> Container:
    found = next((one for one in own_containers(system.compose) if one.part == PART), None)
    if found is None:
        start = f"docker {' '.join(system.compose.arguments('up', '--detach', '--no-deps', PART))}"
        raise NoWarden("there is no container of warden", f"start it with: {start}")
    return found
