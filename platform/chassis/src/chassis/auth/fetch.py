"""Fetching the key set that an issuer publishes."""

import random

import aiohttp
import msgspec

from chassis.auth.jwks import Fetch
from chassis.auth.keys import Jwks
from chassis.discovery.model import Discovery

SERVICE_JWKS_PATH = "/.well-known/service-jwks.json"
USER_JWKS_PATH = "/.well-known/jwks.json"
TIMEOUT_S = 1.0
LARGEST_SET = 65_536
ATTEMPTS = 2


class KeySetUnavailable(Exception):
    """No replica of the issuer gave its key set; the message says what came instead."""


def fetch_from(discovery: Discovery, path: str) -> Fetch:
    """Fetches from any replica of the issuer that discovery knows, or takes the set discovery itself holds.

    Not the service client: this request needs no token, no trace and no deadline of a caller.
    """

    async def fetch(issuer: str) -> Jwks:
        static = discovery.static_jwks(issuer)
        if static is not None:
            return static
        instances = discovery.instances(issuer)
        failure = "discovery knows no replica"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
            for instance in random.sample(instances, min(ATTEMPTS, len(instances))):
                try:
                    return await _get(session, instance.url + path)
                except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError, OSError) as error:
                    failure = f"{instance.id}: {str(error) or type(error).__name__}"
        raise KeySetUnavailable(failure)

    return fetch


async def _get(session: aiohttp.ClientSession, url: str) -> Jwks:
    async with session.get(url, allow_redirects=False, raise_for_status=True) as response:
        body = await response.content.read(LARGEST_SET + 1)
        while len(body) <= LARGEST_SET and (more := await response.content.read(LARGEST_SET + 1)):
            body += more
    if len(body) > LARGEST_SET:
        raise msgspec.DecodeError(f"the key set is over {LARGEST_SET} bytes")
    return msgspec.json.decode(body, type=dict)
