"""Whatever goes wrong, the caller gets one kind of document."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.telemetry.testing import capture

Client = AsyncTestClient[Litestar]

GOOD: dict[str, Any] = {"lines": [{"item": "lamp", "quantity": 1}]}


async def post(client: Client, content: str | bytes) -> Any:
    return await client.post("/baskets", content=content, headers={"Content-Type": "application/json"})


async def fields(client: Client, basket: Any) -> list[tuple[str, str]]:
    answer = await client.post("/baskets", json=basket)
    assert answer.status_code == 422
    return [(error["field"], error["message"]) for error in answer.json()["errors"]]


async def test_a_problem_names_its_type_its_reason_and_where_to_look(client: Client) -> None:
    answer = await client.get("/failures/sold-out", headers={"X-Correlation-ID": "my-own-correlation"})

    body = answer.json()
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert body.pop("trace_id") == answer.headers["x-trace-id"]
    assert body == {
        "type": "urn:pharos:problem:sold-out",
        "title": "Sold out",
        "status": 409,
        "detail": "No lamp is left.",
        "instance": "/failures/sold-out",
        "reason": "sold-out",
        "correlation_id": "my-own-correlation",
        "item": "lamp",
        "available": 0,
    }


async def test_an_answer_that_cannot_be_encoded_is_our_fault(client: Client) -> None:
    answer = await client.get("/failures/unspeakable")

    assert (answer.status_code, answer.json()["reason"]) == (500, "internal-error")


async def test_malformed_json_is_400(client: Client) -> None:
    for content in (b'{"lines": [', b"\xff\xfe", b"", b"{'lines': 1}"):
        answer = await post(client, content)

        assert (answer.status_code, answer.json()["reason"]) in {(400, "malformed-json"), (422, "invalid")}, content
    assert (await post(client, b'{"lines": [')).status_code == 400


async def test_a_wrong_value_deep_inside_is_named_by_its_path(client: Client) -> None:
    basket = {"lines": [GOOD["lines"][0], {"item": "lamp", "quantity": 9}]}

    assert await fields(client, basket) == [("lines[1].quantity", "Expected `int` <= 5")]


async def test_a_missing_field_is_named_by_its_path(client: Client) -> None:
    assert await fields(client, {}) == [("lines", "is required")]
    assert await fields(client, {"lines": [{"item": "lamp"}]}) == [("lines[0].quantity", "is required")]


async def test_an_unknown_field_is_named_by_its_path(client: Client) -> None:
    basket = {"lines": [{"item": "lamp", "quantity": 1, "colour": "red"}]}

    assert await fields(client, basket) == [("lines[0].colour", "is not a known field")]


async def test_a_body_of_the_wrong_kind_is_an_error_of_the_whole(client: Client) -> None:
    assert await fields(client, [1]) == [("", "Expected `object`, got `array`")]


async def test_all_wrong_parameters_are_named_at_once(client: Client) -> None:
    answer = await client.post("/baskets?limit=few", json={"lines": 1})

    assert [error["field"] for error in answer.json()["errors"]] == ["lines", "limit"]


async def test_a_missing_query_parameter_is_named(client: Client) -> None:
    answer = await client.get("/baskets/1")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "colour", "message": "is required"}]


async def test_an_unknown_path_is_a_problem(client: Client) -> None:
    answer = await client.get("/nowhere")

    assert (answer.status_code, answer.json()["reason"]) == (404, "not-found")
    assert answer.json()["instance"] == "/nowhere"
    assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"]


async def test_a_path_that_does_not_fit_its_template_is_not_found(client: Client) -> None:
    assert (await client.get("/baskets/seven?colour=red")).status_code == 404


async def test_a_wrong_method_is_told_the_right_ones(client: Client) -> None:
    answer = await client.delete("/baskets")

    assert (answer.status_code, answer.json()["reason"]) == (405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


async def test_a_body_over_the_limit_is_413(client: Client) -> None:
    answer = await post(client, b'{"lines": "' + b"x" * 2000 + b'"}')

    assert (answer.status_code, answer.json()["reason"]) == (413, "payload-too-large")


@pytest.mark.parametrize(("kind", "status", "retry_after"), [("busy", 429, "3"), ("away", 503, "1")])
async def test_who_shall_come_back_is_told_when(client: Client, kind: str, status: int, retry_after: str) -> None:
    answer = await client.get(f"/failures/{kind}")

    assert (answer.status_code, answer.headers["retry-after"]) == (status, retry_after)


async def test_an_unforeseen_error_tells_the_caller_nothing_of_itself(client: Client) -> None:
    answer = await client.get("/failures/bug")

    assert (answer.status_code, answer.json()["reason"]) == (500, "internal-error")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert len(answer.json()["trace_id"]) == 32


async def test_no_problem_is_cached(client: Client) -> None:
    assert (await client.get("/nowhere")).headers["cache-control"] == "no-store"


async def test_what_is_wrong_with_a_request_is_told_to_its_caller_and_its_values_to_no_span_or_log(
    client: Client,
) -> None:
    with capture() as captured:
        query = await client.post("/baskets?limit=cnry-in-the-query", json=GOOD)
        body = await client.post("/baskets", json={"lines": [{"item": "lamp", "quantity": "cnry-in-the-body"}]})

    assert (query.status_code, body.status_code) == (422, 422)
    events = [event for span in captured.spans for event in span.events]
    assert [event.attributes["exception.message"] for event in events] == ["The request has invalid fields."] * 2
    assert "cnry" not in repr(captured.spans) + repr(captured.logs)
