"""``python -m warden.docker.ask COMMAND JSON``: ask the warden of this container; its documents on standard output.

The last line is the final one, those before tell how it gets on. A refusal is a document with ``refused``, ``message``
and ``hint``.
"""

import asyncio
import sys
from typing import Any

import msgspec

from warden.control import ask
from warden.docker.settings import STATE
from warden.errors import ControlRefused, NotSupervised


def main(command: str, arguments: str) -> None:
    """Ask, and write down what it says."""
    try:
        answer = asyncio.run(ask(STATE, command, msgspec.json.decode(arguments), _write))
    except (ControlRefused, NotSupervised) as refused:
        answer = {"refused": refused.reason, "message": refused.message, "hint": refused.hint}
    _write(answer)


def _write(document: Any) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
