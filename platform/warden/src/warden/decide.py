"""What to do about an exit: a pure function of the replica's history, so that every path can be tested in no time."""

from dataclasses import dataclass, replace

FIRST_DELAY = 0.25  # seconds
LONGEST_DELAY = 30.0
FORGIVEN_AFTER = 60.0  # seconds of health after which earlier exits no longer count


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a replica when it ends."""

    restarts: int = 0  # ever, for people
    failures: int = 0  # in a row, for the backoff


@dataclass(frozen=True, slots=True)
class Exit:
    """An observed end of a process."""

    code: int | None  # negative: a signal; None: not our child, so not known
    healthy_for: float  # seconds between its readiness and its end; 0 if it never was ready


@dataclass(frozen=True, slots=True)
class Restart:
    """The one action an exit leads to. Starting what has ended disrupts nobody, so only the backoff bounds it."""

    after: float  # seconds
    reason: str


def decide(history: History, exit_: Exit, jitter: float) -> tuple[History, Restart]:
    """Restart after a delay that doubles with each failure in a row, up to 30 s; a minute of health starts anew.

    Args:
        history: what happened to this replica before.
        exit_: what was observed.
        jitter: 0 to 1, drawn by the caller; takes off up to half of the delay, so that replicas do not return in step.
    """
    failures = 0 if exit_.healthy_for >= FORGIVEN_AFTER else history.failures
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failures, 16))
    delay = longest * (1 - jitter / 2)
    return replace(history, restarts=history.restarts + 1, failures=failures + 1), Restart(delay, describe(exit_))


def describe(exit_: Exit) -> str:
    """The exit in words."""
    when = f"after {exit_.healthy_for:.1f} s of health" if exit_.healthy_for else "before it was ready"
    if exit_.code is None:
        return f"ended {when}"
    if exit_.code < 0:
        return f"ended by signal {-exit_.code} {when}"
    return f"exited with code {exit_.code} {when}"
