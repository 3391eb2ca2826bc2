"""What a test needs and a machine may lack: the test is skipped with the reason, or fails where it has to run."""

import os

import pytest

SWITCH = "PHAROS_TEST_REQUIRE"
"""Names, separated by commas, of what must be there: `engine`, `binaries`, `browser`."""


def require(kind: str, reason: str | None) -> None:
    """Go on when there is no reason not to; else skip, or fail where the environment says that it must be there."""
    if reason is None:
        return
    if kind in os.environ.get(SWITCH, "").split(","):
        pytest.fail(f"{SWITCH} asks for {kind}, but {reason}", pytrace=False)
    pytest.skip(reason)
