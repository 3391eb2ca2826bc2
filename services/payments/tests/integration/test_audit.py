"""What an audit of the books reads."""

import asyncio
import random

from conftest import System


async def test_the_ledger_balances_after_any_mixture_of_requests(system: System) -> None:
    """Payments of every kind, with requests that race each other."""
    draw = random.Random(7)
    cards = ["tok_approve", "tok_approve", "tok_duplicate", "tok_decline"]
    answers = await asyncio.gather(
        *(system.authorise(draw.choice(cards), minor=draw.randint(1, 9999)) for _ in range(20))
    )
    verbs = [
        (answer.body["payment_id"], verb)
        for answer in answers
        for verb in draw.sample(["capture", "void", "refund", "capture"], 3)
    ]
    await asyncio.gather(
        *(
            system.call("POST", f"/payments/{payment_id}/{verb}", key=f"{payment_id}-{index}")
            for index, (payment_id, verb) in enumerate(verbs)
        )
    )
    ledger = (await system.call("GET", "/audit/ledger", caller="operator")).body
    assert ledger["unbalanced"] == 0
    assert ledger["entries"] == 2 * ledger["journals"]
    balances = {each["account"]: each["balance"]["amount_minor"] for each in ledger["accounts"]}
    assert sum(balances.values()) == 0
    payments = await system.audited()
    taken = sum(each["amount"]["amount_minor"] for each in payments if each["status"] in {"captured", "refunded"})
    refunded = sum(each["refunded"]["amount_minor"] for each in payments)
    held = sum(each["amount"]["amount_minor"] for each in payments if each["status"] == "authorised")
    assert -balances.get("merchant_settlement", 0) == taken
    assert balances.get("refunds", 0) == refunded
    assert -balances.get("authorised_holds", 0) == held
    assert balances.get("customer_receivable", 0) == held + taken - refunded


async def test_payments_are_listed_page_by_page_in_their_order(system: System) -> None:
    made = [(await system.authorise()).body["payment_id"] for _ in range(3)]
    listed = [each["payment_id"] for each in await system.audited(limit=2)]
    assert listed[-3:] == made
    assert len(listed) == len(set(listed))
    wrong = await system.call("GET", "/audit/payments?cursor=nonsense", caller="operator")
    assert (wrong.status, wrong.reason) == (422, "invalid-cursor")
