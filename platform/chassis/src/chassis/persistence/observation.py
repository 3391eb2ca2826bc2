"""One CLIENT span, one measurement and one translation of errors for each SQL statement."""

import time
from functools import lru_cache

import asyncpg

from chassis.persistence.errors import conceal, translate
from chassis.persistence.metrics import count_failure, statement_duration
from chassis.persistence.settings import DatabaseSettings
from chassis.persistence.statement import Statement, describe
from chassis.telemetry import Span, SpanKind, StaticAttributes, current_span, tracer
from chassis.telemetry.span import Parent


class Observation:
    """Observes the statement that runs inside its `with` block. A span is made only inside a recorded trace.

    Raises:
        Unavailable: for an outage.
        ConstraintViolation: for a violated constraint.
    """

    __slots__ = ("_span", "_started", "_statement")

    def __init__(self, text: str, settings: DatabaseSettings) -> None:
        self._statement = statement = describe(text)
        self._span: Span | None = None
        parent = current_span()
        if parent is not None:
            self._span = tracer.start(
                statement.summary,
                kind=SpanKind.CLIENT,
                parent=Parent(parent.trace_id, parent.span_id, remote=False),
                static=_attributes(statement, settings),
            )
        self._started = time.perf_counter()

    def __enter__(self) -> None:
        """Nothing more: the clock runs since construction."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        elapsed = time.perf_counter() - self._started
        statement_duration(self._statement.operation, self._statement.table)(elapsed)
        if error is not None:
            conceal(error)
            count_failure(error)
        if self._span is not None:
            if error is not None:
                _mark_failed(self._span, error)
            self._span.end()
        replacement = None if error is None else translate(error)
        if replacement is not None:
            raise replacement from error


@lru_cache(maxsize=1024)
def _attributes(statement: Statement, settings: DatabaseSettings) -> StaticAttributes:
    attributes: dict[str, str | int] = {
        "db.system.name": "postgresql",
        "db.namespace": settings.database,
        "db.operation.name": statement.operation,
        "db.query.text": statement.text,
        "server.address": settings.host,
        "server.port": settings.port,
    }
    if statement.table:
        attributes["db.collection.name"] = statement.table
    return StaticAttributes(attributes)


def _mark_failed(span: Span, error: BaseException) -> None:
    state = error.sqlstate if isinstance(error, asyncpg.PostgresError) else None
    if state:
        span.set_attribute("db.response.status_code", state)
    span.set_attribute("error.type", state or type(error).__qualname__)
    span.fail(error)
