"""Memory of a running system: the proportional set size (PSS) of every process, from /proc/PID/smaps_rollup.

PSS counts a page that several processes share in equal parts, so that the sum is what the system really takes.
"""

import argparse
import json
import sys
from pathlib import Path

from warden.identity import ancestry
from warden.layout import project_root, state_folder
from warden.record import read_parts, read_warden

AT_MOST_MB = 900


def pss_kb(pid: int) -> int:
    """The PSS of one process; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def footprint(state: Path | None) -> dict[str, float]:
    """PSS in MB by part, each with all the processes below it."""
    folder = state_folder(project_root(), state)
    warden = read_warden(folder)
    owners = {record.pid: record.instance for record in read_parts(folder) if record.alive}
    if warden is not None and warden.alive:
        owners[warden.pid] = "warden"
    sums = dict.fromkeys(owners.values(), 0)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            owner = next((owners[pid] for pid in ancestry(int(entry.name)) if pid in owners), None)
            if owner is not None:
                sums[owner] += pss_kb(int(entry.name))
    return {name: round(kb / 1024, 1) for name, kb in sums.items()}


def main() -> None:
    """Print the table, or with ``--json`` the document; the exit code is 1 above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    parts = footprint(options.state)
    total = round(sum(parts.values()), 1)
    if not parts:
        sys.exit("nothing is running; start it with: ./just up")
    if options.json:
        print(json.dumps({"parts_mb": parts, "total_mb": total, "at_most_mb": AT_MOST_MB}))
    else:
        for name, megabytes in sorted(parts.items(), key=lambda item: -item[1]):
            print(f"{name:<18} {megabytes:7.1f} MB")
        print(f"{'total':<18} {total:7.1f} MB (at most {AT_MOST_MB})")
    sys.exit(total > AT_MOST_MB)


if __name__ == "__main__":
    main()
