"""How far a part is, and when a start has failed."""

import msgspec
import pytest

from pharos.docker.containers import Container
from pharos.docker.readiness import RESTARTS_AT_MOST, Standing, failed, standing
from pharos.docker.survey import health_of

RUNNING = Container(id="1", name="pharos-orders-1", part="orders", number=1, status="running")
JOB = msgspec.structs.replace(RUNNING, part="orders-migrate")
JOBS = frozenset({"orders-migrate"})


def has(container: Container, **changes: object) -> Container:
    return msgspec.structs.replace(container, **changes)


@pytest.mark.parametrize(
    ("containers", "jobs", "lacks", "expected"),
    [
        ([], [], None, Standing("preparing")),
        ([has(RUNNING, status="created")], [JOB], None, Standing("migrating", "orders-migrate")),
        ([has(RUNNING, status="created")], [has(JOB, part="databases")], None, Standing("preparing", "databases")),
        ([has(RUNNING, status="created")], [has(JOB, status="exited")], None, Standing("preparing")),
        ([has(RUNNING, status="restarting")], [], None, Standing("starting", "has ended, is restarted")),
        ([has(RUNNING, health="starting")], [], None, Standing("starting")),
        ([has(RUNNING, health="unhealthy")], [], None, Standing("starting")),
        ([has(RUNNING, health="healthy")], [], "HTTP 503", Standing("starting", "HTTP 503")),
        ([has(RUNNING, health="healthy")], [], None, Standing("ready")),
        ([RUNNING], [], None, Standing("ready")),
    ],
)
def test_a_part_is_as_far_as_engine_and_part_say(
    containers: list[Container], jobs: list[Container], lacks: str | None, expected: Standing
) -> None:
    assert standing(containers, 1, jobs, lacks) == expected


def test_a_part_of_several_containers_is_ready_when_all_of_them_are() -> None:
    second = has(RUNNING, number=2, health="starting")
    assert standing([has(RUNNING, health="healthy"), second], 2, [], None) == Standing("starting", "1 of 2")
    assert standing([RUNNING], 2, [], None) == Standing("starting", "1 of 2")
    assert standing([RUNNING, RUNNING], 2, [], None) == Standing("ready")


@pytest.mark.parametrize(
    ("container", "fatal"),
    [
        (RUNNING, False),
        (has(RUNNING, status="exited"), True),
        (has(RUNNING, status="dead", exit_code=1), True),
        (has(RUNNING, status="restarting", restarts=RESTARTS_AT_MOST), True),
        (has(RUNNING, status="restarting", restarts=1), False),
        (has(RUNNING, status="exited", exit_code=1, kept=True, restarts=1), False),
        (has(RUNNING, status="exited", exit_code=1, kept=True, restarts=RESTARTS_AT_MOST), True),
        (has(JOB, status="exited"), False),
        (has(JOB, status="exited", exit_code=1), True),
        (has(JOB, status="created"), False),
    ],
)
def test_a_start_fails_with_a_part_that_ends_or_a_job_that_does_not_do_its_work(
    container: Container, *, fatal: bool
) -> None:
    assert failed([container], JOBS) == (container if fatal else None)


def test_the_job_that_failed_is_named_before_what_waits_for_it() -> None:
    job = has(JOB, status="exited", exit_code=1)
    assert failed([has(RUNNING, status="exited"), job], JOBS) == job


@pytest.mark.parametrize(
    ("container", "lacks", "health"),
    [
        (RUNNING, None, "ok"),
        (has(RUNNING, health="healthy"), None, "ok"),
        (RUNNING, "no answer", "failing"),
        (has(RUNNING, health="starting"), None, "failing"),
        (has(RUNNING, health="unhealthy"), None, "failing"),
        (has(RUNNING, status="paused"), None, "failing"),
        (has(RUNNING, status="restarting"), None, "down"),
        (has(RUNNING, status="exited"), None, "down"),
    ],
)
def test_health_has_the_three_words_of_embedded_mode(container: Container, lacks: str | None, health: str) -> None:
    assert health_of(container, lacks) == health
