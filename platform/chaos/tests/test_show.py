import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from verdicts import GOOD, verdict

from chaos.experiments import read_experiments
from chaos.show import show_experiments, show_report, show_verdict

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_the_report_is_a_table_with_a_row_for_each_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    show_report([verdict(), verdict(experiment="hang", cold_start_seconds=None)], as_json=False)

    header, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[:3] for row in rows] == [["hang", "orders-1", "1/1"], ["kill", "orders-1", "1/1"]]
    assert "RECOVERED" in header


def test_what_an_experiment_needs_is_told_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    known = read_experiments(Path(__file__).parents[3])
    show_experiments([known["kill"], known["leak"], known["store-slow"]], as_json=False)

    _, kill, leak, slow = capsys.readouterr().out.splitlines()
    assert "embedded, docker" in kill
    assert "--replicas orders=2 --replicas inventory=2" in kill
    assert "--docker" not in leak
    assert "--chaos" in leak
    assert "--docker --chaos" in slow


def test_a_report_without_verdicts_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    show_report([], as_json=False)

    assert "./just chaos NAME" in capsys.readouterr().err


def test_the_report_is_one_document_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    show_report([verdict()], as_json=True)

    (line,) = json.loads(capsys.readouterr().out)
    assert (line["experiment"], line["runs"], line["recovery_seconds"]) == ("kill", 1, GOOD.recovery_seconds)


def test_a_verdict_names_what_broke_and_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    failed = verdict(
        replace(GOOD, detection_seconds=None),
        passed=False,
        findings=["1 orders lost"],
        failures={"POST /orders: 503 overloaded": 2},
        failed_trace_ids=[TRACE],
        links={TRACE: f"http://console/trace/{TRACE}"},
    )

    show_verdict(failed)

    said = capsys.readouterr().out
    for words in ("FAILED", "1 orders lost", "2 times POST /orders: 503 overloaded", f"http://console/trace/{TRACE}"):
        assert words in said
