import json
import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_lines import Lines

from chassis.correlation import bind_correlation_id
from chassis.telemetry import Telemetry, TelemetrySettings, configure, log, span, untraced
from chassis.telemetry.logs import InterceptHandler
from chassis.telemetry.span import Span
from chassis.telemetry.stdout import LineWriter

pytestmark = pytest.mark.usefixtures("telemetry")
function_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def test_a_line_names_the_work_it_belongs_to(lines: Lines) -> None:
    with bind_correlation_id("correlated-1"), span("work") as work:
        log.bind(**{"order.id": "o-1"}).info("placed {} of {}", 1, 2)
    assert isinstance(work, Span)
    line = lines.last()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "service": "tests",
        "message": "placed 1 of 2",
        "trace_id": work.trace_id,
        "span_id": work.span_id,
        "correlation_id": "correlated-1",
        "logger": __name__,
        "order.id": "o-1",
    }


def test_untraced_work_names_no_trace(lines: Lines) -> None:
    with untraced():
        log.info("polled")
    assert (lines.last()["trace_id"], lines.last()["span_id"]) == ("", "")


def test_the_standard_library_logs_into_the_same_sink(lines: Lines) -> None:
    logging.getLogger("some.library").warning("took %d ms", 5, extra={"peer": "inventory", "token": "abc"})
    line = lines.last()
    assert (line["level"], line["message"], line["logger"]) == ("WARNING", "took 5 ms", "some.library")
    assert (line["peer"], line["token"]) == ("inventory", "[redacted]")


def test_a_malformed_call_of_a_library_still_becomes_a_line(telemetry: Telemetry, lines: Lines) -> None:
    record = logging.makeLogRecord({"name": "lib", "levelname": "INFO", "msg": "took %d ms", "args": ("long",)})
    InterceptHandler(telemetry.sink).emit(record)
    assert lines.last()["message"] == "took %d ms (arguments do not fit the format)"


def fail(error: Exception, *, secret: str = "") -> None:  # noqa: ARG001 - a stack with variables would show it
    raise error


def test_an_exception_is_told_whole_and_clean(lines: Lines) -> None:
    try:
        fail(ValueError("card 4111 1111 1111 1111\nrefused"))
    except ValueError:
        log.exception("declined")
    line = lines.last()
    assert line["exception.type"] == "ValueError"
    assert line["exception.message"] == "card [redacted]\\nrefused"
    assert line["exception.stacktrace"].startswith("Traceback (most recent call last):\n")
    assert b"4111 1111 1111 1111\\nrefused" not in lines[-1]


def test_values_of_variables_are_never_in_a_stack(lines: Lines) -> None:
    try:
        fail(KeyError("missing"), secret="hunter" + str(2))
    except KeyError:
        log.exception("failed")
    assert b"hunter2" not in lines[-1]


def test_a_field_never_replaces_a_fixed_one(lines: Lines) -> None:
    log.bind(service="forged", level="forged", trace_id="forged").info("hello")
    line = lines.last()
    assert (line["service"], line["level"], line["trace_id"]) == ("tests", "INFO", "")
    assert line["field.service"] == "forged"


@function_fixtures
@given(message=st.text(), key=st.text(min_size=1), value=st.recursive(st.none() | st.text() | st.floats(), st.lists))
def test_anything_logged_is_one_valid_line(lines: Lines, message: str, key: str, value: object) -> None:
    log.bind(**{key: value}).info("{}", message)
    (text, rest) = lines[-1].split(b"\n")
    assert rest == b""
    assert json.loads(text)["service"] == "tests"


def test_objects_of_any_kind_may_be_fields(lines: Lines) -> None:
    log.bind(path=Path("x"), number=2**80, both={1: {2}}, raw=b"\xff").info("odd")
    line = lines.last()
    assert (line["path"], line["both"], line["raw"]) == ("x", {"1": [2]}, "\\xff")


def test_what_is_below_the_level_costs_no_line(lines: Lines) -> None:
    configure(TelemetrySettings(service="tests", instance="tests-1", log_level="warning"), write=lines.append)
    log.info("quiet")
    logging.getLogger("some.library").info("quiet")
    assert lines == []


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="log level must be one of TRACE, DEBUG"):
        TelemetrySettings(service="s", instance="i", log_level="LOUD")


async def test_lines_are_gathered_while_the_loop_runs_and_written_at_its_end(tmp_path: Path) -> None:
    target = tmp_path / "out.log"
    descriptor = os.open(target, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    writer = LineWriter(descriptor)
    writer.write(b"before\n")
    writer.attach()
    writer.write(b"during\n")
    assert target.read_bytes() == b"before\n"
    writer.detach()
    writer.write(b"after\n")
    os.close(descriptor)
    assert target.read_bytes() == b"before\nduring\nafter\n"


def test_what_standard_output_does_not_take_is_counted() -> None:
    reader, descriptor = os.pipe()
    os.close(reader)
    writer = LineWriter(descriptor)
    writer.write(b"nobody reads this\n")
    os.close(descriptor)
    assert writer.lost == 1


def test_everything_is_measured_and_logged_once(telemetry: Telemetry, lines: Lines) -> None:
    before = telemetry.logs.produced
    log.info("one")
    logging.getLogger("lib").info("two")
    assert (telemetry.logs.produced - before, len(lines)) == (2, 2)
