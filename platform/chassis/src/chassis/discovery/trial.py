"""A release on trial: it serves beside the others of its service, under a name of its own, with a tenth of calls."""

TRIAL_SHARE = 0.1
"""Of the requests, for all replicas on trial together."""


def trial_name(service: str) -> str:
    """The name under which a release on trial of this service is found."""
    return f"{service}-trial"


def trial_weight(siblings: int, on_trial: int = 1) -> float:
    """The weight of each replica on trial, beside so many of weight 1."""
    return max(1, siblings) * TRIAL_SHARE / (1 - TRIAL_SHARE) / on_trial
