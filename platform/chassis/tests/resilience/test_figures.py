"""Figures that cannot work are refused by name, wherever they stand."""

from typing import Any

import msgspec
import pytest

from chassis.resilience import ClientConfig

WRONG = [
    ({"connect_timeout": 0}, "calls, connect_timeout: above 0"),
    ({"reply_limit": 0}, "calls, reply_limit: 1 or more"),
    ({"retry": {"attempts": 0}}, "retry, attempts: 1 or more"),
    ({"retry": {"base": 2.0}}, "retry, base: above 0, at most cap"),
    ({"budget": {"share": 1.5}}, "retry budget, share: 0 to 1"),
    ({"breaker": {"bad_share": 0}}, "circuit breaker, bad_share: above 0, at most 1"),
    ({"bulkhead": {"calls": 0}}, "bulkhead, calls: 1 or more"),
    ({"throttle": {"most": 1}}, "throttle, most: above 0, below 1"),
    ({"ejection": {"jitter": 1}}, "ejection, jitter: 0 or more, below 1"),
]


@pytest.mark.parametrize(("figures", "said"), WRONG)
def test_a_figure_out_of_range_is_refused_with_its_range(figures: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(figures, ClientConfig)
