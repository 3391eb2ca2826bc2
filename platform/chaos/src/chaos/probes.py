"""What experiments ask: the steady state, and whether what was hit is well again."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import aiohttp

from chaos.errors import ChaosError
from chaos.load import CARD
from chaos.observed import Recovery, recovery_of
from chaos.session import Session, session_of
from chaos.system import entries_of, lacking
from pharos.audit.run import audit
from pharos.errors import CliError
from pharos.storefront import DEFAULT_SKU, Storefront, accepted
from pharos.telemetry.settle import wait_for_traces
from pharos.telemetry.system import traces_of

Configuration = Mapping[str, Any]
Found = TypeVar("Found")
SETTLED_S: Final = 15.0
AUDITED_S: Final = 15.0
"""What no service can explain for ten seconds is a violation; under load something is always under way beyond that."""
TRACED_S: Final = 15.0
PATIENCE_S: Final = 30.0
PAUSE_S: Final = 1.0
POLL_S: Final = 0.05


def order_can_be_placed(configuration: Configuration) -> bool:
    """Whether an order is taken and confirmed."""
    session = session_of(configuration)
    try:
        status, session.probe_order = asyncio.run(_order(session))
    except (aiohttp.ClientError, TimeoutError, CliError):
        return False
    return status == "confirmed"


def trace_is_complete(configuration: Configuration) -> bool:
    """Whether all traces of the order that the steady state placed last have one root and no parent missing."""
    session = session_of(configuration)
    finder = traces_of(session.system.folder.path).finder
    found = _despite_refusals(lambda: wait_for_traces(finder, session.probe_order, TRACED_S))
    return found is not None and found.complete


def audit_is_clean(configuration: Configuration) -> bool:
    """Whether the books of all services agree; what is under way is no violation."""
    system = session_of(configuration).system
    return _despite_refusals(lambda: asyncio.run(audit(system, AUDITED_S))).ok


def recovers(within: float, configuration: Configuration) -> float:
    """Wait until what was hit is well again by warden's journal; the seconds since the fault.

    Raises:
        ChaosError: it is not, after `within` seconds.
    """
    session = session_of(configuration)
    assert session.struck is not None, "recovery is asked for after a fault"
    until = time.monotonic() + within
    while (found := _recovery(session)).recovery is None:
        if time.monotonic() >= until:
            noticed = "warden has not noticed" if found.detection is None else "warden noticed"
            raise ChaosError(f"{', '.join(sorted(session.hit))} did not recover in {within:g} s ({noticed})")
        time.sleep(POLL_S)
    return found.recovery


def is_ready(instance: str, within: float, configuration: Configuration) -> bool:
    """Wait until an instance says that it is ready.

    Raises:
        ChaosError: it does not, after `within` seconds.
    """
    session = session_of(configuration)
    until = time.monotonic() + within
    while lacks := lacking(session.system, instance):
        if time.monotonic() >= until:
            raise ChaosError(f"{instance} was not ready in {within:g} s: {lacks}")
        time.sleep(POLL_S)
    return True


def serves(within: float, configuration: Configuration) -> float:
    """Wait until an order is confirmed again; the seconds since the fault was undone, or made where it lasts.

    Raises:
        ChaosError: none is, after `within` seconds.
    """
    session = session_of(configuration)
    since = session.lifted or session.struck
    assert since is not None, "service is asked for after a fault"
    until = time.monotonic() + within
    while not order_can_be_placed(configuration):
        if time.monotonic() >= until:
            raise ChaosError(f"no order could be placed in {within:g} s")
        time.sleep(POLL_S)
    session.served_after = time.time() - since
    return session.served_after


def lasts(seconds: float, configuration: Configuration) -> bool:
    """Let the fault last so long."""
    del configuration
    time.sleep(seconds)
    return True


def _recovery(session: Session) -> Recovery:
    assert session.struck is not None
    entries = entries_of(session.system, since=session.struck)
    return recovery_of(entries, session.hit, session.struck)


def _despite_refusals(ask: Callable[[], Found]) -> Found:
    """What is found, asked for again for a while: who only looks on is sent away before customers are.

    Raises:
        CliError: there was no answer in all that time.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except CliError:
            if time.monotonic() >= until:
                raise
            time.sleep(PAUSE_S)


async def _order(session: Session) -> tuple[str, str]:
    async with Storefront.of(session.system) as storefront:
        await storefront.log_in()
        answer = accepted(await storefront.place(DEFAULT_SKU, 1, CARD), "place an order")
        order = await storefront.settled(answer, SETTLED_S)
        return order["status"], answer.correlation_id
