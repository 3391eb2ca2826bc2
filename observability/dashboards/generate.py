"""Writes the dashboards, or checks that what is checked in is current.

python observability/dashboards/generate.py [--check]
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from board import Board
from data import data
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from messaging import messaging
from overview import overview
from recovery import recovery
from runbooks import runbooks
from service import service
from slo import slo

from chassis.errors import ConfigurationError
from chassis.manifest import load_manifest
from orders import orders
from telemetry import telemetry

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "dashboards"


def boards() -> list[Board]:
    """Every dashboard.

    Raises:
        ConfigurationError: a manifest is wrong.
    """
    fixed = [overview(), service(), orders(), messaging(), data(), telemetry(), recovery()]
    files = [*ROOT.glob("services/*/service.toml"), *ROOT.glob("platform/*/service.toml")]
    manifests = [load_manifest(file) for file in sorted(files)]
    budgets = [slo(manifest) for manifest in manifests if manifest.slos]
    return [*fixed, *budgets, *runbooks(ROOT / "observability" / "runbooks")]


def outputs() -> dict[Path, str]:
    """Every file and its text; a folder for each owner.

    Raises:
        ConfigurationError: a manifest is wrong.
    """
    return {FOLDER / board.owner / f"{board.uid}.json": _text(board) for board in boards()}


def _text(board: Board) -> str:
    return json.dumps(board.document, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def surplus(files: dict[Path, str]) -> list[Path]:
    """Files of dashboards that are no more."""
    return [path for path in sorted(FOLDER.glob("*/*.json")) if path not in files]


def main() -> int:
    """Run the command; 0 when everything is current or was written, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not current")
    check = parser.parse_args().check
    try:
        files = outputs()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if check:
        for path in [*stale, *surplus(files)]:
            sys.stderr.write(
                f"{path.relative_to(ROOT)} is not current: run python observability/dashboards/generate.py\n"
            )
        return 1 if stale or surplus(files) else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    for path in surplus(files):
        path.unlink()
        sys.stdout.write(f"removed {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
