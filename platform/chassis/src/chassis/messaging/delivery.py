"""What becomes of one delivered message: its effect, another try, or a dead letter."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from loguru import logger
from opentelemetry import trace

from chassis.errors import PharosError
from chassis.messaging import metrics
from chassis.messaging.bus import named
from chassis.messaging.consumer import Consumer
from chassis.messaging.dead_letters import DeadLetters, Failure
from chassis.messaging.event import Envelope, Event, decode
from chassis.messaging.tracing import handling
from chassis.persistence.engine import Engine, Transaction

OUTAGE_STATUSES: Final = frozenset({429, 502, 503, 504})
_RECORD: Final = (
    "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT (consumer, event_id) DO NOTHING RETURNING id"
)


class Outcome(StrEnum):
    """How a delivery ended."""

    DONE = "done"
    DUPLICATE = "duplicate"
    OUTAGE = "outage"
    FAILED = "failed"
    DEAD = "dead"

    @property
    def settled(self) -> bool:
        """Whether the message need not come again."""
        return self not in {Outcome.OUTAGE, Outcome.FAILED}


class UnknownEvent(LookupError):
    """A message of a type that nothing here handles any more."""

    reason = "event-unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came off a stream; `attempt` counts its deliveries from one."""

    subject: str
    payload: bytes
    stream: str
    sequence: int
    message_id: str
    attempt: int


def is_outage(error: BaseException) -> bool:
    """Whether the failure lies in something the handler needs, so that the message is not to blame."""
    if isinstance(error, PharosError):
        upstream = getattr(error, "upstream_status", None)
        return (upstream or error.status) in OUTAGE_STATUSES
    return isinstance(error, TimeoutError | OSError)


class Handling:
    """Hands messages to their consumers, exactly once in effect."""

    def __init__(self, engine: Engine, consumers: Iterable[Consumer[Any]], dead_letters: DeadLetters) -> None:
        self._engine = engine
        self._consumers: Mapping[str, Consumer[Any]] = {each.event_type: each for each in consumers}
        self._dead_letters = dead_letters

    async def handle(self, delivery: Delivery) -> Outcome:
        """Handle one delivery. Raises nothing of the message's own."""
        began = time.perf_counter()
        outcome = Outcome.OUTAGE
        exemplar: dict[str, str] = {}
        document, defect = _read(delivery.payload)
        # The error leaves the span's block, so that the span records it, and no further: the outcome stands for it.
        with suppress(Exception), _span(delivery, document) as span:
            exemplar["trace_id"] = trace.format_trace_id(span.get_span_context().trace_id)
            try:
                outcome = await self._apply(delivery, document, defect)
            except Exception as error:
                outcome = await self._fail(delivery, document, error)
                raise
            finally:
                span.set_attribute("messaging.outcome", outcome.value)
        metrics.processed.labels(delivery.subject, outcome.value).observe(time.perf_counter() - began, exemplar)
        return outcome

    async def _apply(self, delivery: Delivery, document: Envelope | None, defect: Exception | None) -> Outcome:
        consumer = self._consumers.get(delivery.subject)
        if consumer is None:
            raise UnknownEvent(f"nothing handles {delivery.subject} here")
        if document is None:
            raise defect or UnknownEvent(delivery.subject)
        event: Event[Any] = document.open(consumer.data)
        async with asyncio.timeout(consumer.timeout), Transaction(self._engine):
            new = bool(await self._engine.fetch(_RECORD, (consumer.name, document.id)))
            if new:
                await consumer.handler(event)
            if delivery.attempt > 1:
                await self._dead_letters.forget(consumer.name, document.id)
        return Outcome.DONE if new else Outcome.DUPLICATE

    async def _fail(self, delivery: Delivery, document: Envelope | None, error: Exception) -> Outcome:
        if is_outage(error):
            logger.warning("event {} waits: {}", delivery.subject, named(error))
            return Outcome.OUTAGE
        failure = Failure(
            consumer=delivery.subject,
            event_id=document.id if document else delivery.message_id or f"{delivery.stream}:{delivery.sequence}",
            stream=delivery.stream,
            sequence=delivery.sequence,
            payload=delivery.payload,
            reason=reason_of(error),
            detail=f"{type(error).__qualname__}: {error}",
            correlation_id=document.correlationid if document else "",
            traceparent=document.traceparent if document else "",
        )
        try:
            dead = await self._dead_letters.record(failure)
        except PharosError as outage:
            logger.warning("event {} waits: {}", delivery.subject, outage)
            return Outcome.OUTAGE
        outcome = Outcome.DEAD if dead else Outcome.FAILED
        logger.opt(exception=error).error("event {} {} {}", delivery.subject, failure.event_id, outcome.value)
        return outcome


def _read(payload: bytes) -> tuple[Envelope | None, Exception | None]:
    try:
        return decode(payload), None
    except msgspec.MsgspecError as error:
        return None, error


def _span(delivery: Delivery, document: Envelope | None) -> AbstractContextManager[trace.Span]:
    if document is None:
        return handling(delivery.subject, "", "", delivery.message_id, delivery.attempt)
    return handling(delivery.subject, document.traceparent, document.correlationid, document.id, delivery.attempt)


def reason_of(error: BaseException) -> str:
    """A stable word for what was wrong with a message."""
    if isinstance(error, msgspec.ValidationError):
        return "schema-mismatch"
    if isinstance(error, msgspec.DecodeError):
        return "malformed-json"
    reason = getattr(error, "reason", None)
    return reason if isinstance(reason, str) else "handler-failed"
