"""The registry of names as data: what may be emitted, and by whom."""

import re
from typing import NamedTuple


class Names(NamedTuple):
    """The names one owner declared. Spans are pairs of kind and name template."""

    owner: str
    spans: tuple[tuple[str, str], ...] = ()
    events: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


def span_pattern(template: str) -> re.Pattern[str]:
    """What span names a template allows: `{...}` varies, `[...]` may be missing."""
    parts = re.split(r"(\{[^}]+\}|\[|\])", template)
    pattern = {"[": "(?:", "]": ")?"}
    return re.compile("".join(".+" if part.startswith("{") else pattern.get(part) or re.escape(part) for part in parts))


def label(attribute: str) -> str:
    """The Prometheus label of an attribute."""
    return re.sub(r"[^a-zA-Z0-9_]", "_", attribute)
