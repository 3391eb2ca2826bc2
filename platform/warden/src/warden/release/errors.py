"""Why a release cannot be built, deployed or rolled back."""

from warden.errors import WardenError


class ReleaseUnknown(WardenError):
    """There is no release of that version."""

    reason = "release-unknown"


class ReleaseDamaged(WardenError):
    """A release is not what was built, or its environment is not whole."""

    reason = "release-damaged"


class ReleaseExists(WardenError):
    """A version was built before, from other content."""

    reason = "release-exists"


class RolloutRefused(WardenError):
    """What was asked does not fit what serves at the moment."""

    reason = "rollout-refused"
