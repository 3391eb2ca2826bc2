"""What must be undone is held by a process of its own, which undoes it however the run ends."""

from chaos.guard.client import Guard
from chaos.guard.undo import Continue, Cure, Open, Raise, Resume, Supervise, TakeBack, Undo, Unlimit, Unpause

__all__ = [
    "Continue",
    "Cure",
    "Guard",
    "Open",
    "Raise",
    "Resume",
    "Supervise",
    "TakeBack",
    "Undo",
    "Unlimit",
    "Unpause",
]
