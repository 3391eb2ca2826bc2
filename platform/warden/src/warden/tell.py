"""Telling what was decided: span, log line, metric and journal entry, which refer to each other."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from opentelemetry import trace
from opentelemetry.context import Context
from prometheus_client import Counter

from chassis.manifest import Manifest
from chassis.telemetry.pipeline import provider
from chassis.telemetry.registry import label
from warden import names
from warden.decide.model import Decision
from warden.journal import Entry, Journal

_COUNTED = (names.RECOVERY_EVENT, names.RECOVERY_FAULT, names.RECOVERY_ACTION, names.RECOVERY_SERVICE)
_tracer = provider.get_tracer("warden")
_LAST = frozenset({"ready", "restored", "resolved", "rolled-back"})
"""What ends a recovery."""
_decisions = Counter(names.METRIC_WARDEN_DECISIONS, "Decisions of warden.", [label(name) for name in _COUNTED])


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells each decision once.

    Attributes:
        journal: where it is kept.
        manifests: who owns what, by part; the last one's owner has the parts without a manifest.
    """

    journal: Journal
    manifests: Mapping[str, Manifest]
    _begun: dict[str, Context] = field(default_factory=dict)  # by instance: the first decision about a fault

    def tell(self, decision: Decision) -> None:
        """Say what was decided and why; all about one fault of a replica, to its end, is one trace."""
        said = self._said(decision)
        _decisions.labels(*(said[name] for name in _COUNTED)).inc()
        begun = self._begun.pop(decision.instance, None)
        with _tracer.start_as_current_span(names.SPAN_WARDEN_RECOVERY, begun, attributes=said) as span:
            if decision.fault and decision.event not in _LAST:
                self._begun[decision.instance] = begun or trace.set_span_in_context(span)
            _link(span, decision.details.get("shown_by", ""), decision.details.get("shown_by_span", ""))
            identity = span.get_span_context()
            self.journal.append(
                Entry(
                    time=time.time(), event=decision.event, instance=decision.instance, service=decision.service,
                    owner=said[names.RECOVERY_OWNER], fault=decision.fault, action=decision.action,
                    reason=decision.reason, details=dict(decision.details),
                    trace_id=f"{identity.trace_id:032x}" if identity.is_valid else "",
                    span_id=f"{identity.span_id:016x}" if identity.is_valid else "",
                )
            )  # fmt: skip

    def _said(self, decision: Decision) -> dict[str, str]:
        return {
            names.RECOVERY_EVENT: decision.event,
            names.RECOVERY_FAULT: decision.fault,
            names.RECOVERY_ACTION: decision.action,
            names.RECOVERY_INSTANCE: decision.instance,
            names.RECOVERY_SERVICE: decision.service,
            names.RECOVERY_OWNER: self._owner(decision.service),
            names.RECOVERY_REASON: decision.reason,
        }

    def _owner(self, service: str) -> str:
        known = self.manifests.get(service) or [*self.manifests.values()][-1]
        return known.owner


def _link(span: trace.Span, trace_id: str, span_id: str) -> None:
    """Tell what showed the failure: its trace by name and, where its span is known, by a link."""
    if trace_id:
        span.set_attribute(names.RECOVERY_SHOWN_BY, trace_id)
    if trace_id and span_id:
        span.add_link(trace.SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True))
