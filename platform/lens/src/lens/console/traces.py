"""The parameters of the console's search for traces."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from chassis.errors import FieldError, Unprocessable
from lens.store.summaries import SummarySearch

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 500
_LONGEST_NS: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"\d{1,13}(\.\d{1,6})?", re.ASCII)
_MS: Final = 10**6


def parse_search(values: Mapping[str, Sequence[str]]) -> SummarySearch:
    """A search from query parameters; raises Unprocessable naming each one that cannot be understood."""
    errors: list[FieldError] = []

    def first(name: str) -> str:
        return next(iter(values.get(name, ())), "").strip()

    def nanoseconds(name: str, default: int) -> int:
        text = first(name)
        if not text:
            return default
        if not _NUMBER.fullmatch(text):
            errors.append(FieldError(field=name, message="give milliseconds, such as 250"))
            return default
        return min(round(float(text) * _MS), _LONGEST_NS)

    search = SummarySearch(
        service=first("service"),
        operation=first("operation"),
        tags=tuple(_tag(pair, errors) for pair in values.get("tag", ())),
        text=first("text"),
        failed=_flag(first("errors"), errors),
        start_ns=nanoseconds("start_ms", 0),
        end_ns=nanoseconds("end_ms", _LONGEST_NS),
        min_duration_ns=nanoseconds("min_ms", 0),
        max_duration_ns=nanoseconds("max_ms", _LONGEST_NS),
        limit=_limit(first("limit"), errors),
    )
    if errors:
        raise Unprocessable("The search cannot be understood.", errors=errors)
    return search


def _tag(pair: str, errors: list[FieldError]) -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not (key and equals):
        errors.append(FieldError(field="tag", message="give a name and a value, such as http.request.method=GET"))
    return key.strip(), value.strip()


def _flag(text: str, errors: list[FieldError]) -> bool:
    if text not in {"", "0", "1"}:
        errors.append(FieldError(field="errors", message="give 1, or leave it out"))
    return text == "1"


def _limit(text: str, errors: list[FieldError]) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not 1 <= int(text) <= MAX_LIMIT:
        errors.append(FieldError(field="limit", message=f"give a number from 1 to {MAX_LIMIT}"))
        return DEFAULT_LIMIT
    return int(text)
