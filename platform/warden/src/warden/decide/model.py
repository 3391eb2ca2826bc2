"""The vocabulary of recovery: what is seen, what is remembered, what is decided. Times are monotonic seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from warden.journal import Action, Fault

Phase = Literal["down", "starting", "up", "ending", "quarantined"]
"""Waits for its next start; runs, not ready yet; was ready since its start; is being ended by us; is left alone."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A replica is to be kept from now on; its process runs, unless it is remembered as quarantined."""

    instance: str
    service: str
    needs: frozenset[str] = frozenset()  # the services and stores without which it cannot serve, at any distance
    ready: bool = True
    adopted: bool = False  # it has run for a while, so it has no grace
    stuck: bool = False  # once unready it remains so until it is started anew
    memory: "Replica | None" = None  # what an earlier warden knew of it


@dataclass(frozen=True, slots=True)
class Left:
    """A replica is none of ours any more."""

    instance: str


@dataclass(frozen=True, slots=True)
class Started:
    """Its process was started."""

    instance: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Its process ended, or could not be started."""

    instance: str
    code: int | None = None  # negative: a signal; None: not our child, or never started
    problem: str = ""  # why it could not be started


@dataclass(frozen=True, slots=True)
class Live:
    """What the liveness probe found."""

    instance: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """What the readiness probe found; `lacks` are the parts that the replica itself says it lacks."""

    instance: str
    ok: bool
    detail: str = ""
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the process holds: resident bytes, and open file descriptors."""

    instance: str
    memory: int
    descriptors: int
    descriptor_limit: int


@dataclass(frozen=True, slots=True)
class Window:
    """What a replica did in one stretch of time: its own requests, those answered 5xx, the seconds all took."""

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0

    @property
    def error_share(self) -> float:
        """Errors per request."""
        return self.errors / self.requests if self.requests else 0.0

    @property
    def latency(self) -> float:
        """Mean seconds per request."""
        return self.seconds / self.requests if self.requests else 0.0

    def __add__(self, other: "Window") -> "Window":
        """Both together."""
        return Window(self.requests + other.requests, self.errors + other.errors, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed: where it is among the traces."""

    trace_id: str
    span_id: str = ""  # of the replica's own span; a release of an older chassis does not tell

    def details(self) -> dict[str, Any]:
        """As it stands in a decision that it led to."""
        return {"shown_by": self.trace_id} | ({"shown_by_span": self.span_id} if self.span_id else {})


@dataclass(frozen=True, slots=True)
class Counted:
    """A window of requests has ended."""

    instance: str
    window: Window
    on_trial: bool = False  # a release on trial is judged elsewhere
    failure: Failure | None = None  # the last one, if it is known


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody wants it started in spite of its quarantine."""

    instance: str


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed."""


Observation = Joined | Left | Started | Ended | Live | Ready | Sampled | Counted | Resumed | Ticked


@dataclass(frozen=True, slots=True)
class Wish:
    """The wish to end a living process and start it anew, until it may be done or its reason is gone."""

    fault: Fault
    reason: str
    drain: bool  # it still answers, so let it finish what it has
    details: Mapping[str, Any] = field(default_factory=dict)
    told: str = ""  # what it was last said to wait for


@dataclass(frozen=True, slots=True)
class Replica:
    """What is remembered of one replica."""

    instance: str
    service: str
    needs: frozenset[str] = frozenset()
    phase: Phase = "starting"
    since: float = 0.0  # of the phase
    # exits
    restarts: int = 0  # ever, for people
    failures: int = 0  # in a row, for the delay
    starts: tuple[float, ...] = ()  # within the restart window
    ready_since: float | None = None
    # probes
    live: bool = False  # has answered since its start
    live_failures: int = 0
    live_failed: float | None = None  # when it last failed
    ready: bool = False
    ready_streak: int = 0  # answers in a row that contradict `ready`
    stuck: bool = False  # once unready it remains so until it is started anew
    cures: tuple[float, ...] = ()  # when it was ended for that
    # what it holds and does
    samples: tuple[tuple[float, int, int], ...] = ()  # time, bytes, descriptors
    windows: tuple[tuple[float, Window, Fault], ...] = ()  # end, what, what was bad about it
    ejected_until: float | None = None
    ejections: tuple[float, ...] = ()
    # what is being healed
    fault: Fault = ""
    noticed: float = 0.0
    wish: Wish | None = None

    @property
    def living(self) -> bool:
        """Whether it has a process that we are not about to end."""
        return self.phase in {"starting", "up"}

    @property
    def unhealthy(self) -> bool:
        """Whether those that need it may suffer from it now. One in quarantine is not waited for."""
        return self.phase != "quarantined" and (self.phase != "up" or not self.ready or self.live_failures > 0)


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is remembered of all of them."""

    replicas: Mapping[str, Replica] = field(default_factory=dict)
    disrupted: float = float("-inf")  # when a living process was last ended
    suspected: float | None = None  # since when warden suspects itself
    called: bool = False  # people were called for that

    def of(self, service: str) -> tuple[Replica, ...]:
        """The replicas of a service."""
        return tuple(replica for replica in self.replicas.values() if replica.service == service)

    def having(self, replica: Replica) -> "Fleet":
        """With this replica as it is now; the same object if that is as it was, which is nearly always."""
        if self.replicas.get(replica.instance) is replica:
            return self
        return replace(self, replicas={**self.replicas, replica.instance: replica})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing to do, or to leave, and why. Each is journalled before it is done.

    Attributes:
        event: as in the journal.
        action: what is to be done; `hold` and the empty one do nothing.
        after: seconds to wait before a start.
        drain: the process still answers: let it finish what it has before it is ended.
        disruptive: a living process is ended.
    """

    event: str
    action: Action = ""
    instance: str = ""
    service: str = ""
    fault: Fault = ""
    reason: str = ""
    after: float = 0.0
    drain: bool = False
    disruptive: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


Outcome = tuple[Fleet, tuple[Decision, ...]]
