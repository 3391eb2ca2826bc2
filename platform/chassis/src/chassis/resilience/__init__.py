"""The rules of calling and being called: deadlines, retries, balancing, circuit breakers. They have no effects."""

from chassis.resilience.balancer import Balancer
from chassis.resilience.breaker import Breaker, BreakerConfig, BreakerState, Transition, Verdict
from chassis.resilience.budget import RetryBudget
from chassis.resilience.deadline import (
    DEFAULT_TIMEOUT_S,
    TIMEOUT_HEADER,
    Deadline,
    bind_deadline,
    current_deadline,
    deadline_from_header,
)
from chassis.resilience.retry import Outcome, RetryPolicy

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "TIMEOUT_HEADER",
    "Balancer",
    "Breaker",
    "BreakerConfig",
    "BreakerState",
    "Deadline",
    "Outcome",
    "RetryBudget",
    "RetryPolicy",
    "Transition",
    "Verdict",
    "bind_deadline",
    "current_deadline",
    "deadline_from_header",
]
