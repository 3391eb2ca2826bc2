"""One experiment played by Chaos Toolkit: what it says of the steady state and of the method."""

import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from chaoslib.run import RunEventHandler, Runner  # type: ignore[import-untyped]
from chaoslib.types import Strategy  # type: ignore[import-untyped]

from chaos.errors import Refused
from chaos.experiments import Experiment
from chaos.session import Session

Tell = Callable[[str], None]
_SETTINGS: Final = {"runtime": {"rollbacks": {"strategy": "always"}}}


def play(experiment: Experiment, target: str, session: Session, tell: Tell) -> "Played":
    """Check the steady state, make the fault, check again; the faults are undone in any case.

    Raises:
        Refused: the steady state does not hold to begin with, so that no fault was made.
        KeyboardInterrupt: it was interrupted.
    """
    logging.getLogger("chaostoolkit").setLevel(logging.CRITICAL + 1)  # what it has to say is in its journal
    runner = Runner(Strategy.DEFAULT)
    runner.register_event_handler(_Narrator(tell))
    try:
        journal = runner.run(experiment.aimed_at(target, session), _SETTINGS)
    finally:
        session.lift()
    if journal["status"] == "interrupted":
        raise KeyboardInterrupt
    states = journal["steady_states"]
    if unmet := _unmet(states["before"]):
        raise Refused(f"the steady state does not hold before any fault: {unmet}", "see how it is: ./just status")
    return Played(_unmet(states["after"]), tuple(_failures(journal["run"])))


class Played:
    """What came of it.

    Attributes:
        unmet: what of the steady state did not hold afterwards, empty if all of it did.
        failures: what actions and probes of the method could not do.
    """

    def __init__(self, unmet: str, failures: Sequence[str]) -> None:
        self.unmet = unmet
        self.failures = tuple(failures)


class _Narrator(RunEventHandler):  # type: ignore[misc] # chaoslib has no types
    """Tells what is being done, since a run takes a while; and has SIGTERM end it as Ctrl-C does."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def started(self, experiment: object, journal: object) -> None:
        """Put Chaos Toolkit's own handler aside: with it, SIGTERM ends the activity under way, and the next begins."""
        del experiment, journal
        signal.signal(signal.SIGTERM, signal.default_int_handler)

    def start_activity(self, activity: Mapping[str, Any]) -> None:
        self._tell(f"{activity['name']} …")


def _unmet(state: Mapping[str, Any] | None) -> str:
    if state is None:
        return "it was not asked"
    if state["steady_state_met"]:
        return ""
    last = state["probes"][-1]
    return ": ".join(filter(None, (last["activity"]["name"], _words(last))))


def _failures(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{run['activity']['name']}: {_words(run)}" for run in runs if run["status"] == "failed"]


def _words(run: Mapping[str, Any]) -> str:
    """The message of an activity's error, without the names of the exceptions it came in."""
    said = run.get("exception") or [""]
    return str(said[-1]).strip().split(": ", 2)[-1]
