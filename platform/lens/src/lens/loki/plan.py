"""Which part of a query the store's indexes can answer. What is left out here is still checked line by line."""

from collections.abc import Iterable, Iterator

from lens.loki.syntax import AllOf, AnyOf, LabelFilter, LogQuery, Matcher
from lens.store.logs import Direction, LogScope

SERVICE_LABEL = "service_name"
_SEARCHABLE = ("correlation_id", "trace_id")


def scope_of(
    query: LogQuery, start_ns: int, end_ns: int, direction: Direction, known_services: Iterable[str]
) -> LogScope:
    """The narrowest scope that surely holds every line of the query."""
    by_service = [matcher for matcher in query.selector if matcher.name == SERVICE_LABEL]
    known = tuple(known_services)
    services = tuple(name for name in known if all(matcher.test(name) for matcher in by_service))
    return LogScope(
        start_ns,
        end_ns,
        direction,
        services=None if services == known else services,
        identifiers=_identifiers(query),
        contains=tuple(part.value for part in query.lines if part.operator == "|=" and part.value),
    )


def _identifiers(query: LogQuery) -> tuple[tuple[str, str], ...]:
    """Alternatives of (column, value) one of which every line must have; none when the query does not say so."""
    return next(filter(None, map(_alternatives, _required(query.labels))), ())


def _required(filters: Iterable[LabelFilter]) -> Iterator[LabelFilter]:
    for part in filters:
        if isinstance(part, AllOf):
            yield from _required(part.parts)
        else:
            yield part


def _alternatives(part: LabelFilter) -> tuple[tuple[str, str], ...]:
    if isinstance(part, Matcher):
        return ((part.name, part.value),) if part.operator == "=" and part.name in _SEARCHABLE and part.value else ()
    if isinstance(part, AnyOf):
        branches = [_alternatives(branch) for branch in part.parts]
        return tuple(pair for branch in branches for pair in branch) if all(branches) else ()
    return next(filter(None, map(_alternatives, part.parts)), ())
