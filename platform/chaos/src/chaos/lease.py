"""Having another process do something for as long as we hold on to it."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from chaos.errors import ChaosError
from warden.control import Progress, Refused, Request, decode_answer, short_name
from warden.layout import StateFolder

_ANSWER_S: Final = 10.0


@contextmanager
def lease(state: StateFolder, command: str, **arguments: Any) -> Iterator[Any]:
    """What the command did lasts until the end of the block, or of this process; gives its first answer.

    Raises:
        ChaosError: nobody listens there, or it was refused.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_S)
        try:
            with short_name(state.control) as name:
                connection.connect(name)
            yield _begin(connection, command, arguments)
        except OSError as error:
            raise ChaosError(f"{state.control}: {error}", "see how the parts are: ./just status") from None


def _begin(connection: socket.socket, command: str, arguments: Mapping[str, Any]) -> Any:
    connection.sendall(msgspec.json.encode(Request(command, dict(arguments))) + b"\n")
    with connection.makefile("rb") as answers:
        line = answers.readline()
    match decode_answer(line) if line else None:
        case Progress(document):
            return document
        case Refused(_, message, hint):
            raise ChaosError(message, hint)
    raise ChaosError(f"{command} was not begun", "see how the parts are: ./just status")
