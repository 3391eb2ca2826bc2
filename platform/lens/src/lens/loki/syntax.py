"""The parts of a log query that lens understands, each able to judge a line by itself."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Literal

import msgspec

MatchOperator = Literal["=", "!=", "=~", "!~"]
LineOperator = Literal["|=", "!=", "|~", "!~"]
Labels = Mapping[str, str]


class Matcher(msgspec.Struct, frozen=True, dict=True):
    """`name op "value"`; a label that is absent counts as empty text, and a regular expression must match all of it."""

    name: str
    operator: MatchOperator
    value: str

    @cached_property
    def test(self) -> Callable[[str], bool]:
        """Whether a value fulfils it."""
        value = self.value
        match self.operator:
            case "=":
                return lambda text: text == value
            case "!=":
                return lambda text: text != value
        pattern, wanted = re.compile(value), self.operator == "=~"
        return lambda text: (pattern.fullmatch(text) is not None) == wanted

    def matches(self, labels: Labels) -> bool:
        """Whether the labels fulfil it."""
        return self.test(labels.get(self.name, ""))


class AllOf(msgspec.Struct, frozen=True):
    """Every part must hold."""

    parts: tuple["LabelFilter", ...]

    def matches(self, labels: Labels) -> bool:
        """Whether the labels fulfil it."""
        return all(part.matches(labels) for part in self.parts)


class AnyOf(msgspec.Struct, frozen=True):
    """One part must hold."""

    parts: tuple["LabelFilter", ...]

    def matches(self, labels: Labels) -> bool:
        """Whether the labels fulfil it."""
        return any(part.matches(labels) for part in self.parts)


LabelFilter = Matcher | AllOf | AnyOf


class LineFilter(msgspec.Struct, frozen=True, dict=True):
    """`op "text"` on the line itself; a regular expression may match anywhere in it."""

    operator: LineOperator
    value: str

    @cached_property
    def test(self) -> Callable[[str], bool]:
        """Whether a line fulfils it."""
        value, wanted = self.value, self.operator.startswith("|")
        if self.operator in {"|=", "!="}:
            return lambda line: (value in line) == wanted
        pattern = re.compile(value)
        return lambda line: (pattern.search(line) is not None) == wanted


class LogQuery(msgspec.Struct, frozen=True):
    """A selector and the filters that follow it."""

    selector: tuple[Matcher, ...]
    lines: tuple[LineFilter, ...] = ()
    labels: tuple[LabelFilter, ...] = ()

    def matches(self, labels: Labels, line: str) -> bool:
        """Whether the query selects a line with these labels."""
        return (
            all(matcher.matches(labels) for matcher in self.selector)
            and all(part.test(line) for part in self.lines)
            and all(part.matches(labels) for part in self.labels)
        )
