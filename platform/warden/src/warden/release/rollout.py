"""The next step on the way from one release of a service to another: a pure function of what runs, so that a rollout
that was cut off anywhere is gone on with by asking again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.discovery import trial_weight
from warden.release.record import Phase


@dataclass(frozen=True, slots=True)
class Seen:
    """A replica as it is now; ``weight`` is relative to its siblings' 1."""

    instance: str
    release: str
    ready: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Start:
    """Start a replica of the target, with this weight once it is ready."""

    weight: float


@dataclass(frozen=True, slots=True)
class Weigh:
    """Give a replica another weight."""

    instance: str
    weight: float


@dataclass(frozen=True, slots=True)
class Retire:
    """End a replica for good."""

    instance: str


@dataclass(frozen=True, slots=True)
class Await:
    """Nothing can be done until a replica has become ready."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Hold the new replica's requests against those of the old ones."""

    instance: str


@dataclass(frozen=True, slots=True)
class Finish:
    """As many replicas of the target as are wanted serve, and no others run."""


Step = Start | Weigh | Retire | Await | Judge | Finish


def next_step(phase: Phase, target: str, wanted: int, replicas: Sequence[Seen]) -> Step:
    """What to do now; asked again when it is done.

    A replica is retired only while as many others are ready as are wanted, so that there are never fewer.

    Args:
        phase: on trial, or replacing one by one.
        target: the release that is to serve.
        wanted: how many replicas the service has, at least 1.
        replicas: all that run, in the order in which they are to be replaced.
    """
    new = [replica for replica in replicas if replica.release == target]
    old = [replica for replica in replicas if replica.release != target]
    return _try_out(new, old) if phase == "canary" else _replace(wanted, new, old)


def _try_out(new: list[Seen], old: list[Seen]) -> Step:
    weight = trial_weight(len(old))
    if not new:
        return Start(weight)
    if not new[0].ready:
        return Await()
    if new[0].weight != weight:
        return Weigh(new[0].instance, weight)
    return Judge(new[0].instance)


def _replace(wanted: int, new: list[Seen], old: list[Seen]) -> Step:
    light = next((replica for replica in new if replica.weight != 1.0), None)
    if light is not None:
        return Weigh(light.instance, 1.0)
    ready = sum(replica.ready for replica in (*new, *old))
    gone = next((replica for replica in old if not replica.ready), None)
    if gone is not None and ready >= wanted:
        return Retire(gone.instance)
    if ready > wanted:
        return Retire((old or new)[0].instance)
    if not all(replica.ready for replica in new):
        return Await()
    if len(new) < wanted:
        return Start(1.0)
    return Await() if old else Finish()
