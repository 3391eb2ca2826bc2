"""A fleet under decision, driven by hand: what it decided, and the rules that must hold whatever happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from warden.decide.figures import Figures
from warden.decide.model import Decision, Ended, Fleet, Joined, Live, Observation, Ready, Replica, Resumed, Started
from warden.decide.policy import decide

NEEDS: Mapping[str, frozenset[str]] = {
    "store": frozenset(),
    "broker": frozenset(),
    "leaf": frozenset({"store"}),
    "middle": frozenset({"leaf", "store", "broker"}),
    "top": frozenset({"middle", "leaf", "store", "broker"}),
    "front": frozenset(),
}
STUCK = frozenset({"broker"})


@dataclass
class Driven:
    """A fleet, its clock and its decisions; every step is held to the rules."""

    figures: Figures = field(default_factory=Figures)
    now: float = 1000.0
    fleet: Fleet = field(default_factory=Fleet)
    decided: list[tuple[float, Decision]] = field(default_factory=list)
    resumed_at: dict[str, float] = field(default_factory=dict)

    def join(self, *instances: str) -> None:
        """Have these run, ready and alive: `leaf-1`."""
        for instance in instances:
            service = instance.partition("-")[0]
            self.see(Joined(instance, service, NEEDS.get(service, frozenset()), stuck=service in STUCK))
            self.see(Live(instance, ok=True))

    def see(self, observation: Observation, jitter: float = 0.0) -> tuple[Decision, ...]:
        """Decide about one observation."""
        before = self.fleet
        self.fleet, decisions = decide(before, observation, self.now, self.figures, jitter)
        if isinstance(observation, Resumed) and decisions:
            self.resumed_at[observation.instance] = self.now
        for decision in decisions:
            self._hold_to_the_rules(before, decision)
            self.decided.append((self.now, decision))
        return decisions

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def fail_live(self, instance: str, times: int = 3) -> None:
        """Fail so many liveness probes, a second apart, while the others answer theirs."""
        for _ in range(times):
            self.wait(self.figures.liveness_interval)
            self.answer_all(but=(instance,))
            self.see(Live(instance, ok=False, detail="no answer in time"))

    def answer_all(self, but: tuple[str, ...] = ()) -> None:
        """Have everything that lives answer its probes, except these."""
        for instance, replica in self.fleet.replicas.items():
            if replica.living and instance not in but:
                self.see(Live(instance, ok=True))
                self.see(Ready(instance, ok=True))

    def carry_out(self) -> None:
        """Do what was decided: what is to be ended ends, what is to be started starts and becomes ready."""
        for instance, replica in list(self.fleet.replicas.items()):
            if replica.phase == "ending":
                self.see(Ended(instance, -9))
        for instance, replica in list(self.fleet.replicas.items()):
            if replica.phase == "down":
                self.see(Started(instance))
                self.see(Live(instance, ok=True))
                self.see(Ready(instance, ok=True))

    def events(self, instance: str = "") -> list[str]:
        """What was decided, of one replica or of all."""
        return [one.event for _, one in self.decided if instance in {"", one.instance}]

    def _hold_to_the_rules(self, before: Fleet, decision: Decision) -> None:
        assert decision.event
        assert decision.reason
        if decision.action in {"start", "restart"} and not decision.disruptive:
            self._within_budget(decision)
        if not decision.disruptive:
            return
        if decision.fault == "unready":
            self._patient(decision)
        ends = [at for at, one in self.decided if one.disruptive]
        assert not ends or self.now - ends[-1] >= self.figures.disruption_interval, "two disruptions too close"
        ill = self._ill_needs(self.fleet.replicas[decision.instance])
        assert not ill, f"{decision.instance} was ended although {ill} is ill"
        ended = {decision.instance: before.replicas[decision.instance]}
        alive = {**self.fleet.replicas, **ended}.values()
        failing = [one for one in alive if one.living and one.live_failed and self.now - one.live_failed <= 10]
        assert sum(not self._ill_needs(one) for one in failing) < 0.5 * sum(one.living for one in alive)

    def _patient(self, decision: Decision) -> None:
        assert decision.service in STUCK
        cures = [
            at
            for at, one in self.decided
            if one.instance == decision.instance
            and one.disruptive
            and one.fault == "unready"
            and self.now - at < self.figures.persists
        ]
        patience = min(self.figures.longest_patience, self.figures.patience * 2 ** len(cures))
        assert not cures or self.now - cures[-1] >= patience, "too little patience"

    def _ill_needs(self, replica: Replica) -> list[str]:
        return [one.instance for one in self.fleet.replicas.values() if one.service in replica.needs and one.unhealthy]

    def _within_budget(self, decision: Decision) -> None:
        since = max(self.now - self.figures.restart_window, self.resumed_at.get(decision.instance, 0.0))
        recent = [
            at
            for at, one in self.decided
            if one.instance == decision.instance
            and one.action in {"start", "restart"}
            and not one.disruptive
            and at > since
        ]
        assert len(recent) < self.figures.restarts, "beyond the restart budget"


def fleet(*more: str) -> Driven:
    """Six parts and a front that are well, and whatever else is named."""
    driven = Driven()
    driven.join("store", "broker", "leaf-1", "leaf-2", "middle-1", "middle-2", "top-1", "front", *more)
    return driven
