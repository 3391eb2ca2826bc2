"""Whether the process itself is overloaded, by its event-loop lag and its memory.

It decides and has no effects: somebody looks, four times a second, and tells what was seen. A stage is entered after a
few looks in a row and left only when all has been well below its bound for a second, so that it does not flutter.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from chassis.resilience.priority import Priority
from chassis.resilience.requests import RequestLimits

LOOKS_TO_ENTER: Final = 2
"""One late timer is a hiccup, as a garbage collection makes; two in a row are load."""
LOOKS_TO_LEAVE: Final = 4
LAG_CALM: Final = 0.5
"""A stage is left below that share of its lag."""
MEMORY_CALM: Final = 0.02
"""A stage is left that far below its memory share."""


class Stage(IntEnum):
    """How much is refused."""

    CALM = 0
    SHED = 1
    """Only user-facing requests are served."""
    STOP = 2
    """Only health, metrics and keys are."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw: `lag` in seconds, `memory` as a share of the limit (0 without one)."""

    lag: float
    memory: float


class Load:
    """The stage of one process."""

    __slots__ = ("_above", "_below", "_config", "stage")

    def __init__(self, config: RequestLimits) -> None:
        self._config = config
        self.stage = Stage.CALM
        self._above = [0] * len(Stage)
        self._below = 0

    def look(self, seen: Look) -> Stage:
        """Take in one look; the stage from now on."""
        for stage in (Stage.SHED, Stage.STOP):
            self._above[stage] = self._above[stage] + 1 if self._reaches(stage, seen) else 0
            if self._above[stage] >= LOOKS_TO_ENTER and stage > self.stage:
                self.stage = stage
                self._below = 0
        if self.stage is Stage.CALM:
            return self.stage
        self._below = self._below + 1 if self._calm(self.stage, seen) else 0
        if self._below >= LOOKS_TO_LEAVE:
            self.stage = Stage(self.stage - 1)
            self._below = 0
        return self.stage

    def refuses(self, priority: Priority) -> bool:
        """Whether a request of this priority is refused for the load alone."""
        return self.stage is not Stage.CALM and (self.stage is Stage.STOP or priority is not Priority.USER)

    def _bounds(self, stage: Stage) -> tuple[float, float]:
        config = self._config
        if stage is Stage.STOP:
            return config.lag_stop, config.memory_stop
        return config.lag_shed, config.memory_shed

    def _reaches(self, stage: Stage, seen: Look) -> bool:
        lag, memory = self._bounds(stage)
        return seen.lag >= lag or seen.memory >= memory

    def _calm(self, stage: Stage, seen: Look) -> bool:
        lag, memory = self._bounds(stage)
        return seen.lag < lag * LAG_CALM and seen.memory < memory - MEMORY_CALM
