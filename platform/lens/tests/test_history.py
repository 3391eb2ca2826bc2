"""The supervisor's journal and the verdicts on chaos experiments, asked of a real lens."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import LensProcess

NOW = time.time()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the one lens of these tests looks."""
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture(scope="module")
def lens(shelf: Path) -> Iterator[LensProcess]:
    settings = {"LENS_JOURNAL": str(shelf / "journal"), "LENS_VERDICTS": str(shelf / "verdicts")}
    process = LensProcess(shelf, **settings).start()
    yield process
    assert process.stop() == 0


def entry(event: str, instance: str = "orders-1", ago: float = 0.0, **fields: Any) -> dict[str, Any]:
    return {"time": NOW - ago, "event": event, "instance": instance, **fields}


HANG = [
    entry("hung", ago=50, service="orders", owner="team-checkout", fault="hang", action="restart", reason="no answer",
          trace_id="a" * 32, span_id="b" * 16, details={"failures": 3}),
    entry("dumped", ago=49, fault="hang", reason="what it did", details={"state": "T (stopped)", "stacks": ["x.py"]}),
    entry("stopped", ago=48, service="orders", fault="hang", action="start", details={"after": 0.25}),
    entry("started", ago=47, fault="hang", details={"pid": 7}),
    entry("ready", ago=46, service="orders", fault="hang", details={"seconds": 4.5}),
]  # fmt: skip
ORDINARY = [entry("started", ago=100, reason="up"), entry("ready", ago=99)]
OTHER = [entry("exited", "payments-2", ago=30, service="payments", fault="exit", details={"after": 0.5})]


@pytest.fixture
def journal(shelf: Path) -> Iterator[Path]:
    file = shelf / "journal"
    write(file, *ORDINARY, *HANG, *OTHER)
    yield file
    for left in shelf.glob("journal*"):
        left.unlink()


def write(file: Path, *entries: dict[str, Any]) -> None:
    with file.open("a") as opened:
        opened.writelines(f"{json.dumps(one)}\n" for one in entries)


def listed(lens: LensProcess, **parameters: Any) -> dict[str, Any]:
    answer = lens.get("/api/console/recoveries", **parameters)
    assert answer.status == 200, answer.body
    page: dict[str, Any] = answer.json
    return page


def events(page: dict[str, Any]) -> list[str]:
    return [item["event"] for item in page["items"]]


@pytest.mark.usefixtures("journal")
def test_what_was_healed_is_listed_newest_first_and_ordinary_life_only_when_asked(lens: LensProcess) -> None:

    page = listed(lens)

    assert events(page) == ["exited", "ready", "started", "stopped", "dumped", "hung"]
    assert (page["total"], page["unreadable"], page["faults"]) == (6, 0, ["exit", "hang"])
    assert page["items"][0]["delay_seconds"] == 0.5
    assert page["items"][1]["recovered_seconds"] == 4.5
    assert page["items"][1]["service"] == page["items"][2]["service"] == "orders"
    assert listed(lens, ordinary="true")["total"] == 8


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"service": "payments"}, ["exited"]),
        ({"fault": "exit"}, ["exited"]),
        ({"text": "Orders-1 HUNG"}, ["hung"]),
        ({"end_ms": (NOW - 48.5) * 1000}, ["dumped", "hung"]),
        ({"start_ms": (NOW - 46.5) * 1000}, ["exited", "ready"]),
        ({"service": "nobody"}, []),
    ],
)
@pytest.mark.usefixtures("journal")
def test_entries_are_narrowed(lens: LensProcess, parameters: dict[str, Any], expected: list[str]) -> None:
    assert events(listed(lens, **parameters)) == expected


def test_pages_follow_one_another_while_new_entries_come(lens: LensProcess, journal: Path) -> None:
    first = listed(lens, limit=4)
    write(journal, entry("exited", "lens", fault="exit"))

    second = listed(lens, limit=4, cursor=first["next_cursor"])

    assert events(first) + events(second) == ["exited", "ready", "started", "stopped", "dumped", "hung"]
    assert second["next_cursor"] is None
    assert listed(lens)["total"] == 7


@pytest.mark.usefixtures("journal")
def test_a_cursor_of_no_list_is_refused(lens: LensProcess) -> None:
    answer = lens.get("/api/console/recoveries", cursor="0" * 16)

    assert answer.status == 422
    assert "begin again" in answer.json["detail"]


