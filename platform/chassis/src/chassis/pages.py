"""Cursor pages: an opaque place in an ordered listing, and the cut of one page.

A listing is ordered by keys that together are unique, such as (created_at, order_id). The cursor is the keys of the
last row given out, so that rows which come or go in between never shift a page.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import msgspec

from chassis.errors import FieldError, Unprocessable

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""A key that is a time: one without a zone cannot be compared with a timestamptz column."""

Row = TypeVar("Row")
Keys = TypeVar("Keys", bound=tuple[Any, ...])


class InvalidCursor(Unprocessable):
    """The cursor is not one that this listing gave out."""

    reason = "invalid-cursor"
    title = "Invalid cursor"

    def __init__(self) -> None:
        message = "is not a cursor of this listing; use `next_cursor` of the page before, or leave it out to begin"
        super().__init__(f"cursor {message}", errors=[FieldError(field="cursor", message=message)])


class Cut(NamedTuple, Generic[Row]):
    """The rows of one page, and the cursor of the next one when there is more."""

    rows: Sequence[Row]
    next_cursor: str | None


def encode_cursor(keys: tuple[Any, ...]) -> str:
    """The cursor of a row's keys; URL-safe."""
    return base64.urlsafe_b64encode(msgspec.json.encode(keys)).rstrip(b"=").decode()


def decode_cursor(cursor: str, keys: type[Keys]) -> Keys:
    """The keys in a cursor; `keys` is their type, such as `tuple[AwareTime, UUID]`.

    Raises:
        InvalidCursor: it is not base64url of such keys.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        decoded: Keys = msgspec.json.decode(raw, type=keys)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise InvalidCursor from None
    return decoded


def cut(rows: Sequence[Row], limit: int, keys: Callable[[Row], tuple[Any, ...]]) -> Cut[Row]:
    """The page out of at most `limit + 1` rows in listing order; one row too many means that there is a next page."""
    if len(rows) <= limit:
        return Cut(rows, None)
    return Cut(rows[:limit], encode_cursor(keys(rows[limit - 1])))
