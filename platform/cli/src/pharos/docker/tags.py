"""The tags of the images that services run from: the checkout's, or that of the release that is deployed."""

import re
from collections.abc import Mapping
from pathlib import Path

from pharos.docker.compose import DEFAULT_PROJECT, Compose
from warden.files import write_atomically
from warden.release.record import CHECKOUT, Deployment

_CHECKOUT, _CHECKOUTS_TAG = "PHAROS_TAG", "dev"  # as in compose.yaml
_NOT_IN_A_TAG = re.compile(r"[^A-Za-z0-9_.-]")


def variable_of(service: str) -> str:
    """The variable of ``compose.yaml`` that names the tag of a service's image."""
    return f"PHAROS_{service.upper().replace('-', '_')}_TAG"


def tag_of(project: str, release: str) -> str:
    """The tag of a release; systems beside the checkout's own have tags of their own, as they have other releases."""
    return _NOT_IN_A_TAG.sub("_", release) + project.removeprefix(DEFAULT_PROJECT)


def image_of(compose: Compose, service: str, release: str) -> str:
    """The image that a service runs from when this release of it serves."""
    if release == CHECKOUT:
        return f"pharos-{service}:{_settings(compose.settings).get(_CHECKOUT) or _CHECKOUTS_TAG}"
    return f"pharos-{service}:{tag_of(compose.project, release)}"


def tags(project: str, deployments: Mapping[str, Deployment]) -> dict[str, str]:
    """The variables that name the releases that are deployed."""
    return {
        variable_of(service): tag_of(project, one.current)
        for service, one in deployments.items()
        if one.current != CHECKOUT
    }


def write_tag(compose: Compose, service: str, release: str) -> None:
    """Have compose start this release of a service from now on."""
    name = variable_of(service)
    kept = [line for line in compose.settings.read_text().splitlines() if not line.startswith(f"{name}=")]
    said = [] if release == CHECKOUT else [f"{name}='{tag_of(compose.project, release)}'"]
    write_atomically(compose.settings, "\n".join([*kept, *said, ""]))


def _settings(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text().splitlines() if not line.startswith("#"))
    return {name: value.strip("'") for name, _, value in pairs}
