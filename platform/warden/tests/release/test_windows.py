from warden.decide.model import Failure, Window
from warden.release.windows import between, counted, last_failure

METRICS = b"""\
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/orders/{order_id}",http_response_status_code="200",le="0.005"} 7.0 # {trace_id="5"} 0.004 1.0
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/orders/{order_id}",http_response_status_code="200"} 7.0
http_server_request_duration_seconds_sum{http_request_method="GET",http_route="/orders/{order_id}",http_response_status_code="200"} 0.25
http_server_request_duration_seconds_count{http_request_method="POST",http_route="/orders",http_response_status_code="503"} 2.0
http_server_request_duration_seconds_sum{http_request_method="POST",http_route="/orders",http_response_status_code="503"} 0.5
http_server_request_duration_seconds_count{http_request_method="POST",http_route="/orders",http_response_status_code="409"} 1.0
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/health/ready",http_response_status_code="503"} 99.0
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/metrics",http_response_status_code="200"} 99.0
"""  # noqa: E501 - the lines are as they are


def test_requests_errors_and_time_are_counted_over_all_routes_but_those_of_probes() -> None:
    assert counted(METRICS) == Window(requests=10, errors=2, seconds=0.75)


def test_a_window_is_what_was_answered_since_and_after_a_restart_all_that_was() -> None:
    before = {"a-1": Window(10, 1, 2.0), "a-2": Window(10, 1, 2.0)}
    after = {"a-1": Window(15, 1, 2.5), "a-2": Window(4, 0, 0.5), "a-3": Window(3, 3, 1.0)}

    assert between(before, after) == {"a-1": Window(5, 0, 0.5), "a-2": Window(4, 0, 0.5), "a-3": Window(3, 3, 1.0)}


def test_the_last_failure_is_known_by_its_exemplar() -> None:
    bucket = 'x_bucket{{http_response_status_code="{}",le="0.1"}} 1.0 # {{span_id="{}",trace_id="{}"}} 0.05 {}'
    answers = (("500", "a", 100.5), ("503", "b", 200.5), ("200", "c", 300.5))
    lines = [bucket.format(status, letter * 16, letter * 32, at) for status, letter, at in answers]

    assert last_failure("\n".join(lines).encode()) == Failure("b" * 32, "b" * 16)
    assert last_failure(b"") is None


def test_the_trace_alone_is_known_of_a_failure_in_a_release_of_an_older_chassis() -> None:
    line = b'x_bucket{http_response_status_code="500",le="0.1"} 1.0 # {trace_id="' + b"a" * 32 + b'"} 0.05 100.5'

    assert last_failure(line) == Failure("a" * 32)
