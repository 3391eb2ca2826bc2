"""``python -m warden.docker.ask COMMAND JSON``: ask the warden of this container; its last document on standard output.

A refusal is a document with ``refused``, ``message`` and ``hint``.
"""

import asyncio
import sys

import msgspec

from warden.control import ask
from warden.docker.settings import STATE
from warden.errors import ControlRefused, NotSupervised


def main(command: str, arguments: str) -> None:
    """Ask, and write down what it answered."""
    try:
        answer = asyncio.run(ask(STATE, command, msgspec.json.decode(arguments)))
    except (ControlRefused, NotSupervised) as refused:
        answer = {"refused": refused.reason, "message": refused.message, "hint": refused.hint}
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
