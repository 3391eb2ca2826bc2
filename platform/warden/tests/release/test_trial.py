"""What ends a trial besides its requests."""

from warden.decide.model import Window
from warden.release.analysis import Rule, Verdict
from warden.release.course import Course
from warden.release.trial import Trial


async def nothing() -> dict[str, Window]:
    return {}


async def test_a_new_replica_that_is_lost_has_failed() -> None:
    trial = Trial("tiny-2", nothing, lambda: "tiny-2 ended", Rule(window=0.01), Course())

    assert await trial.verdict() == (Verdict.FAIL, "tiny-2 ended")
