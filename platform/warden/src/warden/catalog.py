"""The services and platform parts that describe themselves by a ``service.toml``."""

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from chassis.manifest import Manifest, load_manifest


@dataclass(frozen=True, slots=True)
class Service:
    """A service as it can be run: the checkout's code, or a release of it."""

    manifest: Manifest
    folder: Path
    version: str
    release: str = ""  # empty for the checkout's code
    python: str = sys.executable  # the interpreter of the environment that has its code

    @property
    def name(self) -> str:
        """The service's name, which is also its package's and its database's."""
        return self.manifest.name

    @property
    def manifest_file(self) -> Path:
        """Its ``service.toml``."""
        return self.folder / "service.toml"


def read_services(root: Path) -> list[Service]:
    """The services of the checkout, by name.

    Raises:
        ConfigurationError: a manifest is wrong; the error names the file and the key.
    """
    return [read_service(file.parent) for file in sorted((root / "services").glob("*/service.toml"))]


def read_service(folder: Path) -> Service:
    """One service, or a platform part that has a manifest too."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return Service(load_manifest(folder / "service.toml"), folder, str(project["version"]))


def read_everything(root: Path) -> list[Service]:
    """The services, then the platform parts that have a manifest; the latter's owner is that of the parts without one.

    Raises:
        ConfigurationError: a manifest is wrong.
    """
    platform = sorted((root / "platform").glob("*/service.toml"))
    return [*read_services(root), *(read_service(file.parent) for file in platform)]
