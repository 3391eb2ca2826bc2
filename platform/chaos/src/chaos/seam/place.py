"""Where the seam of an instance listens."""

from pathlib import Path

from warden.layout import StateFolder


def seam_of(state: Path, instance: str) -> StateFolder:
    """A folder of its own; the socket in it is one like warden's."""
    return StateFolder(state / "chaos" / "seam" / instance)
