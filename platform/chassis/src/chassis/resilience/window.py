"""How many calls were made lately, and how many of them were bad."""

from collections import deque
from math import inf

SLICES = 10
"""The window moves in steps of a tenth of its length, so that it holds that many pairs of numbers and no calls."""


class CallWindow:
    """Counts calls of the last ``length`` seconds. The clock comes with every call and must not run backwards."""

    __slots__ = ("_current", "_current_ends", "_slice", "_slices", "bad", "calls")

    def __init__(self, length: float) -> None:
        self._slice = length / SLICES
        self._slices: deque[list[int]] = deque()
        self._current = [0, 0, 0]
        self._current_ends = -inf
        self.calls = 0
        self.bad = 0

    def add(self, now: float, *, bad: bool) -> None:
        """Count a call that ended now, after forgetting those that left the window."""
        self.advance(now)
        self._current[1] += 1
        self.calls += 1
        if bad:
            self._current[2] += 1
            self.bad += 1

    def advance(self, now: float) -> None:
        """Forget what left the window."""
        if now >= self._current_ends:
            self._begin(int(now / self._slice))

    def clear(self) -> None:
        """Forget every call."""
        self._slices.clear()
        self._current_ends = -inf
        self.calls = self.bad = 0

    def _begin(self, number: int) -> None:
        """Begin the slice of that number."""
        slices = self._slices
        while slices and slices[0][0] <= number - SLICES:
            _, calls, bad = slices.popleft()
            self.calls -= calls
            self.bad -= bad
        self._current = [number, 0, 0]
        self._current_ends = (number + 1) * self._slice
        slices.append(self._current)
