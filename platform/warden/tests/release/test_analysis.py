"""What windows of requests say of a new release."""

from hypothesis import given
from hypothesis import strategies as st

from warden.decide.model import Window
from warden.release.analysis import Comparison, Rule, Verdict, judge

RULE = Rule()
windows = st.integers(0, 200).flatmap(
    lambda requests: st.builds(
        Window, st.just(requests), st.integers(0, requests), st.floats(0, 60).map(lambda seconds: seconds * requests)
    )
)
comparisons = st.lists(st.builds(Comparison, windows, windows), max_size=20)


def window(requests: int, errors: int = 0, latency: float = 0.05) -> Window:
    return Window(requests, errors, requests * latency)


def compared(new: Window, old: Window, times: int = 5) -> list[Comparison]:
    return [Comparison(new, old)] * times


def verdict(observed: list[Comparison]) -> Verdict:
    return judge(observed, RULE)[0]


def test_as_few_errors_as_before_pass() -> None:
    assert verdict(compared(window(25, 1), window(225, 9))) is Verdict.PASS


def test_ten_percent_of_errors_fail_as_soon_as_three_windows_show_them() -> None:
    bad = Comparison(window(25, 3), window(225))
    good = Comparison(window(25), window(225))

    assert verdict([bad, good, bad]) is Verdict.INCONCLUSIVE
    assert verdict([bad, bad, bad]) is Verdict.FAIL
    assert verdict([bad, good, bad, good, bad]) is Verdict.FAIL


def test_errors_that_the_release_before_has_too_are_not_held_against_it() -> None:
    assert verdict(compared(window(25, 5), window(225, 30))) is Verdict.PASS


def test_what_is_much_slower_fails_and_what_is_a_little_slower_does_not() -> None:
    assert verdict(compared(window(25, latency=0.3), window(225, latency=0.05))) is Verdict.FAIL
    assert verdict(compared(window(25, latency=0.14), window(225, latency=0.05))) is Verdict.PASS


def test_without_requests_nothing_is_said_however_long_it_lasts() -> None:
    assert verdict(compared(Window(), window(225), times=100)) is Verdict.INCONCLUSIVE


def test_a_quiet_service_is_judged_too_only_later() -> None:
    assert verdict(compared(window(1), window(9), times=49)) is Verdict.INCONCLUSIVE
    assert verdict(compared(window(1), window(9), times=50)) is Verdict.PASS
    assert verdict(compared(window(1, 1), window(9), times=50)) is Verdict.FAIL


@given(comparisons)
def test_there_is_no_verdict_without_the_requests_that_are_needed(observed: list[Comparison]) -> None:
    if sum(one.new.requests for one in observed) < RULE.requests:
        assert verdict(observed) is Verdict.INCONCLUSIVE


@given(st.lists(st.builds(Comparison, windows.map(lambda one: Window(one.requests, 0, 0.0)), windows), max_size=20))
def test_a_release_without_errors_that_answers_at_once_is_never_given_up(observed: list[Comparison]) -> None:
    assert verdict(observed) is not Verdict.FAIL


@given(comparisons)
def test_an_identical_release_is_never_given_up(observed: list[Comparison]) -> None:
    same = [Comparison(one.old, one.old) for one in observed]
    assert verdict(same) is not Verdict.FAIL or any(one.old.error_share > RULE.errors for one in same)
