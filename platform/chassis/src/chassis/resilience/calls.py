"""The figures of calls to other services, all in one place."""

from msgspec import Struct, field

from chassis.resilience.breaker import BreakerConfig
from chassis.resilience.budget import BudgetConfig
from chassis.resilience.bulkhead import BulkheadConfig
from chassis.resilience.ejection import EjectionConfig
from chassis.resilience.figures import require
from chassis.resilience.retry import RetryPolicy
from chassis.resilience.throttle import ThrottleConfig


class CallConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Figures of calls to one service. Times are in seconds, sizes in bytes.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    connect_timeout: float = 0.250
    """Until a connection stands; a replica on the same network answers in a few milliseconds or not at all."""
    attempt_timeout: float = 1.0
    """For one attempt of a call that may be repeated. A call that may not gets all the time there is."""
    call_timeout: float = 5.0
    """For all attempts together, where the caller brings no deadline or a later one."""
    reply_limit: int = 4 * 1024 * 1024
    """Of a decoded reply. A forwarded one is streamed and has no limit."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: BudgetConfig = field(default_factory=BudgetConfig)
    breaker: BreakerConfig = field(default_factory=BreakerConfig)
    """Each replica has a circuit breaker with these figures."""
    bulkhead: BulkheadConfig = field(default_factory=BulkheadConfig)
    throttle: ThrottleConfig = field(default_factory=ThrottleConfig)
    ejection: EjectionConfig = field(default_factory=EjectionConfig)

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        require(
            "calls",
            {
                "connect_timeout: above 0": self.connect_timeout > 0,
                "attempt_timeout: above 0": self.attempt_timeout > 0,
                "call_timeout: above 0": self.call_timeout > 0,
                "reply_limit: 1 or more": self.reply_limit >= 1,
            },
        )


class ClientConfig(CallConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Figures of a client: of its calls to every service, and of the connections that they share."""

    connections: int = 256
    """Open at a time, to all services together."""
    keep_alive: float = 15.0
    """An idle connection is kept that long."""
