"""What an acceptable e-mail address, password and name are, and when a log-in has to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain import (
    PASSWORD_MINIMUM,
    Failures,
    InvalidFieldError,
    ThrottlePolicy,
    check_password,
    count_failure,
    normalise_email,
    normalise_name,
    wait_before_attempt,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = ThrottlePolicy(limit=3, window=timedelta(minutes=10))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Ada.Lovelace@Example.ORG ", "ada.lovelace@example.org"),
        ("o'neil+shop@mail.example.org", "o'neil+shop@mail.example.org"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
    ],
)
def test_an_email_has_one_spelling(text: str, expected: str) -> None:
    assert normalise_email(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@example",
        "a..b@example.org",
        ".a@example.org",
        "a b@example.org",
        "a@exa mple.org",
        "a@-example.org",
        "a\r\nBcc: x@example.org",
        "ä@example.org",
        "a@" + "b" * 64 + ".org",
        "a" * 65 + "@example.org",
        "a@" + ".".join(["b" * 60] * 5) + ".org",
    ],
)
def test_what_is_no_email_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        normalise_email(text)
    assert caught.value.field == "email"
    assert len(text) < 3 or text not in str(caught.value)


@given(st.text(max_size=300))
def test_any_text_is_an_email_or_refused_and_normalising_twice_changes_nothing(text: str) -> None:
    try:
        once = normalise_email(text)
    except InvalidFieldError:
        return
    assert normalise_email(once) == once
    assert once.isascii()
    assert once.isprintable()


@given(st.text(max_size=300))
def test_a_password_that_passes_keeps_the_policy(text: str) -> None:
    try:
        password = check_password(text, email="ada@example.org")
    except InvalidFieldError:
        return
    assert PASSWORD_MINIMUM <= len(password) <= 256
    assert len(set(password)) >= 5


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("elevenchars", "at least 12"),
        ("a1b2c3d4e5f6" * 30, "at most 256"),
        ("abababababab", "different characters"),
        ("Ada.Lovelace@example.org", "other than the e-mail"),
        ("ada.lovelace", "other than the e-mail"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_it_breaks(password: str, rule: str) -> None:
    with pytest.raises(InvalidFieldError, match=rule):
        check_password(password, email="ada.lovelace@example.org")


def test_a_password_is_the_same_from_every_keyboard() -> None:
    """Composed and decomposed accents hash alike."""
    assert check_password("cafe\u0301 au lait!", email="a@b.example") == check_password(
        "caf\u00e9 au lait!", email="a@b.example"
    )


@given(st.text(max_size=150))
def test_a_name_is_printable_trimmed_and_stable(text: str) -> None:
    try:
        name = normalise_name(text)
    except InvalidFieldError:
        return
    assert name == normalise_name(name)
    assert name.isprintable()
    assert "\n" not in name


def test_failures_below_the_limit_do_not_wait() -> None:
    failures = Failures(count=2, since=START)
    assert wait_before_attempt(failures, now=START, policy=POLICY) == timedelta(0)
    assert wait_before_attempt(None, now=START, policy=POLICY) == timedelta(0)


def test_at_the_limit_the_next_attempt_waits_for_the_end_of_the_window() -> None:
    failures = Failures(count=3, since=START)
    wait = wait_before_attempt(failures, now=START + timedelta(minutes=4), policy=POLICY)
    assert wait == timedelta(minutes=6)


@given(st.lists(st.integers(min_value=0, max_value=400), max_size=60))
def test_no_window_bears_more_failures_than_the_limit(gaps: list[int]) -> None:
    """An attacker who tries whenever allowed fails at most `limit` times within any one window."""
    now = START
    failures: Failures | None = None
    failed: list[datetime] = []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if wait_before_attempt(failures, now=now, policy=POLICY) > timedelta(0):
            continue
        failures = count_failure(failures, now=now, policy=POLICY)
        failed.append(now)
        assert sum(1 for moment in failed if moment >= failures.since) <= POLICY.limit
