"""What the parts of the system say of themselves in their `service.toml`."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from loguru import logger

from chassis.errors import ConfigurationError
from chassis.manifest import Manifest, load_manifest

Kind = Literal["service", "platform", "store"]


def read_catalog(services: Path | None, platform: Path | None) -> dict[str, tuple[Kind, Manifest]]:
    """The manifests by name; one that is wrong is left out and said to be."""
    found: dict[str, tuple[Kind, Manifest]] = {}
    folders: tuple[tuple[Kind, Path | None], ...] = (("service", services), ("platform", platform))
    for kind, folder in folders:
        for file in sorted(folder.glob("*/service.toml")) if folder else ():
            manifest = _manifest(file, file.stat().st_mtime_ns)
            if manifest is not None:
                found[manifest.name] = (kind, manifest)
    return found


@lru_cache(256)
def _manifest(file: Path, _changed_ns: int) -> Manifest | None:
    try:
        return load_manifest(file)
    except ConfigurationError as error:
        logger.warning("left out of the catalog: {}", error)
        return None
