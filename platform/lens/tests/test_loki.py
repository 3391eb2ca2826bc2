import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LensProcess, line, logs, new_span_id, new_trace_id
from lens.loki.parser import parse
from lens.loki.query import RangeError, parse_range, parse_time
from lens.loki.scanner import SUPPORTED, LogQueryError
from lens.loki.syntax import AllOf, AnyOf, LabelFilter, LineFilter, LogQuery, Matcher

BEGIN = 1_700_000_000_000_000_000

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name not in {"and", "or"})
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
matchers = st.one_of(
    st.builds(Matcher, names, st.sampled_from(["=", "!="]), texts),
    st.builds(Matcher, names, st.sampled_from(["=~", "!~"]), texts.map(re.escape)),
)
line_filters = st.one_of(
    st.builds(LineFilter, st.sampled_from(["|=", "!="]), texts),
    st.builds(LineFilter, st.sampled_from(["|~", "!~"]), texts.map(re.escape)),
)
label_filters: st.SearchStrategy[LabelFilter] = st.recursive(
    matchers,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)
selectors = st.lists(matchers, max_size=2).map(lambda some: (Matcher("service_name", "=~", ".+"), *some))
queries = st.builds(
    LogQuery, selectors, st.lists(line_filters, max_size=3).map(tuple), st.lists(label_filters, max_size=3).map(tuple)
)


def written(part: LabelFilter) -> str:
    match part:
        case Matcher():
            return f"{part.name}{part.operator}{json.dumps(part.value)}"
        case AllOf():
            return " and ".join(f"({written(inner)})" for inner in part.parts)
        case AnyOf():
            return " or ".join(f"({written(inner)})" for inner in part.parts)


@given(queries)
def test_what_is_written_is_read_back(query: LogQuery) -> None:
    selector = ", ".join(map(written, query.selector))
    lines = " ".join(f"{part.operator} {json.dumps(part.value)}" for part in query.lines)
    labels = " ".join(f"| {written(part)}" for part in query.labels)

    assert parse(f"{{{selector}}} {lines} {labels}") == query


@given(st.text(max_size=60) | st.text('{}()="~!|,` abor\\', max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    problem = None
    try:
        parse(text).matches({"a": "b"}, "line")
    except LogQueryError as error:
        problem = error

    assert problem is None or 1 <= problem.position <= len(text) + 1


@given(st.text(max_size=30))
def test_no_time_breaks_the_range(text: str) -> None:
    with contextlib.suppress(RangeError):
        assert parse_time(text, "start", 5) >= 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1700000000000000001", BEGIN + 1),
        ("1700000000", BEGIN),
        ("1700000000.5", BEGIN + 500_000_000),
        ("2023-11-14T22:13:20Z", BEGIN),
        ("2023-11-14T23:13:20.000001+01:00", BEGIN + 1_000),
    ],
)
def test_times_are_given_in_any_of_lokis_ways(text: str, expected: int) -> None:
    assert parse_time(text, "start", 0) == expected


@pytest.mark.parametrize(
    ("query", "position", "problem"),
    [
        ("", 1, "expected '{', found the end"),
        ("{}", 2, "expected a label name"),
        ("{a=b}", 4, "expected a quoted value, found 'b'"),
        ('{a=""}', 1, "a matcher that an empty label does not fulfil"),
        ('{a=~"("}', 5, "bad regular expression"),
        ('{a="b"} | json', 15, "expected an operator"),
        ('{a="b"} | c > "1"', 13, "unexpected '>'"),
        ('{a="b"} | c |= "1"', 13, "expected = != =~ or !~ after c"),
        ('{a="b"} | (c="d"', 17, "expected ')'"),
        ('{a="b"} |= "\\q"', 12, "bad escape"),
        ('rate({a="b"})', 1, "expected '{', found 'rate'"),
    ],
)
def test_a_query_that_is_not_understood_says_where_and_what_is(query: str, position: int, problem: str) -> None:
    with pytest.raises(LogQueryError, match=f"character {position}: .*{re.escape(problem)}") as caught:
        parse(query)

    assert SUPPORTED in str(caught.value)


@pytest.fixture(scope="module")
def stored(lens: LensProcess) -> dict[str, str]:
    """Lines of two services, the same every time."""
    ids = {"trace": new_trace_id(), "span": new_span_id()}
    correlated = {"correlation.id": "loki-test-0001"}
    lens.post_json(
        "logs",
        logs(
            "loki-orders",
            line(
                "order placed",
                BEGIN,
                traceId=ids["trace"],
                spanId=ids["span"],
                attributes=correlated | {"order.id": "o"},
            ),
            line("card declined", BEGIN + 2, severityNumber=17, severityText="ERROR", attributes=correlated),
            **{"service.instance.id": "orders-1"},
        ),
    )
    lens.post_json("logs", logs("loki-payments", line("charged 5 EUR", BEGIN + 1, attributes=correlated)))
    return ids


