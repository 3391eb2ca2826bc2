"""The release before this one: its code, unpacked, and the environment that runs it on today's dependencies."""

import ast
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

ARCHIVES = Path(__file__).resolve().parent / "previous"
SERVICES = ("accounts", "inventory", "notifications", "orders", "payments")


@dataclass(frozen=True)
class Release:
    """A folder with `platform/chassis` and `services/…` as they were."""

    folder: Path

    def manifest(self, service: str) -> Path:
        """The service.toml it was released with."""
        return self.folder / "services" / service / "service.toml"

    def openapi(self, service: str) -> Path:
        """The description of its interface."""
        return self.folder / "services" / service / "openapi.json"

    def environment(self, service: str) -> dict[str, str]:
        """What makes a process run the old code: it comes before what is installed."""
        sources = [self.folder / "services" / service / "src", self.folder / "platform" / "chassis" / "src"]
        return {
            "PYTHONPATH": os.pathsep.join(map(str, sources)),
            "PHAROS_MANIFEST": str(self.manifest(service)),
        }

    def migrations(self) -> set[str]:
        """The IDs of all migrations it has."""
        found = (constant(path, "ID") for path in self.folder.glob("*/*/src/*/piccolo_migrations/*_*.py"))
        return {name for name in found if name}


def unpack(folder: Path) -> Release:
    """Unpack the checked-in archives."""
    for archive in sorted(ARCHIVES.glob("*.tar.gz")):
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    return Release(folder)


def constant(path: Path, name: str) -> str | None:
    """The text that a module assigns to a name of its own, None if it does not."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            value = ast.literal_eval(node.value)
            return value if isinstance(value, str) else None
    return None
