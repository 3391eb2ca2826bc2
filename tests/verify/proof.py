"""How large a proof is and what it is drawn from."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Size(StrEnum):
    """How much a proof does."""

    CHECK = "check"
    """For every change: the same invariants and counts on less work; no ratio and no latency."""
    STANDARD = "standard"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a proof. The same seed draws the same faults, times and inputs."""

    seed: int
    size: Size = Size.STANDARD

    @property
    def measures(self) -> bool:
        """Whether ratios and latencies are taken, which say nothing on a machine that does other work."""
        return self.size is not Size.CHECK

    def pick(self, *, check: int, standard: int, full: int | None = None) -> int:
        """The number that belongs to the size; `full` is as `standard` where it is not given."""
        match self.size:
            case Size.CHECK:
                return check
            case Size.STANDARD:
                return standard
            case Size.FULL:
                return standard if full is None else full

    def random(self, what: str) -> random.Random:
        """A source of randomness of its own for `what`, so that one draw more here changes nothing there."""
        return random.Random(f"{self.seed} {what}")
