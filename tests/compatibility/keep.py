"""Keeps the code of a release for the next one to be tested against: ``python tests/compatibility/keep.py COMMIT``.

Writes chassis and the five services as of that commit into ``previous/``, one archive each, with sources and manifests
only, the same bytes whoever makes them, and which commit it was into ``previous/README.md``.
"""

import gzip
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PREVIOUS = Path(__file__).resolve().parent / "previous"
PARTS = {"chassis": "platform/chassis"} | {
    name: f"services/{name}" for name in ("accounts", "inventory", "notifications", "orders", "payments")
}
KEPT = {"chassis": ("src",)}
_README = """\
# The release before this one

Sources of chassis and of each service as of commit {commit}, which tests/compatibility runs on the schema of today.
Made by `.pharos/venv/bin/python tests/compatibility/keep.py {short}`; do that again when a release is tagged.
"""


def main(commit: str) -> None:
    """Write the archives of a commit."""
    full = _git("rev-parse", commit).decode().strip()
    for name, folder in PARTS.items():
        kept = KEPT.get(name, ("src", "service.toml", "openapi.json"))
        archive = _git("archive", "--format=tar", full, *(f"{folder}/{one}" for one in kept))
        (PREVIOUS / f"{name}.tar.gz").write_bytes(gzip.compress(archive, mtime=0))
    (PREVIOUS / "README.md").write_text(_README.format(commit=full, short=full[:7]))


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main(sys.argv[1])
