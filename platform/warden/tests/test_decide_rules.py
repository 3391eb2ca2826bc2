"""Whatever is observed, in whatever order: every decision keeps to the rules."""

from fleets import NEEDS, Driven
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule

from warden.decide.model import Counted, Ended, Left, Live, Ready, Resumed, Sampled, Started, Ticked, Window

MB = 1024 * 1024


class Storm(RuleBasedStateMachine):
    """Anything may be observed at any time; `Driven` holds every decision to the rules."""

    instances = Bundle("instances")

    def __init__(self) -> None:
        super().__init__()
        self.driven = Driven()

    @initialize(counts=st.fixed_dictionaries({service: st.integers(0, 3) for service in NEEDS}))
    def joining(self, counts: dict[str, int]) -> None:
        self.driven.join(*(f"{service}-{n + 1}" for service, count in counts.items() for n in range(count)))

    @rule(seconds=st.floats(0.0, 30.0))
    def time_passes(self, seconds: float) -> None:
        self.driven.wait(seconds)
        self.driven.see(Ticked())

    @precondition(lambda self: self.driven.fleet.replicas)
    @rule(data=st.data(), code=st.sampled_from([None, -9, 0, 3]), jitter=st.floats(0, 1))
    def one_ends(self, data: st.DataObject, code: int | None, jitter: float) -> None:
        self.driven.see(Ended(self._any(data), code), jitter)

    @precondition(lambda self: self.driven.fleet.replicas)
    @rule(data=st.data())
    def one_starts(self, data: st.DataObject) -> None:
        self.driven.see(Started(self._any(data)))

    @precondition(lambda self: self.driven.fleet.replicas)
    @rule(data=st.data(), ok=st.booleans(), times=st.integers(1, 4))
    def liveness(self, data: st.DataObject, ok: bool, times: int) -> None:
        instance = self._any(data)
        for _ in range(times):
            self.driven.see(Live(instance, ok=ok, detail="no answer in time"))

    @precondition(lambda self: self.driven.fleet.replicas)
    @rule(data=st.data(), ok=st.booleans(), lacks=st.sampled_from([(), ("store",)]))
    def readiness(self, data: st.DataObject, ok: bool, lacks: tuple[str, ...]) -> None:
        self.driven.see(Ready(self._any(data), ok=ok, lacks=lacks))

    @precondition(lambda self: self.driven.fleet.replicas)
    @rule(data=st.data(), megabytes=st.integers(1, 2000), descriptors=st.integers(1, 5000), times=st.integers(1, 4))
    def sample(self, data: st.DataObject, megabytes: int, descriptors: int, times: int) -> None:
        instance = self._any(data)
        for _ in range(times):
            self.driven.wait(1)
            self.driven.see(Sampled(instance, megabytes * MB, descriptors, 1 << 20))

    @precondition(lambda self: self.driven.fleet.replicas)
    @rule(data=st.data(), requests=st.integers(0, 100), errors=st.integers(0, 100), times=st.integers(1, 4))
    def window(self, data: st.DataObject, requests: int, errors: int, times: int) -> None:
        instance = self._any(data)
        for _ in range(times):
            self.driven.wait(1)
            self.driven.see(Counted(instance, Window(requests, min(errors, requests), requests * 0.01)))

    @precondition(lambda self: self.driven.fleet.replicas)
    @rule(data=st.data())
    def somebody_resumes(self, data: st.DataObject) -> None:
        self.driven.see(Resumed(self._any(data)))

    @precondition(lambda self: len(self.driven.fleet.replicas) > 3)
    @rule(data=st.data())
    def one_leaves(self, data: st.DataObject) -> None:
        self.driven.see(Left(self._any(data)))

    def _any(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.driven.fleet.replicas)))


Storm.TestCase.settings = settings(
    max_examples=150, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStorm = Storm.TestCase
