"""Lists that are given a page at a time, each going on after the last one's end."""

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """What a cursor can name."""

    @property
    def id(self) -> str:
        """Its name among the others."""


Item = TypeVar("Item", bound=Named)


class CursorError(ValueError):
    """A cursor that no list gave, or whose item is no longer kept."""


def cut(found: Sequence[Item], limit: int, cursor: str | None) -> tuple[list[Item], str | None]:
    """At most so many of what was found, after the one that the cursor names; and the cursor of the next page.

    Raises:
        CursorError: the cursor names none.
    """
    start = 0
    if cursor is not None:
        start = 1 + next((index for index, item in enumerate(found) if item.id == cursor), -2)
        if start < 0:
            raise CursorError("cursor is not one that this list gave, or is gone; leave it out to begin again")
    shown = list(found[start : start + limit])
    return shown, shown[-1].id if start + limit < len(found) else None
