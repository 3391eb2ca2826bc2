from fleets import Driven, fleet

from warden.decide.model import Counted, Failure, Ticked, Window


def one_bad_window(driven: Driven, bad: Window, failure: Failure | None = None) -> None:
    driven.wait(5)
    driven.see(Ticked())
    driven.see(Counted("leaf-2", Window(100, 0, 1.0)))
    driven.see(Counted("leaf-1", bad, failure=failure))


def test_a_replica_with_many_more_errors_than_its_sibling_is_ejected_and_brought_back() -> None:
    driven = fleet()
    for _ in range(3):
        one_bad_window(driven, Window(100, 20, 1.0))
    assert driven.events("leaf-1") == ["ejected"]

    driven.wait(30)
    driven.see(Ticked())

    assert driven.events("leaf-1") == ["ejected", "restored"]


def test_a_replica_that_is_slow_again_after_its_ejection_is_started_anew() -> None:
    driven = fleet()
    for _ in range(15):
        one_bad_window(driven, Window(100, 0, 90.0))

    assert driven.events("leaf-1") == ["ejected", "restored", "degraded"]


def test_an_ejection_names_the_request_that_showed_the_failure() -> None:
    driven = fleet()
    for _ in range(3):
        one_bad_window(driven, Window(100, 20, 1.0), Failure("ab" * 16, "cd" * 8))

    (ejected,) = [one for _, one in driven.decided if one.event == "ejected"]
    assert ejected.details["shown_by"] == "ab" * 16
    assert ejected.details["shown_by_span"] == "cd" * 8


def test_a_failure_of_long_ago_did_not_show_that_a_replica_is_slow() -> None:
    driven = fleet()
    for _ in range(3):
        one_bad_window(driven, Window(100, 0, 90.0), Failure("ab" * 16, "cd" * 8))

    (ejected,) = [one for _, one in driven.decided if one.event == "ejected"]
    assert "shown_by" not in ejected.details


def test_when_all_replicas_have_errors_none_is_ejected() -> None:
    driven = fleet()
    for _ in range(20):
        driven.wait(5)
        driven.see(Counted("leaf-1", Window(100, 50, 1.0)))
        driven.see(Counted("leaf-2", Window(100, 45, 1.0)))

    assert not driven.events()


def test_few_requests_say_nothing() -> None:
    driven = fleet()
    for _ in range(20):
        one_bad_window(driven, Window(5, 5, 1.0))

    assert not driven.events()
