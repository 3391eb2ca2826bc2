"""Prometheus behind the console: its reads passed on, and what to do where there is none."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import aiohttp
import msgspec

from chassis.errors import DeadlineExceeded, Unavailable, UpstreamFailed
from lens.console.http import Http

PROMETHEUS_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 0.5
MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_UNKNOWN: Final = "no address of Prometheus is set; give one as LENS_PROMETHEUS_URL"
_NOT_THERE: Final = "Prometheus does not answer; look at its log, and start the system again: ./just down, ./just up"


class PrometheusAbsent(Unavailable):
    """There is no Prometheus to ask."""

    reason = "prometheus-absent"
    title = "No Prometheus"


class PrometheusSlow(DeadlineExceeded):
    """Prometheus did not answer in time."""

    reason = "prometheus-slow"


class AnswerTooLarge(UpstreamFailed):
    """Prometheus' answer exceeds what a page can take."""

    reason = "prometheus-answer-too-large"


class Status(msgspec.Struct, frozen=True):
    """What the supervisor says of Prometheus: in a word and, where it does not run, how to get it."""

    state: str = ""
    hint: str = ""


class Answer(NamedTuple):
    """What Prometheus said."""

    status: int
    media_type: str
    body: bytes


class Prometheus:
    """One Prometheus, which may be absent, come later and go again."""

    def __init__(self, url: str | None, status: Path | None, http: Http) -> None:
        self.url = url
        self._status = status
        self._http = http

    async def available(self) -> bool:
        """Whether it is ready."""
        if self.url is None:
            return False
        try:
            timeout = aiohttp.ClientTimeout(total=CONNECT_SECONDS)
            async with self._http.session.get(f"{self.url}/-/ready", timeout=timeout) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def hint(self) -> str:
        """How to get one."""
        if self.url is None:
            return _UNKNOWN
        return await asyncio.to_thread(_read_hint, self._status) or _NOT_THERE

    async def ask(self, method: str, path: str, query: str, form: bytes, headers: Mapping[str, str]) -> Answer:
        """Pass a read on and bring the answer, whatever its status.

        Raises:
            PrometheusAbsent: nobody answers there; says how to get one.
            PrometheusSlow: it took too long.
            AnswerTooLarge: its answer is too large.
        """
        if self.url is None:
            raise PrometheusAbsent(await self.hint())
        timeout = aiohttp.ClientTimeout(total=PROMETHEUS_SECONDS, sock_connect=CONNECT_SECONDS)
        address = f"{self.url}{path}?{query}" if query else f"{self.url}{path}"
        try:
            async with self._http.session.request(
                method, address, data=form or None, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return Answer(answer.status, answer.headers.get("Content-Type", ""), await _limited(answer))
        except aiohttp.ClientConnectionError:
            raise PrometheusAbsent(await self.hint()) from None
        except aiohttp.ClientError as error:
            raise UpstreamFailed(f"Prometheus' answer is broken: {error}") from None
        except TimeoutError:
            raise PrometheusSlow(
                f"Prometheus took over {PROMETHEUS_SECONDS:g} s; ask for less time or fewer series"
            ) from None


async def _limited(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise AnswerTooLarge(f"the answer exceeds {MAX_ANSWER_BYTES >> 20} MB; ask for fewer series or less time")
    return bytes(body)


def _read_hint(file: Path | None) -> str:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Status).hint if file else ""
    except (OSError, msgspec.DecodeError):
        return ""
