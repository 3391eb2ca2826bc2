"""The wall clock of the process, which can be put forward and back."""

import time
from collections.abc import Callable

from chaos.seam.switch import Switch

_NS = 10**9


def install(switch: Switch) -> None:
    """Replace the standard library's wall clock, before anybody has taken it as an argument's default.

    The monotonic clock, by which deadlines and timeouts go, and PostgreSQL's clock stay as they are.
    """
    time.time = shifted(time.time, switch)
    real_ns = time.time_ns
    time.time_ns = lambda: real_ns() + int(switch.shift * _NS)


def shifted(real: Callable[[], float], switch: Switch) -> Callable[[], float]:
    """The clock `real` as far off as the switch says."""
    return lambda: real() + switch.shift
