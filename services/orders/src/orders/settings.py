"""What the orders process is told at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from chassis.environment import Environment
from chassis.settings import ChassisSettings


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Times are in seconds.

    Attributes:
        saga_bound: an order whose payment is not being captured after this long is cancelled.
        step_timeout: for one step, with all the client's attempts.
        lease: a saga whose driver was silent for this long is taken over; well above `step_timeout`.
        patience: a driver waits at most this long for a step's next try, then hands the saga back.
        poll: between two looks for sagas that are due.
        answer_share: of the time the caller has left, how much an answer may wait for the saga's end; a busy process
            needs the rest to write it.
        drivers: sagas one replica drives at a time; further ones wait for their turn.
    """

    chassis: ChassisSettings
    saga_bound: float = 60.0
    step_timeout: float = 4.0
    lease: float = 15.0
    patience: float = 1.0
    poll: float = 1.0
    answer_share: float = 0.6
    drivers: int = 16

    @property
    def bound(self) -> timedelta:
        """The saga's bound as a span of time."""
        return timedelta(seconds=self.saga_bound)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            ConfigurationError: naming the variable and the fix.
        """
        env = Environment(environ)
        return cls(
            chassis=ChassisSettings.from_environ(environ),
            saga_bound=env.seconds("ORDERS_SAGA_BOUND", cls.saga_bound, minimum=1, maximum=3600),
            step_timeout=env.seconds("ORDERS_STEP_TIMEOUT", cls.step_timeout, minimum=0.1, maximum=30),
            lease=env.seconds("ORDERS_LEASE", cls.lease, minimum=1, maximum=300),
            poll=env.seconds("ORDERS_POLL", cls.poll, minimum=0.05, maximum=60),
            drivers=env.integer("ORDERS_DRIVERS", cls.drivers, minimum=1, maximum=1000),
        )
