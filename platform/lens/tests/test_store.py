"""What is acknowledged stays; what is old or too much goes."""

import asyncio
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import LensProcess, line, logs, new_span_id, new_trace_id, span, traces
from lens.otlp.build import resource_of
from lens.records import Batch, LogRecord, SpanRecord
from lens.store import retention
from lens.store.ingest import Ingester
from lens.store.reader import QueryTimeoutError, Reader
from lens.store.retention import Limits
from lens.store.schema import MIGRATIONS, SchemaError, open_reader, open_writer
from lens.store.traces import get_trace
from lens.store.writer import QueueFullError, Writer

StartLens = Callable[..., LensProcess]
HOUR = 3_600 * 10**9
RESOURCE = resource_of({"service.name": "orders"})


def batch_of(number: int, *, spans: int = 1, logs: int = 0, padding: int = 0) -> Batch:
    trace_id = number.to_bytes(16)
    details = b'{"attributes":{"pad":"%s"}}' % (b"x" * padding)
    return Batch(
        [
            SpanRecord(
                trace_id, (n + 1).to_bytes(8), None, RESOURCE, "work", 1, n + 1, n + 2, 0, [("a.id", "1")], details
            )
            for n in range(spans)
        ],
        [LogRecord(number * 10_000 + n, RESOURCE, 9, "INFO", trace_id, None, None, "hi", b"{}") for n in range(logs)],
    )


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_writer(tmp_path / "t.sqlite3")
    yield opened
    opened.close()


def count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_nothing_acknowledged_is_lost_when_lens_is_killed(start_lens: StartLens) -> None:
    lens = start_lens()
    sent = [new_trace_id() for _ in range(30)]
    acknowledged = [t for t in sent if lens.post_json("traces", traces("a", span(t, new_span_id()))).status == 200]
    assert lens.post_json("logs", logs("a", line("kept", time.time_ns()))).status == 200

    lens.stop(signal.SIGKILL)
    again = start_lens()

    assert acknowledged == sent
    assert all(again.get(f"/api/traces/{trace_id}").status == 200 for trace_id in sent)
    found = again.get("/loki/api/v1/query_range", query='{service_name="a"}').json["data"]["result"]
    assert [stream["values"][0][1] for stream in found] == ["kept"]


def test_what_was_accepted_before_sigterm_is_written(start_lens: StartLens) -> None:
    lens = start_lens()
    accepted: list[str] = []

    def send() -> None:
        while True:
            trace_id = new_trace_id()
            try:
                if lens.post_json("traces", traces("a", span(trace_id, new_span_id()))).status != 200:
                    return
            except OSError:
                return
            accepted.append(trace_id)

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(0.5)
    assert lens.stop() == 0
    sender.join(20)

    again = start_lens()
    assert accepted
    assert all(again.get(f"/api/traces/{trace_id}").status == 200 for trace_id in accepted)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    open_writer(tmp_path / "t.sqlite3").execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(SchemaError, match="run the newer lens"):
        open_writer(tmp_path / "t.sqlite3")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.sqlite3").write_bytes(b"something else" * 1_000)

    with pytest.raises(SchemaError, match=r"t\.sqlite3 is no database .* move it away"):
        open_writer(tmp_path / "t.sqlite3")


def test_records_go_when_they_are_too_old(connection: sqlite3.Connection) -> None:
    ingester = Ingester(connection)
    ingester.write([batch_of(1, spans=3, logs=5)], now_ns=HOUR)
    ingester.write([batch_of(2, spans=2, logs=1)], now_ns=5 * HOUR)

    pruned = retention.prune_step(connection, Limits(2 * HOUR, 2**40), now_ns=6 * HOUR)

    assert (pruned.traces, pruned.spans, pruned.logs, pruned.more) == (1, 3, 5, False)
    assert [count(connection, table) for table in ("trace", "span", "log", "trace_tag", "trace_service")] == [
        1,
        2,
        1,
        1,
        1,
    ]


def test_the_oldest_go_when_there_is_too_much_and_the_file_stays_bounded(connection: sqlite3.Connection) -> None:
    limits = Limits(1_000 * HOUR, 8 * 1024 * 1024)
    ingester = Ingester(connection)
    for number in range(1, 400):
        ingester.write([batch_of(number, spans=50, logs=10, padding=900)], now_ns=number)
        while retention.prune_step(connection, limits, now_ns=number).more:
            pass

    assert retention.used_bytes(connection) <= limits.max_bytes
    assert retention.file_bytes(connection) <= limits.max_bytes * 1.1
    kept = [row[0] for row in connection.execute("SELECT arrived_ns FROM trace ORDER BY id")]
    assert kept == list(range(kept[0], 400))
    assert connection.execute("SELECT min(arrived_ns) FROM log").fetchone()[0] >= kept[0]


