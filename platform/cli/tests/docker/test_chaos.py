"""With chaos, every connection between parts is led through a proxy; without it, there is none."""

from pathlib import Path

import msgspec
import pytest
import yaml

from pharos.docker.chaos import PART, STORES, Proxy, discovery, lead, lead_nowhere, proxies, variables
from pharos.docker.compose import Compose, compose_of
from pharos.docker.record import DockerRecord
from pharos.docker.releases import deploy
from pharos.docker.system import DockerSystem
from warden.layout import Ports, StateFolder
from warden.release.errors import RolloutRefused
from warden.release.record import CHECKOUT

ROOT = Path(__file__).parents[4]
LISTED = proxies("pharos", {"orders": 2, "payments": 1})


@pytest.fixture
def compose(tmp_path: Path) -> Compose:
    folder = StateFolder(tmp_path)
    folder.docker.path.mkdir()
    return compose_of(folder, ROOT)


def test_each_replica_and_each_store_has_a_proxy_of_its_own() -> None:
    assert {one.name: one.upstream for one in LISTED} == {
        "postgres": "postgres:5432",
        "nats": "nats:4222",
        "collector": "collector:4318",
        "orders-1": "pharos-orders-1:8080",
        "orders-2": "pharos-orders-2:8080",
        "payments-1": "pharos-payments-1:8080",
    }
    assert len({one.port for one in LISTED}) == len(LISTED)
    assert all(one.port == STORES.get(one.name, one.port) for one in LISTED)


def test_replicas_are_found_behind_their_proxies() -> None:
    assert discovery(LISTED) == ("dns:8080,orders=toxiproxy:18001,orders=toxiproxy:18002,payments=toxiproxy:18003")


def test_the_file_for_chaos_counts_only_where_proxies_have_been_written(compose: Compose) -> None:
    before = compose.arguments("up")
    given = lead(compose, Ports(20000), {"orders": 1})
    led = compose.arguments("up")
    written = msgspec.json.decode((Path(given["PHAROS_CHAOS"]) / "proxies.json").read_bytes(), type=list[Proxy])
    lead_nowhere(compose)

    assert [one.name for one in written] == [*STORES, "orders-1"]
    assert str(ROOT / "compose.chaos.yaml") in led
    assert before == compose.arguments("up")
    assert str(ROOT / "compose.chaos.yaml") not in before


def test_every_variable_that_is_given_is_one_of_the_file_for_chaos() -> None:
    text = (ROOT / "compose.chaos.yaml").read_text()
    given = variables(Path("/state"), Ports(7700), LISTED)
    assert {name for name in given if f"${{{name}:-" in text} == set(given)
    assert (given["PHAROS_NATS_PORT"], given["PHAROS_COLLECTOR_PORT"]) == ("7703", "7715")


def test_nothing_is_deployed_where_no_proxy_leads_to_a_new_replica(tmp_path: Path) -> None:
    record = DockerRecord(
        project="x",
        root=str(ROOT),
        port_base=20000,
        without=[],
        replicas={},
        parts={},
        versions={},
        started=0,
        chaos=True,
    )
    with pytest.raises(RolloutRefused, match="--chaos"):
        deploy(DockerSystem(StateFolder(tmp_path), record), "orders", CHECKOUT, lambda _: None, skip_analysis=True)


def test_who_uses_a_store_is_led_to_its_proxy() -> None:
    parts = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    led = yaml.safe_load((ROOT / "compose.chaos.yaml").read_text())["services"]
    for name, part in parts.items():
        if "PHAROS_DISCOVERY" in part.get("environment", {}) and not name.endswith("-migrate") and name != "warden":
            environment = led[name]["environment"]
            assert environment["PHAROS_DISCOVERY"] == "${PHAROS_LED:-dns:8080}"
            for store, port in STORES.items():
                for setting, value in part["environment"].items():
                    if f"{store}:{port}" in value:
                        assert environment[setting] == value.replace(f"{store}:{port}", f"{PART}:{port}")
