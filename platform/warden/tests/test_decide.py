from itertools import pairwise

from fleets import Driven, fleet

from warden.decide.model import Ended, Live, Ready, Resumed, Sampled, Started, Ticked

MB = 1024 * 1024


def test_a_replica_that_fails_liveness_three_times_is_ended_and_started_again() -> None:
    driven = fleet()

    driven.fail_live("leaf-1", 2)
    assert not driven.events("leaf-1")
    driven.fail_live("leaf-1", 1)
    driven.carry_out()

    assert driven.events("leaf-1") == ["hung", "stopped", "ready"]


def test_one_answer_between_failures_starts_the_count_anew() -> None:
    driven = fleet()
    for _ in range(10):
        driven.fail_live("leaf-1", 2)
        driven.answer_all()

    assert not driven.events("leaf-1")


def test_a_process_that_has_not_answered_yet_is_given_its_grace() -> None:
    driven = fleet()
    driven.see(Ended("leaf-1", -9))
    driven.see(Started("leaf-1"))

    driven.fail_live("leaf-1", 29)
    assert "hung" not in driven.events()
    driven.fail_live("leaf-1", 4)

    assert "hung" in driven.events("leaf-1")


def test_two_that_hang_are_ended_ten_seconds_apart_and_the_second_says_what_it_waits_for() -> None:
    driven = fleet()
    for _ in range(15):
        driven.wait(1)
        hanging = {"leaf-1", "front"} - {one.instance for _, one in driven.decided if one.event == "hung"}
        driven.answer_all(but=tuple(hanging))
        for instance in sorted(hanging):
            driven.see(Live(instance, ok=False))
        driven.carry_out()

    ended = [(at, one.instance) for at, one in driven.decided if one.event == "hung"]
    assert [instance for _, instance in ended] == ["front", "leaf-1"]
    assert ended[1][0] - ended[0][0] >= 10
    assert driven.events("leaf-1").count("deferred") == 1


def test_a_dependant_of_what_is_ill_is_never_ended() -> None:
    driven = fleet()
    for _ in range(40):
        driven.wait(1)
        driven.answer_all(but=("store", "leaf-1"))
        driven.see(Ready("store", ok=False))
        driven.see(Live("leaf-1", ok=False))

    assert driven.events("leaf-1") == ["deferred"]


def test_when_half_of_the_fleet_fails_liveness_nothing_is_ended_and_people_are_called_once() -> None:
    driven = Driven()
    driven.join("front", "store", "leaf-1", "leaf-2")
    for _ in range(20):
        driven.wait(1)
        driven.see(Live("front", ok=False))
        driven.see(Live("store", ok=False))

    assert driven.events().count("suspected") == 1
    assert driven.events().count("paged") == 1
    assert not any(one.disruptive for _, one in driven.decided)
    driven.answer_all()
    assert driven.events()[-1] == "resolved"


def test_exits_and_unreadiness_of_half_of_the_fleet_keep_nothing_from_being_healed() -> None:
    driven = fleet()
    for instance in ("leaf-1", "leaf-2", "middle-1", "middle-2"):
        driven.see(Ended(instance, -9))
    driven.fail_live("front")

    assert "hung" in driven.events("front")


def test_unreadiness_because_of_a_dependency_is_held_and_said_once() -> None:
    driven = fleet()
    driven.see(Ended("store", -9))
    for _ in range(60):
        driven.wait(1)
        for instance in ("leaf-1", "leaf-2", "middle-1"):
            driven.see(Ready(instance, ok=False, lacks=("store",)))
            driven.see(Live(instance, ok=True))

    assert driven.events("leaf-1") == ["unready"]
    unready = next(one for _, one in driven.decided if one.event == "unready")
    assert (unready.action, unready.fault, unready.details["causes"]) == ("hold", "dependency", ["store"])


def refuse(driven: Driven, seconds: int, lacks: tuple[str, ...] = ()) -> None:
    """Have the broker answer, but not be ready, for so long; each start makes it ready for a moment."""
    for _ in range(seconds):
        driven.wait(1)
        driven.answer_all(but=("broker",))
        driven.see(Live("broker", ok=True))
        driven.see(Ready("broker", ok=False, detail="HTTP 503", lacks=lacks))
        driven.carry_out()


def cures(driven: Driven) -> list[float]:
    return [at for at, one in driven.decided if one.disruptive and one.instance == "broker"]


def test_what_only_a_restart_cures_is_given_one_after_ten_seconds() -> None:
    driven = fleet()
    refuse(driven, 12)

    assert driven.events("broker") == ["unready", "degraded", "stopped", "ready"]
    assert {one.instance for _, one in driven.decided if one.disruptive} == {"broker"}


def test_what_gets_well_by_itself_in_that_time_is_left_alone() -> None:
    driven = fleet()
    for _ in range(20):
        refuse(driven, 10)
        for _ in range(2):
            driven.wait(1)
            driven.answer_all()

    assert not cures(driven)


