"""What recovery remembers beyond warden's own death: budgets, quarantines, ejections. Kept in the state folder.

Monotonic time goes on while warden is dead, but not over a restart of the machine: then only quarantines are kept.
"""

from dataclasses import replace
from pathlib import Path

import msgspec
from loguru import logger

from warden.decide.model import Fleet, Replica
from warden.files import write_atomically
from warden.identity import boot


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one replica."""

    service: str
    quarantined: bool = False
    restarts: int = 0
    failures: int = 0
    starts: tuple[float, ...] = ()
    ejected_until: float | None = None
    ejections: tuple[float, ...] = ()
    cures: tuple[float, ...] = ()


class _Memory(msgspec.Struct, frozen=True):
    boot: str
    replicas: dict[str, _Kept]
    disrupted: float | None = None


def remember(path: Path, fleet: Fleet) -> None:
    """Write down what counts later. A full disk costs the memory, not the supervision."""
    kept = {
        instance: _Kept(
            one.service, one.phase == "quarantined", one.restarts, one.failures, one.starts, one.ejected_until,
            one.ejections, one.cures,
        )
        for instance, one in fleet.replicas.items()
    }  # fmt: skip
    disrupted = fleet.disrupted if fleet.disrupted > float("-inf") else None
    try:
        write_atomically(path, msgspec.json.encode(_Memory(boot(), kept, disrupted)))
    except OSError as error:
        logger.error("what recovery remembers could not be written down: {}", error)


def recall(path: Path) -> Fleet:
    """What was written down last; nothing, if it was never, or cannot be read."""
    try:
        memory = msgspec.json.decode(path.read_bytes(), type=_Memory)
    except (FileNotFoundError, msgspec.DecodeError):
        return Fleet()
    same_boot = memory.boot == boot()
    replicas = {instance: _recalled(instance, kept, same_boot=same_boot) for instance, kept in memory.replicas.items()}
    disrupted = memory.disrupted if same_boot and memory.disrupted is not None else float("-inf")
    return Fleet(replicas, disrupted)


def _recalled(instance: str, kept: _Kept, *, same_boot: bool) -> Replica:
    known = Replica(
        instance, kept.service, phase="quarantined" if kept.quarantined else "starting", restarts=kept.restarts,
        failures=kept.failures,
    )  # fmt: skip
    if not same_boot:
        return known
    return replace(
        known, starts=kept.starts, ejected_until=kept.ejected_until, ejections=kept.ejections,
        cures=kept.cures,
    )  # fmt: skip
