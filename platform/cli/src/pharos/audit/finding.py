"""What a rule found: how much it compared, and what did not agree."""

from collections.abc import Iterable

from msgspec import Struct


class Finding(Struct, frozen=True, kw_only=True):
    """One thing whose two sides differ.

    Attributes:
        subject: the row, as `order ID`.
        left: one side, in words.
        right: the other side.
        difference: between the two.
        next: what to do about it.
        excuse: why this may be work in progress; empty when nothing explains it.
    """

    subject: str
    left: str
    right: str
    difference: str
    next: str
    excuse: str = ""


class Checked(Struct, frozen=True, kw_only=True):
    """What one invariant compared, how much of it was under way, and what did not agree."""

    name: str
    checked: int
    under_way: int = 0
    findings: tuple[Finding, ...] = ()


def checked(name: str, count: int, findings: Iterable[Finding], under_way: int = 0) -> Checked:
    """The outcome of a rule."""
    return Checked(name=name, checked=count, under_way=under_way, findings=tuple(findings))
