"""Startup, liveness and readiness of a process."""

from chassis.health.checks import Check, CheckResult, HealthChecks

__all__ = ["Check", "CheckResult", "HealthChecks"]
