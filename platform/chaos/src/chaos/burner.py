"""``python -m chaos.burner CPU``: uses up one processor until its standard input ends."""

import os
import sys
import threading


def main() -> None:
    """Pinned to the processor, for as long as whoever started it holds the other end."""
    os.sched_setaffinity(0, {int(sys.argv[1])})
    threading.Thread(target=_end_with_input, daemon=True).start()
    while True:
        pass


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
