"""HTTP/1.1 over kept connections with as little as possible around it, so that the client is not what is measured."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

_END: Final = b"\r\n\r\n"


class WireBroken(ConnectionError):
    """The connection ended before a whole answer had come."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `retry_after` is in seconds, 0 where the answer names none."""

    status: int
    body: bytes
    retry_after: float


@dataclass
class Wires:
    """As many connections to one server as requests are under way; an idle one is used again."""

    host: str
    port: int
    _idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """Send one request and read its answer.

        Raises:
            WireBroken: no answer; whether the request was carried out is not known.
            OSError: there is no connection to be had.
        """
        lines = [f"POST {path} HTTP/1.1", f"Host: {self.host}:{self.port}", "Content-Type: application/json"]
        lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
        content = "\r\n".join(lines).encode() + _END + body
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(content)
            reply = await _read(reader)
        except (OSError, asyncio.IncompleteReadError) as error:
            writer.close()
            raise WireBroken(f"no answer from {self.host}:{self.port}: {error}") from None
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer))
        return reply

    def close(self) -> None:
        """End the idle connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


async def _read(reader: asyncio.StreamReader) -> Reply:
    head = await reader.readuntil(_END)
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Reply(int(status.split(" ", 2)[1]), body, float(headers.get("retry-after", "0")))