def ask(lens: LensProcess, query: str, **parameters: Any) -> list[tuple[int, str]]:
    window = {"start": BEGIN - 10, "end": BEGIN + 10, "direction": "forward"}
    answer = lens.get("/loki/api/v1/query_range", query=query, **(window | parameters))
    assert answer.status == 200, answer.body
    found = [value for stream in answer.json["data"]["result"] for value in stream["values"]]
    return sorted((int(time_ns) - BEGIN, text) for time_ns, text in found)


ALL = [(0, "order placed"), (1, "charged 5 EUR"), (2, "card declined")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{service_name=~"loki-.+"}', ALL),
        ('{service_name="loki-orders"}', [ALL[0], ALL[2]]),
        ('{service_name=~"loki-.+", service_name!="loki-orders"}', [ALL[1]]),
        ('{service_name=~"loki-.+"} |= "card"', [ALL[2]]),
        ('{service_name=~"loki-.+"} != "card" |~ `\\d EUR`', [ALL[1]]),
        ('{service_name=~"loki-.+"} | level="error"', [ALL[2]]),
        ('{service_name=~"loki-.+"} | detected_level=~"info|warn"', ALL[:2]),
        ('{service_name=~".+"} | correlation_id="loki-test-0001"', ALL),
        ('{service_name=~".+"} | correlation_id="loki-test-0001" | severity_text="INFO"', ALL[:2]),
        ('{service_name=~".+"} | correlation_id="loki-test-0001" or order_id="o"', ALL),
        ('{service_name=~"loki-.+"} | order_id="o"', [ALL[0]]),
        ('{service_instance_id="orders-1"}', [ALL[0], ALL[2]]),
        ('{service_name=~".+"} | correlation_id="other" or correlation_id="none"', []),
        ('{service_name="loki-other"}', []),
    ],
)
def test_a_query_selects_lines(
    lens: LensProcess, stored: dict[str, str], query: str, expected: list[tuple[int, str]]
) -> None:
    assert stored
    assert ask(lens, query) == expected


def test_lines_are_found_by_their_trace(lens: LensProcess, stored: dict[str, str]) -> None:
    assert ask(lens, f'{{service_name=~".+"}} | trace_id="{stored["trace"]}"') == [ALL[0]]
    assert ask(lens, '{service_name=~".+"} | trace_id="zz"') == []


def test_a_line_has_the_labels_that_loki_gives_otlp_lines(lens: LensProcess, stored: dict[str, str]) -> None:
    query = '{service_name="loki-orders"} |= "placed"'
    document = lens.get("/loki/api/v1/query_range", query=query, start=BEGIN, end=BEGIN + 10).json

    assert (document["status"], document["data"]["resultType"]) == ("success", "streams")
    assert document["data"]["result"] == [
        {
            "stream": {
                "service_name": "loki-orders",
                "service_instance_id": "orders-1",
                "correlation_id": "loki-test-0001",
                "order_id": "o",
                "detected_level": "info",
                "level": "info",
                "severity_text": "INFO",
                "severity_number": "9",
                "trace_id": stored["trace"],
                "span_id": stored["span"],
            },
            "values": [[str(BEGIN), "order placed"]],
        }
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"limit": 1}, [ALL[0]]),
        ({"limit": 1, "direction": "backward"}, [ALL[2]]),
        ({"start": BEGIN + 1}, ALL[1:]),
        ({"end": BEGIN + 2}, ALL[:2]),
        ({"start": "2023-11-14T22:13:20Z", "end": "2023-11-14T22:13:21Z"}, ALL),
    ],
)
def test_range_limit_and_direction_are_kept(
    lens: LensProcess, stored: dict[str, str], parameters: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    assert stored
    assert ask(lens, '{service_name=~"loki-.+"}', **parameters) == expected


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"query": "{"}, "parse error at character 2"),
        ({"query": '{a="b"}', "limit": "5001"}, "1 to 5000"),
        ({"query": '{a="b"}', "direction": "up"}, "forward or backward"),
        ({"query": '{a="b"}', "start": "soon"}, "start is 'soon'"),
        ({"query": '{a="b"}', "start": "5", "end": "4"}, "must not be before"),
    ],
)
def test_a_bad_parameter_is_answered_in_words(lens: LensProcess, parameters: dict[str, str], problem: str) -> None:
    answer = lens.get("/loki/api/v1/query_range", **parameters)

    assert answer.status == 400
    assert problem in answer.body.decode()


def test_names_to_select_by_are_listed(lens: LensProcess, stored: dict[str, str]) -> None:
    assert stored
    assert "service_name" in lens.get("/loki/api/v1/labels").json["data"]
    assert "loki-orders" in lens.get("/loki/api/v1/label/service_name/values").json["data"]


def test_defaults_are_lokis() -> None:
    found = parse_range('{a="b"}', start="", end="", limit="", direction="", now_ns=BEGIN)

    assert (found.limit, found.direction, found.end_ns - found.start_ns) == (100, "backward", 3_600 * 10**9)
