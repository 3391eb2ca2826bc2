"""What must be undone is held by a process of its own, which undoes it however the run ends."""

from chaos.guard.client import Guard
from chaos.guard.undo import Continue, Raise, Resume, Supervise, TakeBack, Undo

__all__ = ["Continue", "Guard", "Raise", "Resume", "Supervise", "TakeBack", "Undo"]
