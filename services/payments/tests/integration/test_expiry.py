"""Money that was held and never taken is let go."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

from conftest import System


async def test_what_is_held_too_long_is_let_go_and_cannot_be_captured_any_more(
    make_system: Callable[..., AbstractContextManager[System]],
) -> None:
    with make_system(PAYMENTS_AUTHORISATION_HOLD="1") as system:
        held = (await system.authorise()).body
        assert held["status"] == "authorised"
        await system.until(held["payment_id"], "voided")
        late = await system.call("POST", f"/payments/{held['payment_id']}/capture")
        assert (late.status, late.reason) == (409, "payment-status")
        ledger = (await system.call("GET", "/audit/ledger", caller="operator")).body
        assert ledger["faults"] == []
        assert await system.counted("payments_authorisations_expired_total") == 1


async def test_a_capture_and_the_expiry_have_one_winner(
    make_system: Callable[..., AbstractContextManager[System]],
) -> None:
    with make_system(PAYMENTS_AUTHORISATION_HOLD="1", PAYMENTS_RECONCILE_POLL="0.05") as system:
        held = [(await system.authorise()).body["payment_id"] for _ in range(10)]

        async def capture_late(payment_id: str, delay: float) -> int:
            await asyncio.sleep(delay)  # the moment of expiry lies within these
            return (await system.call("POST", f"/payments/{payment_id}/capture")).status

        answers = await asyncio.gather(*(capture_late(one, 0.7 + 0.08 * place) for place, one in enumerate(held)))
        assert set(answers) <= {200, 409}
        for payment_id, status in zip(held, answers, strict=True):
            await system.until(payment_id, "captured" if status == 200 else "voided")


async def test_what_was_captured_in_time_is_kept(make_system: Callable[..., AbstractContextManager[System]]) -> None:
    with make_system(PAYMENTS_AUTHORISATION_HOLD="1") as system:
        captured = await system.captured()
        held = (await system.authorise()).body
        await system.until(held["payment_id"], "voided")
        assert (await system.payment(captured["payment_id"]))["status"] == "captured"
