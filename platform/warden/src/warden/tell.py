"""Telling what was decided: journal and log."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from chassis.manifest import Manifest
from warden.decide.model import Decision
from warden.journal import Entry, Journal


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells each decision once.

    Attributes:
        journal: where it is kept.
        manifests: who owns what, by part; the last one's owner has the parts without a manifest.
    """

    journal: Journal
    manifests: Mapping[str, Manifest]

    def tell(self, decision: Decision) -> None:
        """Say what was decided and why."""
        self.journal.append(
            Entry(
                time=time.time(), event=decision.event, instance=decision.instance, service=decision.service,
                owner=self._owner(decision.service), fault=decision.fault, action=decision.action,
                reason=decision.reason, details=dict(decision.details),
            )
        )  # fmt: skip

    def _owner(self, service: str) -> str:
        known = self.manifests.get(service) or [*self.manifests.values()][-1]
        return known.owner