def test_a_lowered_limit_shrinks_the_file(connection: sqlite3.Connection) -> None:
    Ingester(connection).write([batch_of(n, spans=50, padding=2_000) for n in range(1, 200)], now_ns=1)
    assert retention.file_bytes(connection) > 16 * 1024 * 1024

    while retention.prune_step(connection, Limits(HOUR, 8 * 1024 * 1024), now_ns=2).more:
        pass

    assert retention.file_bytes(connection) <= 8 * 1024 * 1024


def test_one_step_stays_small(connection: sqlite3.Connection) -> None:
    Ingester(connection).write([batch_of(n, spans=100, logs=100) for n in range(1, 200)], now_ns=1)

    pruned = retention.prune_step(connection, Limits(0, 2**40), now_ns=HOUR)

    assert pruned.spans <= 4_100
    assert pruned.logs <= 2_000
    assert pruned.more


def test_names_survive_pruning_while_they_are_used(connection: sqlite3.Connection, tmp_path: Path) -> None:
    ingester = Ingester(connection)
    for hour in range(1, 12):
        ingester.write([batch_of(hour)], now_ns=hour * HOUR)
        while retention.prune_step(connection, Limits(HOUR, 2**40), now_ns=hour * HOUR).more:
            pass

    found = get_trace(open_reader(tmp_path / "t.sqlite3"), (11).to_bytes(16))

    assert found is not None
    assert (found.spans[0].name, [r.service for r in found.resources.values()]) == ("work", ["orders"])
    assert count(connection, "operation") == 1


def test_a_failed_batch_leaves_the_others_and_the_writer_alive(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "t.sqlite3", Limits(HOUR, 2**40), 1_000)
    writer.start()
    broken = batch_of(1)
    broken.spans[0].start_ns = 2**70

    futures = [writer.submit(batch) for batch in (batch_of(2), broken, batch_of(3))]

    assert futures[0].result(5) is None
    assert isinstance(futures[1].exception(5), OverflowError)
    assert futures[2].result(5) is None
    writer.check()
    writer.close()


def test_a_full_queue_sends_the_sender_away(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "t.sqlite3", Limits(HOUR, 2**40), 10)
    writer.start()
    writer.submit(batch_of(5)).result(5)
    blocker = sqlite3.connect(tmp_path / "t.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    first = writer.submit(batch_of(1, spans=20))
    deadline = time.monotonic() + 5
    while writer._queue and time.monotonic() < deadline:
        time.sleep(0.01)
    writer.submit(batch_of(2, spans=10))

    with pytest.raises(QueueFullError):
        writer.submit(batch_of(3))

    blocker.execute("ROLLBACK")
    assert first.result(10) is None
    writer.close()
    with pytest.raises(QueueFullError):
        writer.submit(batch_of(4))


def test_a_busy_store_answers_503_with_retry_after(start_lens: StartLens) -> None:
    lens = start_lens()
    blocker = sqlite3.connect(lens.folder / "lens" / "telemetry.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")

    answer = lens.post_json("traces", traces("a", span(new_trace_id(), new_span_id())))

    blocker.execute("ROLLBACK")
    assert (answer.status, answer.headers["retry-after"], answer.json["code"]) == (503, "1", 14)


async def test_a_read_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    open_writer(tmp_path / "t.sqlite3").close()
    reader = Reader(tmp_path / "t.sqlite3", 0.2)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"

    with pytest.raises(QueryTimeoutError, match="narrow"):
        await reader.run(lambda connection: connection.execute(endless).fetchall())

    assert (
        await asyncio.gather(*(reader.run(lambda c: c.execute("SELECT 1").fetchone()) for _ in range(9))) == [(1,)] * 9
    )
    reader.close()


async def test_slow_reads_leave_the_threads_for_decoding_alone(tmp_path: Path) -> None:
    open_writer(tmp_path / "t.sqlite3").close()
    reader = Reader(tmp_path / "t.sqlite3", 5.0)
    end = threading.Event()
    slow = [asyncio.create_task(reader.run(lambda _: end.wait(5))) for _ in range(40)]
    try:
        async with asyncio.timeout(2):
            await asyncio.sleep(0)
            await asyncio.to_thread(lambda: None)
    finally:
        end.set()
        await asyncio.gather(*slow)
        reader.close()
