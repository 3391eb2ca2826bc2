"""The windows and burn rates of the alerts: chapter 5 of the SRE Workbook, "Alerting on SLOs", its sixth way."""

from typing import Final, Literal, NamedTuple

SECONDS: Final = {"5m": 300, "30m": 1_800, "1h": 3_600, "6h": 21_600, "3d": 259_200}
"""Every window that is recorded, by its name in PromQL."""

MEASURED: Final = ("5m", "30m", "1h", "6h")
"""Windows computed from the services' own series."""

SUMMED: Final = ("3d",)
"""Windows summed up from what was recorded for five minutes: few samples, blurred by as long."""

LEAST_FAILURES: Final = 5
"""Failures in the long window below which nothing is proved: on a quiet system a single one is a large share."""


class Burn(NamedTuple):
    """An alert: the budget burns `factor` times faster than it may, over the long window, and still does."""

    factor: float
    long: str
    short: str
    severity: Literal["page", "ticket"]


BURNS: Final = (Burn(14.4, "1h", "5m", "page"), Burn(6, "6h", "30m", "page"), Burn(1, "3d", "6h", "ticket"))
