"""The compose file of a rollout: which image the service has from now on, and its container on trial."""

from typing import Any

import msgspec

from chassis.discovery import trial_name
from pharos.docker.compose import Compose
from warden.files import write_atomically
from warden.release.record import name_of

_DEPENDENCIES = ("depends_on", "build")


def write_rollout_file(compose: Compose, service: str, release: str, image: str) -> Compose:
    """Write it for this release; compose that reads it, too."""
    whole = compose.beside(f"rollout-{service}")
    resolved = msgspec.json.decode(compose.call("config", "--format", "json", timeout=60))
    write_atomically(whole.extra[-1], msgspec.json.encode(rollout_file(resolved, service, release, image)))
    return whole


def rollout_file(resolved: dict[str, Any], service: str, release: str, image: str) -> dict[str, Any]:
    """Its content, given what compose makes of all other files.

    The container on trial is as the others are, so that both can be compared, but for its name, under which callers
    find it, and its labels: warden judges it and does not keep it.
    """
    own = resolved["services"][service]
    trial = {key: value for key, value in own.items() if key not in _DEPENDENCIES} | {
        "image": image,
        "labels": {
            "pharos.trial": service,
            "pharos.release": name_of(release),
            "pharos.ready": own["labels"]["pharos.ready"],
        },
    }
    migration = f"{service}-migrate"
    renamed = {name: {"image": image} for name in (service, migration) if name in resolved["services"]}
    return {"services": {**renamed, trial_name(service): trial}}
