"""What a broker may do to messages: deliver them again, late, and in another order."""

import random

from nats.aio.client import Client
from nats.js.errors import APIError

FETCH_S = 2.0


async def send_again(port: int, chance: random.Random, count: int) -> int:
    """Send up to so many of the latest messages of every stream again, shuffled and without their message ID.

    JetStream then takes them for new ones; how many were sent.
    """
    client = Client()
    await client.connect(f"nats://127.0.0.1:{port}", connect_timeout=5)
    try:
        jetstream = client.jetstream(timeout=FETCH_S)
        sent = 0
        for stream in await jetstream.streams_info():
            messages = await _latest(client, stream.config.name or "", count)
            chance.shuffle(messages)
            for subject, payload in messages:
                await jetstream.publish(subject, payload)
            sent += len(messages)
        return sent
    finally:
        await client.close()


async def _latest(client: Client, stream: str, count: int) -> list[tuple[str, bytes]]:
    jetstream = client.jetstream(timeout=FETCH_S)
    state = (await jetstream.stream_info(stream)).state
    found = []
    for sequence in range(max(state.first_seq, state.last_seq - count + 1), state.last_seq + 1):
        try:
            message = await jetstream.get_msg(stream, sequence)
        except APIError:  # it has been deleted
            continue
        found.append((message.subject or "", message.data or b""))
    return found
