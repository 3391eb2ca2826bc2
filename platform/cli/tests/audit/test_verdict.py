"""What differs is a violation only once it has differed for long enough without a break."""

from hypothesis import given
from hypothesis import strategies as st

from pharos.audit.finding import Checked, Finding, checked
from pharos.audit.verdict import OK, OPEN, VIOLATED, Rounds

SETTLE = 10.0


def differing(excuse: str = "") -> Finding:
    return Finding(subject="order 1", left="a", right="b", difference="1", next="look", excuse=excuse)


def looked(*findings: Finding) -> list[Checked]:
    return [checked("money", 3, findings)]


@given(st.lists(st.sampled_from(["differs", "excused", "agrees"]), min_size=1, max_size=30))
def test_only_an_unbroken_unexplained_difference_is_a_violation(rounds_seen: list[str]) -> None:
    rounds, unbroken = Rounds(SETTLE), 0
    for second, seen in enumerate(rounds_seen):
        findings = {"differs": [differing()], "excused": [differing("events are on their way")], "agrees": []}[seen]
        rounds.add(looked(*findings), float(second))
        unbroken = unbroken + 1 if seen == "differs" else 0
    [judged] = rounds.judge().invariants
    expected = VIOLATED if unbroken > SETTLE else OK if rounds_seen[-1] == "agrees" else OPEN
    assert judged.status == expected
    assert rounds.judge().ok == (expected != VIOLATED)
    assert rounds.undecided == (0 < unbroken <= SETTLE)


def test_what_is_open_says_why() -> None:
    rounds = Rounds(SETTLE)
    rounds.add(looked(differing()), 0.0)
    [judged] = rounds.judge().invariants
    assert judged.violations == ()
    assert judged.open == 1
    assert judged.excused[0].excuse
