"""What inventory counts; one labelled child per outcome, bound once."""

from typing import Final

from prometheus_client import Counter

from inventory import names
from inventory.domain import Status

_reservations: Final = Counter(
    names.METRIC_INVENTORY_RESERVATIONS, "Reservations by what became of them.", ["reservation_outcome"]
)
OUTCOMES: Final = {status: _reservations.labels(status.value) for status in Status}
INSUFFICIENT: Final = _reservations.labels("insufficient-stock")

DEPLETIONS: Final = Counter(names.METRIC_INVENTORY_DEPLETIONS, "Times a product's last available piece was reserved.")
