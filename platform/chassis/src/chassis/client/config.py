"""The figures of a client."""

from dataclasses import dataclass, field

from chassis.resilience.breaker import BreakerConfig
from chassis.resilience.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Times are in seconds, sizes in bytes."""

    connect_timeout: float = 0.250
    """Until a connection stands; a replica on the same network answers in a few milliseconds or not at all."""
    attempt_timeout: float = 1.0
    """For one attempt of a call that may be repeated. A call that may not gets all the time there is."""
    call_timeout: float = 5.0
    """For all attempts together, where the caller brings no deadline or a later one."""
    reply_limit: int = 4 * 1024 * 1024
    """Of a decoded reply. A forwarded one is streamed and has no limit."""
    connections: int = 256
    """Open at a time, to all services together."""
    keep_alive: float = 15.0
    """An idle connection is kept that long."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: BreakerConfig = field(default_factory=BreakerConfig)
    """Each replica of each service called has a circuit breaker with these figures."""
