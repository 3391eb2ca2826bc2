"""What an operator may ask of a service's messages: what it sent, what it gave up, and to try that once more."""

from typing import Annotated, Any, Final

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from chassis.auth.principals import ServicePrincipal
from chassis.messaging.messaging import Messaging
from chassis.messaging.schemas import (
    DeadLetterPage,
    DeadLetterSummary,
    DeadLetterView,
    MessageTotals,
    PublishedEvent,
    PublishedEvents,
    Replayed,
    ReplayPage,
    ReplayView,
)
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT, cut, decode_cursor
from chassis.persistence import Prepared
from chassis.telemetry import log

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="`next_cursor` of the page before.")]
OfType = Annotated[str | None, QueryParameter(name="type", max_length=200, description="Only those of this type.")]
Messages = NamedDependency[Messaging]

_TOTALS: Final = Prepared(
    """
    SELECT count(*) AS unsent,
           coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float8 AS unsent_seconds,
           (SELECT count(*) FROM outbox WHERE published_at IS NULL AND refused IS NOT NULL) AS refused,
           (SELECT count(*) FROM dead_letter WHERE dead_at IS NULL) AS failing,
           (SELECT count(*) FROM dead_letter WHERE dead_at IS NOT NULL) AS dead
    FROM outbox WHERE published_at IS NULL AND refused IS NULL
    """
)
_EVENTS: Final = Prepared(
    """
    SELECT position, event_id::text AS event_id, type, subject, occurred_at, published_at, correlation_id
    FROM outbox WHERE position > $1 ORDER BY position LIMIT $2
    """
)


@get("/audit/messages", operation_id="audit_messages", auth="service", summary="Audit the messages", tags=["audit"])
async def audit_messages(messaging: Messages) -> MessageTotals:
    """How many events wait for the broker, how many messages wait there for this service, and how many failed here."""
    backlog = await messaging.backlog()
    [row] = await _TOTALS()
    waiting, settled_until = (backlog.waiting, backlog.settled_until) if backlog else (None, None)
    return MessageTotals(**row, waiting=waiting, settled_until=settled_until)


@get("/audit/events", operation_id="audit_events", auth="service", summary="Audit published events", tags=["audit"])
async def audit_events(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> PublishedEvents:
    """Every event the service has published, as far back as it keeps them."""
    after = 0 if cursor is None else decode_cursor(cursor, tuple[int])[0]
    rows, next_cursor = cut(await _EVENTS(after, limit + 1), limit, lambda row: (row["position"],))
    return PublishedEvents(
        [PublishedEvent(**{name: row[name] for name in PublishedEvent.__struct_fields__}) for row in rows], next_cursor
    )


@get(
    "/dead-letters",
    operation_id="list_dead_letters",
    auth="service",
    summary="List dead letters",
    tags=["dead letters"],
)
async def list_dead_letters(
    messaging: Messages, of_type: OfType = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> DeadLetterPage:
    """Messages given up, in the order of their ids, of one type or of all."""
    after = 0 if cursor is None else decode_cursor(cursor, tuple[int])[0]
    found = await messaging.dead_letters.page(after=after, limit=limit + 1, event_type=of_type)
    rows, next_cursor = cut(found, limit, lambda letter: (letter.id,))
    return DeadLetterPage([DeadLetterSummary.of(row) for row in rows], next_cursor)


@get(
    "/dead-letters/{letter_id:int}",
    operation_id="get_dead_letter",
    auth="service",
    summary="Show a dead letter",
    tags=["dead letters"],
)
async def get_dead_letter(messaging: Messages, letter_id: FromPath[int]) -> DeadLetterView:
    """One dead letter with what it says; 404 `dead-letter-unknown` when there is none."""
    return DeadLetterView.of(await messaging.dead_letters.get(letter_id))


@post(
    "/dead-letters/{letter_id:int}/replay",
    operation_id="replay_dead_letter",
    auth="service",
    status_code=200,
    summary="Replay a dead letter",
    tags=["dead letters"],
)
async def replay_dead_letter(
    request: Request[Any, ServicePrincipal, State], messaging: Messages, letter_id: FromPath[int]
) -> Replayed:
    """Hand it to its consumer once more. What succeeds, or had its effect before, is no dead letter any more.

    Asked again after that: 404 `dead-letter-unknown`.
    """
    outcome = await messaging.replay(letter_id, request.auth.name)
    log.info("dead letter {} was replayed: {}", letter_id, outcome.value)
    return Replayed(letter_id, outcome)


@get(
    "/dead-letter-replays",
    operation_id="list_dead_letter_replays",
    auth="service",
    summary="List replays of dead letters",
    tags=["dead letters"],
)
async def list_dead_letter_replays(
    messaging: Messages, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ReplayPage:
    """Who replayed which dead letter, when, and how it ended, the oldest first."""
    after = 0 if cursor is None else decode_cursor(cursor, tuple[int])[0]
    found = await messaging.replays.page(after=after, limit=limit + 1)
    rows, next_cursor = cut(found, limit, lambda replay: (replay.id,))
    return ReplayPage([ReplayView.of(row) for row in rows], next_cursor)


def message_operations(*, consumes: bool) -> list[HTTPRouteHandler]:
    """The routes of a service that has messages; those for dead letters only if it consumes any.

    They need the dependency `messaging`.
    """
    letters = [list_dead_letters, get_dead_letter, replay_dead_letter, list_dead_letter_replays] if consumes else []
    return [audit_messages, audit_events, *letters]
