"""What the payments process is told at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from chassis.environment import Environment
from chassis.settings import ChassisSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Times are in seconds.

    Attributes:
        provider_timeout: how long the provider may take to answer.
        reconcile_poll: between two looks for operations without an answer.
        reconcile_batch: operations that one look takes up at most.
        authorisation_hold: how long money may stay held without being captured before it is let go. An order that is
            still alive captures within its bound of one minute and what its last step may take; stock is held for
            fifteen minutes, and nothing is sold for which there is no stock.
        reconcile_longest: the longest pause before the provider is asked again about the same operation.
    """

    chassis: ChassisSettings
    provider_timeout: float = 1.0
    reconcile_poll: float = 0.5
    reconcile_batch: int = 50
    authorisation_hold: float = 900.0
    reconcile_longest: float = 60.0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            ConfigurationError: naming the variable and the fix.
        """
        env = Environment(environ)
        return cls(
            chassis=ChassisSettings.from_environ(environ),
            provider_timeout=env.seconds("PAYMENTS_PROVIDER_TIMEOUT", 1, minimum=0.05, maximum=30),
            authorisation_hold=env.seconds("PAYMENTS_AUTHORISATION_HOLD", 900, minimum=1, maximum=7 * 86_400),
            reconcile_poll=env.seconds("PAYMENTS_RECONCILE_POLL", 0.5, minimum=0.05, maximum=60),
        )
