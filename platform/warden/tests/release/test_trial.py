"""What ends a trial besides its requests."""

from collections.abc import Callable
from pathlib import Path

from warden.journal import Journal
from warden.part import Part
from warden.release.analysis import Rule, Verdict
from warden.release.course import Course
from warden.release.trial import Trial
from warden.replica import Replica

SHORT = Rule(window=0.01)
NOBODY = 1  # a port on which nothing listens


async def ready() -> str | None:
    return None


def replica(folder: Path) -> Replica:
    part = Part(
        name="tiny", instance="tiny-2", command=(), environment={}, folder=folder, port=NOBODY, probe=ready
    )  # fmt: skip
    return Replica(part, folder / "log", Journal(folder / "journal"), lambda: None)


def trial(canary: Replica, *, ejected: Callable[[], bool] = lambda: False) -> Trial:
    return Trial(canary, list, ejected, SHORT, Course())


async def test_a_new_replica_that_warden_ejects_has_failed(tmp_path: Path) -> None:
    verdict, reason = await trial(replica(tmp_path), ejected=lambda: True).verdict()

    assert (verdict, "ejected" in reason) == (Verdict.FAIL, True)


async def test_a_new_replica_that_ended_has_failed_even_if_it_serves_again(tmp_path: Path) -> None:
    canary = replica(tmp_path)

    def restarted() -> bool:
        canary.restarts = 1
        return False

    verdict, reason = await trial(canary, ejected=restarted).verdict()

    assert (verdict, reason) == (Verdict.FAIL, "tiny-2 ended")
