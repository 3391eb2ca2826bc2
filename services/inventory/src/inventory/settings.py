"""What the inventory process is told at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from chassis.environment import Environment
from chassis.settings import ChassisSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Times are in seconds.

    Attributes:
        hold: how long a reservation is held before it expires.
        expiry_poll: between two looks for reservations that have expired.
        expiry_batch: reservations that one look expires at most before the next one is taken.
    """

    chassis: ChassisSettings
    hold: float = 900.0
    expiry_poll: float = 1.0
    expiry_batch: int = 100

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            ConfigurationError: naming the variable and the fix.
        """
        env = Environment(environ)
        return cls(
            chassis=ChassisSettings.from_environ(environ),
            hold=env.seconds("INVENTORY_HOLD", 900, minimum=1, maximum=86_400),
            expiry_poll=env.seconds("INVENTORY_EXPIRY_POLL", 1, minimum=0.05, maximum=60),
        )
