"""What customers are told."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain import (
    BACKOFF_CAP,
    Facts,
    Kind,
    Line,
    Message,
    Money,
    amount,
    backoff,
    is_address,
    message_id,
    one_line,
    render,
)
from notifications.letters import Held, Letter
from notifications.mail import MAX_LINE, compose

FACTS = Facts(
    order_id="o-1",
    lines=(Line("MUG-BLUE", 2, Money(1250, "EUR")), Line("PEN", 1)),
    total=Money(2500, "EUR"),
    reason="card-declined",
    amount=Money(2500, "EUR"),
)


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        (Kind.CUSTOMER_REGISTERED, "Welcome to Pharos", ["Hello Ada,", "Your account is ready"]),
        (
            Kind.ORDER_CONFIRMED,
            "Your order o-1 is confirmed",
            ["2 x MUG-BLUE at 12.50 EUR", "1 x PEN", "Total: 25.00 EUR"],
        ),
        (Kind.ORDER_CANCELLED, "Your order o-1 is cancelled", ["Your card was declined. Nothing was charged."]),
        (Kind.PAYMENT_REFUNDED, "A refund for your order o-1", ["25.00 EUR for your order o-1 was given back"]),
    ],
)
def test_each_kind_says_what_happened_in_text_and_html(kind: Kind, subject: str, words: list[str]) -> None:
    message = render(kind, FACTS, "Ada")
    assert message.subject == subject
    for word in words:
        assert word in message.text
        assert word in message.html


@pytest.mark.parametrize("reason", ["something-new", ""])
def test_an_unknown_reason_is_told_without_a_claim(reason: str) -> None:
    assert "on our side" in render(Kind.ORDER_CANCELLED, Facts(order_id="o-1", reason=reason), "Ada").text


@given(st.sampled_from(Kind), st.text(), st.text(max_size=40), st.text(max_size=40))
def test_no_text_breaks_out_of_a_header_or_into_the_html(kind: Kind, name: str, order_id: str, sku: str) -> None:
    facts = Facts(order_id=order_id, lines=(Line(sku, 1),), reason=name)
    message = render(kind, facts, name + "<script>\r\nBcc: eve@example.org")
    assert "\r" not in message.subject
    assert "\n" not in message.subject
    assert "<script>" not in message.html
    held = Held(
        notification_id=UUID(int=1), kind=kind, facts=facts, order_id=order_id, customer_id="c", attempts=1,
        message_id=message_id("e-1"), lease_token=UUID(int=2), traceparent="", correlation_id="c-12345678",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    mail = message_from_bytes(
        compose(held, Letter("ada@example.org", message), "x@example.org").as_bytes(), policy=default
    )
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Correlation-ID", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert mail["To"] == "ada@example.org"
    assert mail["Message-ID"] == "<e-1@notifications.pharos.example>"


def test_a_message_in_any_script_and_of_any_length_arrives_as_it_was_written() -> None:
    facts = Facts(order_id="o-1", lines=tuple(Line(f"MUG-{number}", number) for number in range(1, 50)), reason="")
    message = render(Kind.ORDER_CANCELLED, facts, "Żaneta 亜")
    held = Held(
        notification_id=UUID(int=1), kind=Kind.ORDER_CANCELLED, facts=facts, order_id="o-1", customer_id="c",
        attempts=1, message_id=message_id("e-1"), lease_token=UUID(int=2), traceparent="", correlation_id="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    letter = Letter("ada@example.org", Message("Grüße 亜", message.text, message.html))

    sent = compose(held, letter, "Größe <no-reply@example.org>").as_bytes()

    assert max(len(line) for line in sent.split(b"\r\n")) <= MAX_LINE
    mail = message_from_bytes(sent, policy=default)
    assert isinstance(mail, EmailMessage)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert (mail["Subject"], mail["From"]) == ("Grüße 亜", "Größe <no-reply@example.org>")
    assert plain is not None
    assert plain.get_content().strip() == message.text.strip()
    assert rich is not None
    assert rich.get_content().strip() == message.html.strip()


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@given(st.text(max_size=300))
def test_a_message_id_is_well_formed_and_stable(event_id: str) -> None:
    made = message_id(event_id)
    assert made == message_id(event_id)
    assert made.isascii()
    assert made.startswith("<")
    assert made.endswith("@notifications.pharos.example>")
    assert not set(made) & set(" \r\n\t")


@pytest.mark.parametrize("text", ["ada@example.org", "a.b+c@mail.example.org"])
def test_a_plain_address_is_taken(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@example.org\n", "Ada <ada@example.org>", "a@b.org,c@d.org", "a b@example.org", "a@" + "b" * 300],
)
def test_nothing_else_is_taken_for_an_address(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(0, "EUR"), "0.00 EUR"),
        (Money(5, "EUR"), "0.05 EUR"),
        (Money(-1250, "EUR"), "-12.50 EUR"),
        (Money(500, "JPY"), "500 JPY"),
        (Money(1234, "KWD"), "1.234 KWD"),
    ],
)
def test_amounts_are_written_with_the_digits_of_their_currency(money: Money, text: str) -> None:
    assert amount(money) == text


def test_the_backoff_grows_and_is_bounded() -> None:
    ceilings = [backoff(attempts, lambda _low, high: high) for attempts in range(1, 100)]
    assert ceilings == sorted(ceilings)
    assert ceilings[-1] == BACKOFF_CAP
