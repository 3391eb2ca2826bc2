"""A card number in any text of a request is refused, and the field is named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.http.cards import in_body, in_headers, in_target
from chassis.telemetry.testing import capture

CARD = "4111 1111 1111 1111"
Client = AsyncTestClient[Litestar]


def basket(item: str) -> dict[str, Any]:
    return {"lines": [{"item": "lamp", "quantity": 1}, {"item": item, "quantity": 1}]}


async def refused(client: Client, method: str, path: str, **arguments: Any) -> list[str]:
    answer = await client.request(method, path, **arguments)
    assert (answer.status_code, answer.json()["reason"]) == (422, "card-number-not-accepted"), answer.text
    assert "1111" not in answer.text.replace(" ", "") or path.count("1111")
    return [error["field"] for error in answer.json()["errors"]]


async def test_in_the_body_it_is_refused_by_its_path(client: Client) -> None:
    assert await refused(client, "POST", "/baskets", json=basket(CARD)) == ["lines[1].item"]


async def test_an_escaped_one_is_refused_as_well(client: Client) -> None:
    escaped = json.dumps(basket("X")).replace("X", "".join(f"\\u{ord(digit):04x}" for digit in CARD))

    assert await refused(client, "POST", "/baskets", content=escaped.encode()) == ["lines[1].item"]


async def test_under_an_unknown_name_or_as_a_name_it_is_refused(client: Client) -> None:
    body = {**basket("lamp"), "note": CARD, CARD: 1}

    assert set(await refused(client, "POST", "/baskets", json=body)) == {"note", "body"}


@pytest.mark.parametrize("header", ["X-Correlation-ID", "User-Agent", "Idempotency-Key", "X-Anything"])
async def test_in_a_header_it_is_refused(client: Client, header: str) -> None:
    assert await refused(client, "POST", "/baskets", json=basket("lamp"), headers={header: CARD}) == [header.lower()]


async def test_in_the_query_it_is_refused_by_the_name_of_the_parameter(client: Client) -> None:
    assert await refused(client, "GET", "/baskets/7", params={"colour": CARD}) == ["query.colour"]
    assert await refused(client, "GET", "/baskets/7", params={"colour": "red", CARD: "1"}) == ["query"]


async def test_in_the_path_it_is_refused(client: Client) -> None:
    assert await refused(client, "GET", "/failures/4111111111111111") == ["path"]


async def test_a_nul_character_is_refused_where_it_stands(client: Client) -> None:
    body = await client.post("/baskets", json=basket("lamp\x00"))
    query = await client.get("/baskets/7?colour=red%00")
    name = await client.post("/baskets", json={**basket("lamp"), "\x00": 1})

    for answer, field in ((body, "lines[1].item"), (query, "query.colour"), (name, "body")):
        assert (answer.status_code, answer.json()["reason"]) == (422, "invalid")
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_nothing_of_it_is_in_any_span_or_log_line(client: Client) -> None:
    with capture() as captured:
        for path in ("/failures/4111111111111111", f"/baskets/7?colour={CARD}", "/nowhere/4111111111111111"):
            await client.get(path, headers={"User-Agent": CARD, "X-Correlation-ID": "4111111111111111"})
        await client.post("/baskets", json={**basket(CARD), CARD: CARD})

    seen = "".join(repr((span.name, span.attributes, span.events)) for span in captured.spans)
    seen += "".join(repr(line) for line in captured.logs)
    assert "baskets" in seen
    assert "1111" not in seen.replace(" ", "").replace("-", "")


async def test_a_request_without_one_is_answered(client: Client) -> None:
    answer = await client.post("/baskets", json=basket("lamp 4111"), headers={"X-Correlation-ID": "my-own-correlation"})

    assert answer.status_code == 201


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_document_can_be_looked_at(document: Any) -> None:
    assert isinstance(list(in_body(json.dumps(document).encode())), list)


@given(st.binary(max_size=100), st.text(max_size=60))
def test_any_bytes_can_be_looked_at(data: bytes, path: str) -> None:
    found = [*in_body(data), *in_headers([(b"x-any", data)]), *in_target(path, data)]

    assert all(isinstance(field, str) for field in found)
