"""Reading service.toml."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import ConfigurationError
from chassis.manifest import Route, load_manifest, parse_manifest

LEAST = {"name": "shop", "description": "Sells", "owner": "team-shop", "pager": "shop@pharos.example", "tier": 1}

COMPLETE = """
name = "shop"
description = "Sells things"
owner = "team-shop"
pager = "shop@pharos.example"
tier = 1
seed = true
user_issuer = "door"
[edge]
routes = ["POST /things", "GET /things/{thing_id}"]
[calls]
till = ["take_money"]
[callers]
operator = ["audit_things"]
[events]
publishes = ["shop.thing.sold.v1"]
consumes = ["till.money.taken.v2"]
[environment]
SHOP_KEY_FILE = "{secrets}/shop"
[[slos]]
name = "latency"
kind = "latency"
objective = 0.99
threshold_ms = 250
route = "POST /things"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "service.toml"
    path.write_text(text)
    return path


def refusal(**changes: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_manifest({**LEAST, **changes}, source="shop/service.toml")
    return str(caught.value)


def test_a_complete_manifest_is_read(tmp_path: Path) -> None:
    manifest = load_manifest(written(tmp_path, COMPLETE))

    assert manifest.routes == (Route("POST", "/things"), Route("GET", "/things/{thing_id}"))
    assert manifest.calls == {"till": ("take_money",)}
    assert manifest.events.publishes == ("shop.thing.sold.v1",)
    assert manifest.environment == {"SHOP_KEY_FILE": "{secrets}/shop"}
    assert manifest.slos[0].threshold_ms == 250
    assert manifest.messaging
    assert manifest.database


def test_only_the_named_callers_may_call_an_operation(tmp_path: Path) -> None:
    manifest = load_manifest(written(tmp_path, COMPLETE))

    assert manifest.may_call("operator", "audit_things")
    assert not manifest.may_call("operator", "take_money")
    assert not manifest.may_call("till", "audit_things")


def test_a_manifest_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        parse_manifest(LEAST).name = "other"  # type: ignore[misc]


def test_an_unknown_key_is_named_with_its_file() -> None:
    assert refusal(colour="red") == "shop/service.toml: `colour`: is not a known key; remove or rename it"


def test_an_unknown_key_of_a_table_is_named_with_the_table() -> None:
    assert "`edge.paths`: is not a known key" in refusal(edge={"paths": []})
    assert "`slos[0].goal`: is not a known key" in refusal(slos=[{"goal": 1}])


def test_a_missing_key_is_named() -> None:
    document = {key: value for key, value in LEAST.items() if key != "owner"}

    with pytest.raises(ConfigurationError, match="`owner`: is missing; add it"):
        parse_manifest(document)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tier": "one"}, "`tier`: expected `int`, got `str`"),
        ({"tier": 9}, "`tier`: expected `int` <= 4"),
        ({"name": "Shop"}, "`name`: expected `str` matching regex"),
        ({"edge": {"routes": "GET /"}}, "`edge.routes`"),
        ({"edge": {"routes": ["FETCH /things"]}}, "'FETCH /things' is not a method and a path template"),
        ({"edge": {"routes": ["GET things"]}}, "write it like `GET /things/{thing_id}`"),
        ({"edge": {"routes": ["GET /a", "GET /a"]}}, "'GET /a' stands twice; remove one"),
        ({"calls": {"shop": ["buy"]}}, "`calls.shop`: is this service itself"),
        ({"events": {"publishes": ["till.money.taken.v1"]}}, "belongs to another service; begin it with `shop.`"),
        ({"events": {"publishes": ["shop.sold"]}}, "`events.publishes[0]`"),
        ({"events": {"publishes": ["shop.thing.sold.v1"]}, "database": False}, "set `database = true`"),
        ({"environment": {"lower": "x"}}, "`environment"),
        ({"slos": [{"name": "fast", "kind": "latency", "objective": 0.9}]}, "without `threshold_ms`"),
        ({"slos": [{"name": "up", "kind": "availability", "objective": 1.5}]}, "`slos[0].objective`"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(changes: dict[str, Any], words: str) -> None:
    message = refusal(**changes)

    assert message.startswith("shop/service.toml: ")
    assert words in message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"No such file or directory; give the path of a service\.toml"):
        load_manifest(tmp_path / "absent.toml")


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"is not TOML \(.*line 1"):
        load_manifest(written(tmp_path, "name = \n"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from([*LEAST, "edge", "calls", "callers", "events", "environment", "slos", "after", "database"])


@settings(deadline=None)
@given(st.dictionaries(keys | st.text(), json_values))
def test_whatever_a_file_holds_the_only_error_is_one_that_names_it(changes: dict[str, Any]) -> None:
    try:
        parse_manifest({**LEAST, **changes}, source="x.toml")
    except ConfigurationError as error:
        assert error.subject.startswith("x.toml: `")  # noqa: PT017 - most documents are wrong, a few are not


def test_figures_of_one_dependency_are_those_of_all_where_it_has_none_of_its_own() -> None:
    resilience = parse_manifest(
        {
            **LEAST,
            "calls": {"till": ["take_money"]},
            "resilience": {
                "calls": {"attempt_timeout": 2, "connections": 9, "bulkhead": {"calls": 10}, "breaker": {"calls": 30}},
                "calls_to": {"till": {"call_timeout": 3, "breaker": {"probes": 1}}},
            },
        }
    ).resilience

    till = resilience.calls_to["till"]
    assert (till.attempt_timeout, till.call_timeout, till.bulkhead.calls) == (2.0, 3.0, 10)
    assert (till.breaker.calls, till.breaker.probes, till.throttle.k) == (30, 1, 2.0)
    assert (resilience.calls.call_timeout, resilience.calls.breaker.probes, resilience.calls.connections) == (5.0, 3, 9)


@pytest.mark.parametrize(
    ("resilience", "said"),
    [
        ({"cals": {}}, "`resilience.cals`: is not a known key; remove or rename it"),
        ({"calls": {"bulkhead": {"cals": 1}}}, "`resilience.calls.bulkhead.cals`: is not a known key"),
        ({"calls": {"bulkhead": {"calls": 0}}}, "`resilience.calls.bulkhead`: bulkhead, calls: 1 or more"),
        ({"calls": {"retry": 3}}, "`resilience.calls.retry`: expected `object`, got `int`"),
        ({"calls_to": {"till": {"connections": 3}}}, "connections`: is not a known key"),
        ({"calls_to": {"bank": {}}}, "`resilience.calls_to.bank`: is not a service that this one calls"),
    ],
)
def test_what_is_wrong_with_figures_is_named_with_its_key_and_the_fix(resilience: dict[str, Any], said: str) -> None:
    assert said in refusal(calls={"till": ["take_money"]}, resilience=resilience)
