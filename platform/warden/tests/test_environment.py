"""What a process is told about the system."""

from dataclasses import replace
from pathlib import Path

import msgspec

from testkit.tiny import TinyCheckout, release_tiny
from warden.catalog import read_service
from warden.environment import Surroundings
from warden.layout import Ports, StateFolder
from warden.release.record import Deployment, write_deployment


def manifests(checkout: TinyCheckout, state: Path) -> str:
    service = read_service(checkout.root / "services" / "tiny")
    asks = replace(
        service, manifest=msgspec.structs.replace(service.manifest, environment={"MANIFESTS": "{manifests}"})
    )
    return Surroundings(StateFolder(state), Ports(), checkout.root).of_service(asks, "tiny-1", 1)["MANIFESTS"]


def test_who_asks_for_manifests_gets_the_ones_of_the_releases_that_serve(
    checkout: TinyCheckout, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    assert manifests(checkout, state) == str(checkout.root / "services")

    release_tiny(checkout, state, "2.0.0")
    write_deployment(StateFolder(state), "tiny", Deployment(current="2.0.0"))

    assert manifests(checkout, state) == str(state / "releases" / "tiny" / "2.0.0" / "service.toml")
    assert Path(manifests(checkout, state)).exists()
