"""Runs the measurements of this folder, each a script of its own: ``run.py [NAME…]``, all of them without a name."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run them one after the other; the exit code is 0 only when every figure was reached."""
    known = {script.stem: script for script in sorted(HERE.glob("*.py")) if script.stem != "run"}
    chosen = sys.argv[1:] or list(known)
    if unknown := [name for name in chosen if name not in known]:
        sys.exit(f"there is no measurement {unknown[0]}; there are: {', '.join(known)}")
    missed = []
    for name in chosen:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, known[name]], check=False).returncode:
            missed.append(name)
    sys.exit(f"not reached: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
