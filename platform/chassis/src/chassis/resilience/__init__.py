"""The rules of calling and being called: deadlines, retries, balancing, breakers, bulkheads. They have no effects."""

from chassis.resilience.balancer import Balancer
from chassis.resilience.breaker import Breaker, BreakerConfig, BreakerState, Transition, Verdict
from chassis.resilience.budget import BudgetConfig, RetryBudget
from chassis.resilience.bulkhead import Bulkhead, BulkheadConfig
from chassis.resilience.calls import CallConfig, ClientConfig
from chassis.resilience.deadline import (
    DEFAULT_TIMEOUT_S,
    TIMEOUT_HEADER,
    Deadline,
    bind_deadline,
    current_deadline,
    deadline_from_header,
)
from chassis.resilience.ejection import Ejection, EjectionConfig
from chassis.resilience.retry import Outcome, RetryPolicy
from chassis.resilience.throttle import Throttle, ThrottleConfig

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "TIMEOUT_HEADER",
    "Balancer",
    "Breaker",
    "BreakerConfig",
    "BreakerState",
    "BudgetConfig",
    "Bulkhead",
    "BulkheadConfig",
    "CallConfig",
    "ClientConfig",
    "Deadline",
    "Ejection",
    "EjectionConfig",
    "Outcome",
    "RetryBudget",
    "RetryPolicy",
    "Throttle",
    "ThrottleConfig",
    "Transition",
    "Verdict",
    "bind_deadline",
    "current_deadline",
    "deadline_from_header",
]
