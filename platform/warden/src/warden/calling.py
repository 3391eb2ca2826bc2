"""Whom the running system has to call, and for what: its own alerts, and Prometheus' where it runs."""

from collections.abc import Sequence
from functools import partial

from warden.alerts import Alert, alerts_of
from warden.environment import Surroundings
from warden.pager import Pager, firing, mail
from warden.recovery import Recovery
from warden.tell import Teller


def make_pager(surroundings: Surroundings, recovery: Recovery, teller: Teller) -> Pager:
    """The pager of this system; it hands its letters to the system's own mail sink."""
    ports = surroundings.ports
    fallback = [*teller.manifests.values()][-1]

    async def due() -> tuple[Sequence[Alert], Sequence[Alert] | None]:
        own = alerts_of(recovery.fleet, teller.manifests, fallback)
        try:
            return own, await firing(ports.of("prometheus"))
        except OSError:
            return own, None

    return Pager(surroundings.state.pages, due, partial(mail, ports.of("smtp")), teller.tell)