def test_while_its_disk_is_full_it_is_held_and_restarted_when_there_is_room_again() -> None:
    driven = fleet()
    refuse(driven, 300, lacks=("disk",))
    assert driven.events("broker") == ["unready"]
    assert "disk" in driven.decided[0][1].reason

    refuse(driven, 2)

    assert driven.events("broker")[:3] == ["unready", "degraded", "stopped"]


def test_what_restarts_do_not_cure_is_given_ever_fewer_of_them_and_no_quarantine() -> None:
    driven = fleet()
    refuse(driven, 1800)

    gaps = [later - sooner for sooner, later in pairwise(cures(driven))]
    assert gaps[:4] == sorted(gaps[:4])
    assert min(gaps[3:]) > 60
    assert len(gaps) < 15
    assert "quarantined" not in driven.events()


def test_what_is_only_starting_is_not_ended_however_long_it_takes() -> None:
    driven = fleet()
    driven.see(Ended("broker", 1))
    driven.see(Started("broker"))
    for _ in range(600):
        driven.wait(1)
        driven.answer_all(but=("broker",))
        driven.see(Live("broker", ok=True))
        driven.see(Ready("broker", ok=False, detail="HTTP 503"))

    assert not cures(driven)


def test_the_delay_of_starts_doubles_and_a_minute_of_health_starts_anew() -> None:
    driven = fleet()
    delays = []
    for _ in range(4):
        delays += [one.after for one in driven.see(Ended("leaf-1", 1)) if one.action == "restart"]
        driven.see(Started("leaf-1"))
    assert delays == [0.25, 0.5, 1.0, 2.0]

    driven.see(Ready("leaf-1", ok=True))
    driven.wait(60)

    assert [one.after for one in driven.see(Ended("leaf-1", 1))] == [0.25]


def test_jitter_takes_off_up_to_half_of_the_delay() -> None:
    driven = fleet()
    assert [one.after for one in driven.see(Ended("leaf-1", 1), jitter=1.0)] == [0.125]


def test_a_crash_loop_is_quarantined_after_five_restarts_and_its_owner_called_and_lifted_by_hand() -> None:
    driven = fleet()
    for _ in range(8):
        driven.see(Ended("leaf-1", 3))
        driven.see(Started("leaf-1"))

    assert driven.events("leaf-1") == ["exited"] * 5 + ["quarantined", "paged"]
    assert [one.action for one in driven.see(Resumed("leaf-1"))] == ["resume"]
    driven.see(Started("leaf-1"))
    assert [one.event for one in driven.see(Ended("leaf-1", 3))] == ["exited"]


def test_what_hangs_again_after_each_start_is_quarantined_too() -> None:
    driven = Driven()
    driven.figures = type(driven.figures)(disruption_interval=1.0)
    driven.join("store", "broker", "leaf-1", "leaf-2", "front")
    for _ in range(10):
        driven.fail_live("leaf-1", 3)
        driven.carry_out()

    assert driven.events("leaf-1").count("hung") == 5
    assert driven.events("leaf-1")[-2:] == ["quarantined", "paged"]


def test_memory_near_its_limit_leads_to_a_drained_restart_with_its_trend() -> None:
    driven = fleet()
    for step in range(3):
        driven.wait(5)
        driven.see(Sampled("leaf-1", (950 + step) * MB, 50, 1024))

    (decision,) = [one for _, one in driven.decided if one.event == "swollen"]
    assert decision.drain
    assert decision.fault == "memory"
    assert decision.details["trend"] == [950 * MB, 951 * MB, 952 * MB]


def test_growth_that_will_soon_reach_the_limit_is_not_waited_for() -> None:
    driven = fleet()
    for step in range(8):
        driven.wait(5)
        driven.see(Sampled("leaf-1", (100 + 100 * step) * MB, 50, 1024))

    assert "swollen" in driven.events("leaf-1")


def test_much_memory_that_does_not_grow_is_no_fault() -> None:
    driven = fleet()
    for _ in range(50):
        driven.wait(5)
        driven.see(Sampled("leaf-1", 700 * MB, 50, 1024))

    assert not driven.events("leaf-1")


def test_descriptors_near_what_the_system_allows_lead_to_a_drained_restart() -> None:
    driven = fleet()
    for step in range(3):
        driven.wait(5)
        driven.see(Sampled("leaf-1", 100 * MB, 940 + step, 1024))

    assert [(one.fault, one.drain) for _, one in driven.decided] == [("descriptors", True)]


def test_a_drained_restart_waits_until_a_sibling_can_take_the_load() -> None:
    driven = fleet()
    driven.see(Ended("leaf-2", -9))
    for _ in range(3):
        driven.wait(5)
        driven.see(Sampled("leaf-1", 1000 * MB, 50, 1024))
    assert driven.events("leaf-1") == ["deferred"]

    driven.carry_out()
    driven.see(Ticked())

    assert driven.events("leaf-1") == ["deferred", "swollen"]
