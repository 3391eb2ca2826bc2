"""Up, down and everything that can go wrong between them, as seen from the command line."""

import json
import os
import signal
import socket

from support.system import System, new_system, processes_of
from testkit import wait_until

PARTS = {"edge", "accounts", "inventory", "orders", "payments", "notifications"}


def test_up_says_what_runs_and_status_says_the_same_in_depth(system: System) -> None:
    status = system.json("status")

    assert set(system.up) == {"mode", "ready", "seconds", "endpoints", "services"}
    assert (system.up["mode"], system.up["ready"]) == ("embedded", True)
    assert {"edge", "lens"} <= set(system.up["endpoints"])
    assert {service["name"] for service in system.up["services"]} >= PARTS
    assert all({"name", "version", "replicas", "health"} <= set(service) for service in system.up["services"])
    assert status["endpoints"] == system.up["endpoints"]
    for service in status["services"]:
        assert service["health"] == "ok", service
        assert len(service["instances"]) == service["replicas"]
        assert all({"pid", "restarts", "health"} <= set(instance) for instance in service["instances"])


def test_a_second_up_starts_nothing_and_says_that_it_runs(system: System) -> None:
    before = system.json("status")

    again = system.pharos("up", "--port-base", str(system.port_base), check=False)

    assert "running" in (again.stdout + again.stderr)
    assert system.json("status") == before | {"seconds": system.json("status")["seconds"]}


def test_a_port_in_use_is_named_before_anything_starts(own_system: System) -> None:
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", own_system.port_base))
        occupied.listen()
        done = own_system.pharos("up", "--port-base", str(own_system.port_base), check=False)

    assert done.returncode == 1
    assert str(own_system.port_base) in done.stderr
    assert "--port-base" in done.stderr
    assert processes_of(own_system.state) == []


def test_down_leaves_nothing_running_and_keeps_the_data(own_system: System) -> None:
    own_system.start()
    order = own_system.json("order")

    own_system.stop()

    assert processes_of(own_system.state) == []
    own_system.start()
    assert own_system.json("trace", order["correlation_id"])["traces"][0]["trace_id"] == order["trace_id"]
    assert own_system.json("order")["status"] == "confirmed"


async def test_a_killed_replica_is_restarted_and_serves_again(own_system: System) -> None:
    own_system.start("--replicas", "orders=2")
    first = own_system.instance("orders-1")

    os.kill(first["pid"], signal.SIGKILL)

    await wait_until(lambda: own_system.instance("orders-1")["restarts"] == 1, timeout=20)
    await wait_until(lambda: own_system.instance("orders-1")["health"] == "ok", timeout=20)
    assert own_system.instance("orders-1")["pid"] != first["pid"]
    assert own_system.json("order")["status"] == "confirmed"


def test_a_killed_warden_leaves_the_services_serving_and_the_next_up_adopts_them(own_system: System) -> None:
    own_system.start()
    before = {one["pid"] for service in own_system.json("status")["services"] for one in service["instances"]}
    warden = json.loads((own_system.state / "warden.json").read_text())["pid"]

    os.kill(warden, signal.SIGKILL)

    assert own_system.json("order")["status"] == "confirmed"
    own_system.start()
    after = {one["pid"] for service in own_system.json("status")["services"] for one in service["instances"]}
    assert after == before
    assert own_system.json("order")["status"] == "confirmed"
    os.kill(json.loads((own_system.state / "warden.json").read_text())["pid"], signal.SIGKILL)
    own_system.stop()
    assert processes_of(own_system.state) == []


def test_two_systems_never_meet(system: System) -> None:
    other = new_system()
    try:
        other.start()
        order = other.json("order")

        assert system.pharos("trace", order["correlation_id"], "--wait", "0", check=False).returncode == 1
        other.stop()
        assert system.json("order")["status"] == "confirmed"
    finally:
        other.remove()


def test_reset_asks_and_deletes_the_data(own_system: System) -> None:
    own_system.start()
    order = own_system.json("order")

    refused = own_system.pharos("reset", check=False)
    assert refused.returncode != 0
    own_system.pharos("reset", "--yes")

    assert processes_of(own_system.state) == []
    own_system.start()
    assert own_system.pharos("trace", order["correlation_id"], "--wait", "0", check=False).returncode == 1


def test_every_command_says_how_to_start_when_nothing_runs(own_system: System) -> None:
    for command in (["status"], ["order"], ["load"], ["trace", "some-id-0001"], ["logs", "some-id-0001"]):
        done = own_system.pharos(*command, check=False)
        assert done.returncode == 1, command
        assert "./just up" in done.stderr
        assert "Traceback" not in done.stderr