def test_lines_that_are_none_are_counted_and_the_half_written_one_is_not(lens: LensProcess, journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(b'{"time": 1}\nnonsense\n\xff\xfe\n{"time": 2, "event": "exi')

    page = listed(lens)

    assert (page["total"], page["unreadable"]) == (6, 3)


def test_what_was_rotated_away_is_still_there(lens: LensProcess, journal: Path) -> None:
    assert listed(lens)["total"] == 6
    journal.rename(journal.with_name("journal.1"))
    write(journal, entry("hung", fault="hang"))

    page = listed(lens)

    assert page["total"] == 7
    assert page["items"][0]["event"] == "hung"


def test_an_entry_has_its_details_its_dump_and_the_course_of_its_recovery(lens: LensProcess, journal: Path) -> None:
    write(journal, entry("hung", fault="hang"))
    hung = listed(lens, text="no answer")["items"][0]

    found = lens.get(f"/api/console/recoveries/{hung['id']}").json

    assert found["entry"] == hung
    assert found["details"] == {"failures": 3}
    assert [one["event"] for one in found["course"]] == ["hung", "dumped", "stopped", "started", "ready"]
    assert found["dump"] == {"state": "T (stopped)", "stacks": ["x.py"]}


def test_what_is_about_whole_parts_is_told_apart_by_the_part(lens: LensProcess, journal: Path) -> None:
    paged = [entry("paged", "", service=name, fault="alert", reason=f"{name} is down") for name in ("edge", "nats")]
    write(journal, *paged, entry("resolved", "", service="nats", fault="alert"))
    edge = listed(lens, text="edge is down")["items"][0]

    assert lens.get(f"/api/console/recoveries/{edge['id']}").json["course"] == [edge]


@pytest.mark.usefixtures("journal")
def test_an_entry_of_ordinary_life_is_a_course_by_itself(lens: LensProcess) -> None:
    started = listed(lens, ordinary="true", text="up")["items"][0]

    assert lens.get(f"/api/console/recoveries/{started['id']}").json["course"] == [started]


@pytest.mark.usefixtures("journal")
def test_an_entry_that_is_not_kept_is_said_to_be(lens: LensProcess) -> None:
    answer = lens.get(f"/api/console/recoveries/{'0' * 16}")

    assert (answer.status, answer.json["reason"]) == (404, "recovery-unknown")


def test_each_part_has_its_number_of_recoveries_of_the_last_day(lens: LensProcess, journal: Path) -> None:
    write(journal, *(entry("ready", fault="hang", details={"seconds": 1}) for _ in range(2)))
    write(journal, entry("ready", "old-1", ago=25 * 3600, fault="exit"))

    answer = lens.get("/api/console/recoveries-by-service").json

    assert answer["hours"] == 24
    found = [(one["service"], one["recoveries"], one["last"]["event"]) for one in answer["services"]]
    assert found == [("orders", 3, "ready"), ("payments", 0, "exited")]


def test_a_journal_that_cannot_be_read_is_an_outage(lens: LensProcess, shelf: Path) -> None:
    (shelf / "journal").mkdir()
    try:
        answer = lens.get("/api/console/recoveries")
    finally:
        (shelf / "journal").rmdir()

    assert (answer.status, answer.json["reason"]) == (503, "history-unreadable")


def test_without_journal_and_verdicts_there_is_nothing(lens: LensProcess) -> None:
    assert listed(lens)["items"] == []
    assert lens.get("/api/console/verdicts").json["items"] == []
    assert lens.get("/api/console/recoveries-by-service").json["services"] == []


def verdict(**fields: Any) -> dict[str, Any]:
    return {
        "experiment": "kill", "title": "A killed replica is back", "fault": "kill", "target": "orders-1",
        "mode": "embedded", "seed": 1, "began": NOW, "struck": NOW + 5, "lifted": None, "seconds": 30.0,
        "passed": True, "findings": [], "cold_start_seconds": 1.5, "failures": {}, "failed_trace_ids": [],
        "links": {"trace": f"http://127.0.0.1:7701/trace/{'c' * 32}"},
        "measured": {
            "steady_after": "", "method": [], "detection_seconds": 0.01, "recovery_seconds": 1.9,
            "service_seconds": None, "left_open": [], "restarts": 1, "bystanders": {"lens": 1},
            "requests": {"sent": 200, "failed": 2, "p99_ms": 40.0},
            "orders": {"acknowledged": 30, "lost": 0, "doubled": 0},
        },
    } | fields  # fmt: skip


@pytest.fixture
def verdicts(shelf: Path) -> Iterator[Path]:
    folder = shelf / "verdicts"
    folder.mkdir()
    for name, document in {
        "1-kill": verdict(began=NOW - 60),
        "2-hang": verdict(experiment="hang", passed=False, findings=["never noticed"], failed_trace_ids=["d" * 32]),
        "3-old": {"experiment": "of another version"},
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    (folder / "4-half.json").write_text("{")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.usefixtures("verdicts")
def test_verdicts_are_listed_newest_first_and_files_that_are_none_counted(lens: LensProcess) -> None:
    page = lens.get("/api/console/verdicts").json

    assert [(one["id"], one["passed"]) for one in page["items"]] == [("2-hang", False), ("1-kill", True)]
    assert (page["total"], page["unreadable"], page["experiments"]) == (2, 2, ["hang", "kill"])
    assert page["items"][1]["trace_id"] == "c" * 32
    assert page["items"][1]["measured"]["bystanders"] == {"lens": 1}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"experiment": "kill"}, ["1-kill"]),
        ({"failed": "true"}, ["2-hang"]),
        ({"target": "payments-1"}, []),
        ({"end_ms": (NOW - 30) * 1000}, ["1-kill"]),
        ({"limit": 1}, ["2-hang"]),
        ({"cursor": "2-hang"}, ["1-kill"]),
    ],
)
@pytest.mark.usefixtures("verdicts")
def test_verdicts_are_narrowed(lens: LensProcess, parameters: dict[str, Any], expected: list[str]) -> None:
    page = lens.get("/api/console/verdicts", **parameters).json

    assert [one["id"] for one in page["items"]] == expected


def test_one_verdict_is_found_by_its_id_and_no_file_outside_is(lens: LensProcess, verdicts: Path) -> None:
    (verdicts.parent / "secret.json").write_text(json.dumps(verdict()))

    assert lens.get("/api/console/verdicts/2-hang").json["findings"] == ["never noticed"]
    for name in ("9-none", "..%2Fsecret"):
        answer = lens.get(f"/api/console/verdicts/{name}")
        assert answer.status == 404, answer.body
