from typing import Any, cast

import pytest

from chaos.errors import Refused
from chaos.experiments import Experiment, Terms
from chaos.guard import Guard
from chaos.play import play
from chaos.session import Session
from pharos.state import EmbeddedSystem


def activity(kind: str, func: str, **more: Any) -> dict[str, Any]:
    return {"name": func, "type": kind, "provider": {"type": "python", "module": "acts", "func": func}, **more}


def experiment(state: str, *method: str) -> Experiment:
    document = {
        "title": "A title",
        "description": "",
        "steady-state-hypothesis": {"title": "", "probes": [activity("probe", state, tolerance=True)]},
        "method": [activity("action", func) for func in method],
        "rollbacks": [],
    }
    return Experiment("test", "A title", Terms(fault="test"), document)


@pytest.fixture
def session() -> Session:
    return Session(cast("EmbeddedSystem", None), cast("Guard", None))


@pytest.fixture
def told() -> list[str]:
    return []


def test_a_fault_is_made_and_undone(session: Session, told: list[str]) -> None:
    played = play(experiment("holds", "breaks"), "", session, told.append)

    assert session.hit == {"made", "undone"}
    assert session.struck is not None
    assert session.lifted is not None
    assert (played.unmet, played.failures) == ("", ())
    assert told == ["holds …", "breaks …", "holds …"]


def test_nothing_is_broken_where_the_steady_state_does_not_hold(session: Session, told: list[str]) -> None:
    with pytest.raises(Refused, match="does not hold before any fault: fails"):
        play(experiment("fails", "breaks"), "", session, told.append)

    assert session.hit == set()
    assert session.struck is None


@pytest.mark.parametrize("how", ["interrupts", "terminates"])
def test_an_interrupted_run_is_undone_and_does_nothing_more(session: Session, told: list[str], how: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        play(experiment("holds", "breaks", how, "cannot"), "", session, told.append)

    assert session.hit == {"made", "undone"}
    assert told == ["holds …", "breaks …", f"{how} …"]


def test_what_could_not_be_done_is_said_in_its_own_words(session: Session, told: list[str]) -> None:
    played = play(experiment("holds", "cannot", "breaks"), "", session, told.append)

    assert played.failures == ("cannot: there is nothing to break",)
    assert session.hit == {"made", "undone"}
