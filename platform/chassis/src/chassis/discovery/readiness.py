"""Asking a replica whether it wants requests, before it is sent any."""

import asyncio

ASK_S = 0.5
"""For the whole answer. One that is late says nothing: its replica may have much to do."""


async def wants_requests(host: str, port: int) -> bool | None:
    """What ``/health/ready`` says; false also if nobody listens, None if it is not known in time."""
    try:
        async with asyncio.timeout(ASK_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET /health/ready HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                status = await reader.readline()
            finally:
                writer.close()
    except TimeoutError:
        return None
    except OSError:
        return False
    return b" 200 " in status
