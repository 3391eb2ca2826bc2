"""LogQL's subset, by recursive descent: `query = selector { line filter | label filter }`."""

import re
from typing import cast, get_args

from lens.loki.scanner import LogQueryError, Token, scan
from lens.loki.syntax import AllOf, AnyOf, LabelFilter, LineFilter, LineOperator, LogQuery, Matcher, MatchOperator

MAX_QUERY_CHARACTERS = 10_000
_MAX_DEPTH = 50


def parse(query: str) -> LogQuery:
    """A query from its text; raises LogQueryError."""
    if len(query) > MAX_QUERY_CHARACTERS:
        raise LogQueryError(MAX_QUERY_CHARACTERS, f"the query is longer than {MAX_QUERY_CHARACTERS} characters")
    return _Parser(query).query()


class _Parser:
    def __init__(self, query: str) -> None:
        self._tokens = list(scan(query))
        self._next = 0
        self._depth = 0

    def query(self) -> LogQuery:
        selector = self._selector()
        lines: list[LineFilter] = []
        labels: list[LabelFilter] = []
        while (token := self._peek()).kind != "end":
            if token.value in get_args(LineOperator) and token.kind == "sign":
                lines.append(self._line_filter())
            else:
                self._expect("|")
                labels.append(self._any_of())
        return LogQuery(selector, tuple(lines), tuple(labels))

    def _selector(self) -> tuple[Matcher, ...]:
        opening = self._expect("{")
        matchers = [self._matcher()]
        while self._accept(","):
            matchers.append(self._matcher())
        self._expect("}")
        if all(matcher.test("") for matcher in matchers):
            problem = 'the selector needs a matcher that an empty label does not fulfil, such as {service_name=~".+"}'
            raise LogQueryError(opening.position, problem)
        return tuple(matchers)

    def _any_of(self) -> LabelFilter:
        parts = [self._all_of()]
        while self._accept("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all_of(self) -> LabelFilter:
        parts = [self._one()]
        while self._accept("and") or self._accept(","):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self) -> LabelFilter:
        token = self._peek()
        if not self._accept("("):
            return self._matcher()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise LogQueryError(token.position, f"more than {_MAX_DEPTH} nested parentheses")
        inside = self._any_of()
        self._expect(")")
        self._depth -= 1
        return inside

    def _matcher(self) -> Matcher:
        name = self._take("name", "a label name")
        operator = self._take("sign", "an operator = != =~ !~")
        if operator.value not in get_args(MatchOperator):
            raise LogQueryError(operator.position, f"expected = != =~ or !~ after {name.value}")
        value = self._take("text", "a quoted value")
        if operator.value in {"=~", "!~"}:
            _check_pattern(value)
        return Matcher(name.value, cast("MatchOperator", operator.value), value.value)

    def _line_filter(self) -> LineFilter:
        operator = self._take("sign", "a line filter")
        value = self._take("text", "a quoted text")
        if operator.value in {"|~", "!~"}:
            _check_pattern(value)
        return LineFilter(cast("LineOperator", operator.value), value.value)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _accept(self, value: str) -> bool:
        token = self._peek()
        if token.kind == "text" or token.value != value:
            return False
        self._next += 1
        return True

    def _expect(self, sign: str) -> Token:
        token = self._peek()
        if not self._accept(sign):
            raise LogQueryError(token.position, f"expected {sign!r}, found {_shown(token)}")
        return token

    def _take(self, kind: str, wanted: str) -> Token:
        token = self._peek()
        if token.kind != kind:
            raise LogQueryError(token.position, f"expected {wanted}, found {_shown(token)}")
        self._next += 1
        return token


def _shown(token: Token) -> str:
    return "the end of the query" if token.kind == "end" else repr(token.value)


def _check_pattern(token: Token) -> None:
    try:
        re.compile(token.value)
    except (re.error, OverflowError, RecursionError) as error:
        raise LogQueryError(token.position, f"bad regular expression: {error}") from error
