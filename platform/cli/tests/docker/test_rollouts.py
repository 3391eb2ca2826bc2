"""What rollouts in containers decide without an engine: tags, compose's file, what serves after one was cut off."""

from pathlib import Path

import pytest

from pharos.docker.compose import Compose
from pharos.docker.releases import settled
from pharos.docker.tags import image_of, tag_of, tags, write_tag
from pharos.docker.trial import rollout_file
from warden.release.record import CHECKOUT, Deployment, Rollout

RESOLVED = {
    "services": {
        "orders": {
            "image": "pharos-orders:dev",
            "build": {"context": "."},
            "depends_on": {"nats": {}},
            "labels": {"pharos.alive": "8080/health/live", "pharos.ready": "8080/health/ready"},
            "environment": {"PHAROS_LOG_LEVEL": "INFO"},
            "mem_limit": "1",
        },
        "orders-migrate": {"image": "pharos-orders:dev"},
        "nats": {"image": "nats:2"},
    }
}


@pytest.fixture
def compose(tmp_path: Path) -> Compose:
    settings = tmp_path / "compose.env"
    settings.write_text("# Written by up.\nPHAROS_EDGE_PORT='7700'\nPHAROS_TAG='ours'\n")
    return Compose(tmp_path, "pharos", settings, tmp_path / "compose.override.json")


@pytest.mark.parametrize(
    ("project", "release", "tag"),
    [
        ("pharos", "1.2.0", "1.2.0"),
        ("pharos", "1.2.0+fix!", "1.2.0_fix_"),
        ("pharos-1a2b3c4d", "1.2.0", "1.2.0-1a2b3c4d"),
    ],
)
def test_a_release_has_a_tag_that_no_other_system_uses(project: str, release: str, tag: str) -> None:
    assert tag_of(project, release) == tag


def test_compose_starts_what_is_deployed_and_the_checkout_where_nothing_is(compose: Compose) -> None:
    assert image_of(compose, "orders", CHECKOUT) == "pharos-orders:ours"
    before = compose.settings.read_text()

    write_tag(compose, "orders", "1.2.0")
    write_tag(compose, "orders", "1.3.0")
    assert compose.settings.read_text() == before + "PHAROS_ORDERS_TAG='1.3.0'\n"
    write_tag(compose, "orders", CHECKOUT)
    assert compose.settings.read_text() == before

    deployments = {"orders": Deployment(current="1.3.0"), "payments": Deployment()}
    assert tags("pharos", deployments) == {"PHAROS_ORDERS_TAG": "1.3.0"}


def test_the_container_on_trial_is_as_the_others_but_for_its_image_its_name_and_that_warden_judges_it() -> None:
    services = rollout_file(RESOLVED, "orders", "1.2.0", "pharos-orders:1.2.0")["services"]

    assert services["orders-trial"] == {
        "image": "pharos-orders:1.2.0",
        "labels": {"pharos.trial": "orders", "pharos.release": "1.2.0", "pharos.ready": "8080/health/ready"},
        "environment": {"PHAROS_LOG_LEVEL": "INFO"},
        "mem_limit": "1",
    }
    assert services["orders"] == services["orders-migrate"] == {"image": "pharos-orders:1.2.0"}
    assert "nats" not in services


ON_TRIAL = Rollout(target="2")
IN_PLACE = Rollout(target="2", phase="replacing")
BACK = Rollout(target="1", phase="replacing", undoing=True)


@pytest.mark.parametrize(
    ("rollout", "current", "earlier"),
    [(None, "1", ("0",)), (ON_TRIAL, "1", ("0",)), (IN_PLACE, "2", ("0", "1")), (BACK, "1", ("0",))],
)
def test_after_a_rollout_that_was_cut_off_what_was_judged_serves_and_nothing_else(
    rollout: Rollout | None, current: str, earlier: tuple[str, ...]
) -> None:
    after = settled(Deployment(current="1", earlier=("0",), rollout=rollout))
    assert (after.current, after.earlier, after.rollout) == (current, earlier, None)
