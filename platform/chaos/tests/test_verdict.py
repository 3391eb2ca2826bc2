from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from verdicts import GOOD, verdict

from chaos.experiments import Bounds
from chaos.report import lines
from chaos.store import store, stored
from chaos.verdict import Orders, findings
from warden.layout import StateFolder


def test_a_good_run_has_no_findings() -> None:
    bounds = Bounds(failed=2, failed_share=0.01, detection=0.5, recovery=2.0, restarts=1)

    assert findings(GOOD, bounds) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steady_after": "the audit is clean"}, "afterwards this does not hold: the audit is clean"),
        ({"method": ("kill -9: it ended",)}, "kill -9: it ended"),
        ({"orders": Orders(acknowledged=5, lost=1, doubled=0)}, "1 orders lost"),
        ({"orders": Orders(acknowledged=5, lost=0, doubled=2)}, "2 orders doubled"),
        ({"left_open": ("no dead letters",)}, "work was never done: no dead letters"),
        ({"bystanders": {"nats": 1}}, "nats was restarted 1 times though nothing was done to it"),
    ],
)
def test_what_must_hold_for_every_run_is_found_without_any_bound(change: dict[str, Any], words: str) -> None:
    assert findings(replace(GOOD, **change), Bounds()) == [words]


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(failed=1), "2 requests failed (at most 1)"),
        (Bounds(failed_share=0.005), "1.00% of the requests failed (at most 0.50%)"),
        (Bounds(detection=0.4), "noticed after 0.5 s (within 0.4 s)"),
        (Bounds(recovery=1.9), "recovered after 2.0 s (within 1.9 s)"),
        (Bounds(restarts=0), "1 restarts (at most 0)"),
    ],
)
def test_a_run_is_held_to_the_bounds_of_its_experiment(bounds: Bounds, words: str) -> None:
    assert findings(GOOD, bounds) == [words]


def test_what_never_happened_breaks_its_bound() -> None:
    measured = replace(GOOD, detection_seconds=None, recovery_seconds=None)

    assert findings(measured, Bounds()) == []
    assert findings(measured, Bounds(detection=3, recovery=9)) == [
        "never noticed (within 3 s)",
        "never recovered (within 9 s)",
    ]


def test_verdicts_are_kept_in_their_order(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    late, early = verdict(began=1767323046.0), verdict(began=1767323045.0, failures={"x": 1})

    files = [store(state, late), store(state, early)]
    (state.verdicts / "0-other.json").write_text("{}")

    assert list(stored(state)) == [early, late]
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_the_report_has_the_median_of_each_experiment_and_target() -> None:
    runs = [verdict(replace(GOOD, recovery_seconds=seconds)) for seconds in (1.6, 3.2, 8.0)]
    other = verdict(target="payments-1", cold_start_seconds=None, passed=False)

    kill, payments = lines([*runs, other])

    assert (kill.runs, kill.passed, kill.recovery_seconds, kill.to_cold_start) == (3, 3, 3.2, 2.0)
    assert (payments.runs, payments.passed, payments.to_cold_start) == (1, 0, None)


def test_the_report_of_what_never_recovered_has_no_median() -> None:
    (line,) = lines([verdict(replace(GOOD, recovery_seconds=None))])

    assert line.recovery_seconds is None
    assert line.detection_seconds == 0.5
