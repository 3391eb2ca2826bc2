"""How many calls were made lately, and how many of them were bad."""

from collections import deque

SLICES = 10
"""The window moves in steps of a tenth of its length, so that it holds that many pairs of numbers and no calls."""


class CallWindow:
    """Counts calls of the last ``length`` seconds. The clock comes with every call and must not run backwards."""

    __slots__ = ("_slice", "_slices", "bad", "calls")

    def __init__(self, length: float) -> None:
        self._slice = length / SLICES
        self._slices: deque[list[int]] = deque()
        self.calls = 0
        self.bad = 0

    def add(self, now: float, *, bad: bool) -> None:
        """Count a call that ended now, after forgetting those that left the window."""
        number = int(now / self._slice)
        slices = self._slices
        while slices and slices[0][0] <= number - SLICES:
            _, calls, lost = slices.popleft()
            self.calls -= calls
            self.bad -= lost
        if not slices or slices[-1][0] != number:
            slices.append([number, 0, 0])
        current = slices[-1]
        current[1] += 1
        self.calls += 1
        if bad:
            current[2] += 1
            self.bad += 1

    def clear(self) -> None:
        """Forget every call."""
        self._slices.clear()
        self.calls = self.bad = 0
