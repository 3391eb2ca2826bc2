"""What a refused request leaves behind: a counter by the reason, an event on its span, and a line in the log.

Refused are requests that are turned away for what or whose they are, before anything is done for them. Those for which
there is no place are told of in `shedding`, calls that this process does not send in `chassis.client.refusals`.
"""

from typing import Any, Final

from loguru import logger
from prometheus_client import Counter

from chassis.errors import Forbidden, PayloadTooLarge, PharosError, TooManyRequests, Unauthenticated
from chassis.http.cards import CardNumberNotAccepted
from chassis.telemetry import names
from chassis.telemetry.current import entry_span

KINDS: Final = (Unauthenticated, Forbidden, PayloadTooLarge, TooManyRequests, CardNumberNotAccepted)
"""Those raised while a request is handled; the limits on a single request tell of theirs where they look."""

_REFUSED = Counter(
    names.METRIC_REQUEST_REFUSALS, "Requests turned away for what or whose they are, by the reason.", ("error_type",)
)


def tell_refused(error: PharosError, **attributes: Any) -> None:
    """Tell that the running request is refused; `attributes` say more of it."""
    _REFUSED.labels(error.reason).inc()
    said = {names.ERROR_TYPE: error.reason, **attributes}
    span = entry_span()
    if span is not None:
        span.set_attributes(said)
        span.add_event(names.EVENT_REQUEST_REFUSED, said)
    logger.bind(**said).info("request refused: {}", error.detail)
