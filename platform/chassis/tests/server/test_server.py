"""A replica from start to drained exit, as a process of its own."""

import concurrent.futures
import signal
import socket
import time

import psutil
import pytest
from kiosks import Start

from chassis.server import EXIT_CONFIGURATION, EXIT_PORT_IN_USE
from testkit import wait_until
from testkit.servers import free_port


def test_a_replica_is_one_process(start: Start) -> None:
    kiosk = start().wait_ready()

    assert psutil.Process(kiosk.process.pid).children() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(start: Start, number: signal.Signals) -> None:
    kiosk = start().wait_ready()

    began = time.monotonic()
    kiosk.process.send_signal(number)

    assert kiosk.wait() == 0
    assert time.monotonic() - began < 3
    assert "job ended" in kiosk.output
    assert "stopped after draining" in kiosk.output
    assert kiosk.errors == ""


def test_a_request_in_flight_is_finished(start: Start) -> None:
    kiosk = start().wait_ready()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(kiosk.get, "/slow?seconds=1.5")
        time.sleep(0.3)
        kiosk.process.terminate()

        assert answer.result() == (200, "done")
    assert kiosk.wait() == 0


def test_readiness_goes_before_the_port_does(start: Start) -> None:
    kiosk = start(PHAROS_DRAIN_NOTICE="1").wait_ready()

    kiosk.process.terminate()
    time.sleep(0.2)

    status, body = kiosk.get("/health/ready")
    assert status == 503
    assert '"draining"' in body
    assert kiosk.get("/health/live")[0] == 200
    assert kiosk.get("/slow?seconds=0")[0] == 200
    assert kiosk.wait() == 0


def test_idle_connections_do_not_hold_up_the_end(start: Start) -> None:
    kiosk = start().wait_ready()
    kept = kiosk.connect()
    kept.request("GET", "/health/live")
    kept.getresponse().read()
    with socket.create_connection(("127.0.0.1", kiosk.port)):
        began = time.monotonic()
        kiosk.process.terminate()

        assert kiosk.wait() == 0
    assert time.monotonic() - began < 3


def test_a_request_never_sent_to_its_end_is_cut_off(start: Start) -> None:
    kiosk = start(PHAROS_DRAIN_DEADLINE="0.5").wait_ready()
    with socket.create_connection(("127.0.0.1", kiosk.port)) as half:
        half.sendall(b"GET /slow?seconds=0 HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        kiosk.process.terminate()

        assert kiosk.wait() == 0
    assert time.monotonic() - began < 3


def test_a_request_that_does_not_end_is_cut_off_within_ten_seconds(start: Start) -> None:
    kiosk = start().wait_ready()
    connection = kiosk.connect()
    connection.request("GET", "/slow?seconds=60")
    time.sleep(0.3)

    began = time.monotonic()
    kiosk.process.terminate()

    assert kiosk.wait() == 0
    assert 4 < time.monotonic() - began < 10
    assert "still in flight" in kiosk.output


def test_a_second_signal_ends_the_waiting(start: Start) -> None:
    kiosk = start().wait_ready()
    connection = kiosk.connect()
    connection.request("GET", "/slow?seconds=60")
    time.sleep(0.3)

    kiosk.process.terminate()
    time.sleep(0.6)
    began = time.monotonic()
    kiosk.process.terminate()

    assert kiosk.wait() == 0
    assert time.monotonic() - began < 2


def test_an_event_loop_that_stands_still_during_the_drain_is_ended(start: Start) -> None:
    kiosk = start(PHAROS_DRAIN_NOTICE="1", PHAROS_DRAIN_DEADLINE="0").wait_ready()
    kiosk.process.terminate()
    time.sleep(0.3)
    connection = kiosk.connect()
    connection.request("GET", "/block?seconds=60")

    began = time.monotonic()

    assert kiosk.wait() == 1
    assert time.monotonic() - began < 8
    assert "in block" in kiosk.errors


def test_a_late_signal_does_not_change_the_outcome(start: Start) -> None:
    kiosk = start(PHAROS_DRAIN_NOTICE="0").wait_ready()

    while kiosk.process.poll() is None:
        kiosk.process.terminate()
        time.sleep(0.005)

    assert kiosk.wait() == 0


def test_a_port_in_use_is_refused_with_a_word(start: Start) -> None:
    first = start().wait_ready()

    second = start(first.port)

    assert second.wait() == EXIT_PORT_IN_USE
    assert second.errors == (
        f"cannot start: 127.0.0.1:{first.port} is in use by another process; end it or set another PHAROS_PORT\n"
    )
    assert first.get("/health/ready")[0] == 200


def test_a_port_is_free_again_at_once(start: Start) -> None:
    first = start().wait_ready()
    for _ in range(3):
        first.get("/health/live")
    first.process.kill()
    first.wait()

    start(first.port).wait_ready()


def test_of_two_that_start_at_once_on_one_port_one_wins(start: Start) -> None:
    port = free_port()
    both = [start(port), start(port)]

    deadline = time.monotonic() + 15
    while all(kiosk.process.poll() is None for kiosk in both):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    loser, winner = sorted(both, key=lambda kiosk: kiosk.process.poll() is None)
    assert loser.wait() == EXIT_PORT_IN_USE
    winner.wait_ready()


def test_a_wrong_setting_is_told_in_one_line(start: Start) -> None:
    kiosk = start(PHAROS_DISCOVERY="nowhere")

    assert kiosk.wait() == EXIT_CONFIGURATION
    assert kiosk.errors == "cannot start: PHAROS_DISCOVERY: is 'nowhere'; set file:PATH or dns:PORT\n"
    assert kiosk.output == ""


def test_a_foreign_address_is_told_in_one_line(start: Start) -> None:
    kiosk = start(PHAROS_HOST="192.0.2.1")

    assert kiosk.wait() == EXIT_CONFIGURATION
    assert "192.0.2.1" in kiosk.errors
    assert "give an address of this machine" in kiosk.errors


def test_a_start_that_fails_ends_the_process_with_its_reason(start: Start) -> None:
    kiosk = start(KIOSK_BROKEN="1")

    assert kiosk.wait() == 1
    assert "the shutters are stuck" in kiosk.output + kiosk.errors


async def test_a_process_whose_loop_turns_can_be_asked_what_its_tasks_wait_for(start: Start) -> None:
    kiosk = start().wait_ready()

    kiosk.process.send_signal(signal.SIGUSR2)

    await wait_until(lambda: "Task " in kiosk.errors and "in _live" in kiosk.errors)


def test_a_hanging_process_can_be_asked_where_it_hangs(start: Start) -> None:
    kiosk = start().wait_ready()
    connection = kiosk.connect()
    connection.request("GET", "/block?seconds=2")
    time.sleep(0.5)

    kiosk.process.send_signal(signal.SIGUSR1)
    time.sleep(0.3)

    assert "in block" in kiosk.errors
