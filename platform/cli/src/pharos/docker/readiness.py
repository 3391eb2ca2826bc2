"""How each part gets on while the system starts. Decided from what the engine and the parts themselves say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pharos.docker.containers import Container
from warden.progress import State

RESTARTS_AT_MOST = 3
"""A part that ends so often while the system starts will not come up by itself."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a part is."""

    state: State
    detail: str = ""


def standing(containers: Sequence[Container], count: int, jobs: Sequence[Container], lacks: str | None) -> Standing:
    """How far a part is.

    Args:
        containers: its own.
        count: how many there should be.
        jobs: those of the jobs that it waits for.
        lacks: what it answered itself: None if it is ready, or is not asked.
    """
    if not any(one.status == "running" for one in containers):
        working = next((job.part for job in jobs if job.status == "running"), None)
        if working is None:
            again = any(one.status == "restarting" for one in containers)
            return Standing("starting", "has ended, is restarted") if again else Standing("preparing")
        return Standing("migrating" if working.endswith("-migrate") else "preparing", working)
    well = [one for one in containers if one.status == "running" and one.health in {"", "healthy"}]
    if len(well) < count:
        return Standing("starting", f"{len(well)} of {count}" if count > 1 else "")
    return Standing("starting", lacks) if lacks else Standing("ready")


def failed(containers: Sequence[Container], jobs: frozenset[str]) -> Container | None:
    """The first that has failed for good; what waits for it comes after it.

    One that warden keeps may end now and then: it is started again.
    """
    for one in containers:
        ended = one.status in {"exited", "dead"}
        if one.part in jobs and ended and one.exit_code:
            return one
    for one in containers:
        ended = one.status in {"exited", "dead"} and not one.kept
        if one.part not in jobs and (ended or one.restarts >= RESTARTS_AT_MOST):
            return one
    return None


def unwell(standings: Mapping[str, Standing]) -> list[str]:
    """The parts that are not ready."""
    return [part for part, one in standings.items() if one.state != "ready"]
