"""What two looks at the containers mean: who came, went, ended and was started. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from warden.decide.model import Ended, Joined, Left, Observation, Started
from warden.docker.engine import Container

ENDED = frozenset({"exited", "dead"})
_SIGNAL = 128  # a shell's and the engine's way to say by which signal a process ended


def changes(
    before: Mapping[str, Container], now: Iterable[Container], needs: Mapping[str, frozenset[str]]
) -> Iterator[Observation]:
    """What happened between two looks.

    A container that has never run is left to whoever made it: it waits for others.

    Args:
        before: what was seen last, by instance.
        now: what is seen.
        needs: what a part cannot serve without, by part.
    """
    found = {one.instance: one for one in now}
    for instance, one in before.items():
        if instance not in found or found[instance].id != one.id:
            yield Left(instance)
    for instance, one in found.items():
        known = before.get(instance)
        if known is None or known.id != one.id:
            needed = needs.get(one.part, frozenset())
            yield Joined(instance, one.part, needed, ready=_was_well(one), stuck=one.stuck)
            if one.state in ENDED:
                yield Ended(instance, exit_code(one))
        elif one.state in ENDED and known.state not in ENDED:
            yield Ended(instance, exit_code(one))
        elif one.state == "running" and known.state in ENDED:
            yield Started(instance)


def _was_well(container: Container) -> bool:
    return container.state == "running" and container.health in {"", "healthy"}


def exit_code(container: Container) -> int | None:
    """The code it ended with; negative for a signal."""
    if container.code is None or container.code <= _SIGNAL:
        return container.code
    return _SIGNAL - container.code


def address_of(where: str) -> tuple[int, str] | None:
    """Port and path of a label such as ``8080/health/live``; None for one that names no port."""
    port, slash, path = where.partition("/")
    return (int(port), f"{slash}{path}") if port.isdecimal() else None
