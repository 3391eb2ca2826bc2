"""Emptying a NATS server between tests."""

import nats
from nats.js.errors import NotFoundError

from testkit.databases import run_apart


def delete_streams(url: str) -> None:
    """Delete every stream of the server, with its consumers."""
    run_apart(_delete_streams(url))


async def _delete_streams(url: str) -> None:
    connection = await nats.connect(url)
    try:
        manager = connection.jetstream()
        for stream in await manager.streams_info():
            if stream.config.name:
                await manager.delete_stream(stream.config.name)
    except NotFoundError:
        return
    finally:
        await connection.close()
