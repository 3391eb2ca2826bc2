"""Writes what is generated from the registry of names, or checks that it is current.

python observability/semconv/generate.py [--check]
"""

import argparse
import sys
from pathlib import Path

from registry import Registry, RegistryError, load
from render import render_docs, render_names

ROOT = Path(__file__).resolve().parents[2]


def outputs(registry: Registry) -> dict[Path, str]:
    """Every generated file and its text.

    Raises:
        RegistryError: an owner is no distribution of the workspace.
    """
    files = {_names_file(owner): render_names(registry, owner) for owner in registry.owners()}
    files[ROOT / "docs" / "telemetry.md"] = render_docs(registry)
    return files


def _names_file(owner: str) -> Path:
    if owner == "chassis":
        return ROOT / "platform" / "chassis" / "src" / "chassis" / "telemetry" / "names.py"
    for parent in ("services", "platform"):
        package = ROOT / parent / owner / "src" / owner
        if package.is_dir():
            return package / "names.py"
    raise RegistryError(f"owner {owner}: there is neither services/{owner} nor platform/{owner}")


def main() -> int:
    """Run the command; 0 when everything is current or was written, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not current")
    check = parser.parse_args().check
    try:
        files = outputs(load())
    except RegistryError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if check:
            sys.stderr.write(f"{path.relative_to(ROOT)} is not current: run python observability/semconv/generate.py\n")
        else:
            path.write_text(files[path])
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
