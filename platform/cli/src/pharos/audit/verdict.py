"""From rounds of reading a system that goes on working to a judgement that work in progress cannot mislead.

Services are read one after the other, so that what is under way looks wrong for a moment. What differs is therefore
read again: it is a violation only if it has differed long enough, in every round, with nothing to explain it.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from pharos.audit.finding import Checked, Finding

OK, OPEN, VIOLATED = "ok", "open", "VIOLATED"
_TOO_YOUNG = "it has not differed for long enough to judge it"


class Invariant(Struct, frozen=True, kw_only=True):
    """The judgement of one invariant. `open` counts what was under way, `excused` are those of it that differed."""

    name: str
    status: str
    checked: int
    open: int
    violations: tuple[Finding, ...] = ()
    excused: tuple[Finding, ...] = ()


class Judgement(Struct, frozen=True, kw_only=True):
    """What an audit found."""

    invariants: tuple[Invariant, ...]
    rounds: int

    @property
    def ok(self) -> bool:
        """Whether nothing is violated."""
        return all(invariant.status != VIOLATED for invariant in self.invariants)

    @property
    def settled(self) -> bool:
        """Whether nothing was under way either."""
        return all(invariant.status == OK for invariant in self.invariants)

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {
            "ok": self.ok,
            "settled": self.settled,
            "rounds": self.rounds,
            "invariants": to_builtins(self.invariants),
        }


class Rounds:
    """What has differed, and since when nothing explained it."""

    def __init__(self, settle: float) -> None:
        """`settle` is how many seconds something must differ without a break to be a violation."""
        self._settle = settle
        self._count = 0
        self._now = 0.0
        self._since: dict[tuple[str, str], float] = {}
        self._latest: Sequence[Checked] = ()

    def add(self, latest: Sequence[Checked], now: float) -> None:
        """One more round, which began at `now` in seconds of any clock."""
        found = {(one.name, each.subject) for one in latest for each in one.findings if not each.excuse}
        self._since = {key: self._since.get(key, now) for key in found}
        self._latest, self._now = latest, now
        self._count += 1

    @property
    def undecided(self) -> int:
        """How many differences have no explanation and are too young to be violations."""
        return sum(not self._is_violation(key) for key in self._since)

    def _is_violation(self, key: tuple[str, str]) -> bool:
        return key in self._since and self._now - self._since[key] >= self._settle

    def judge(self) -> Judgement:
        """The judgement, if this was the last round."""
        return Judgement(invariants=tuple(self._invariant(one) for one in self._latest), rounds=self._count)

    def _invariant(self, one: Checked) -> Invariant:
        violations = tuple(finding for finding in one.findings if self._is_violation((one.name, finding.subject)))
        excused = tuple(_excused(finding) for finding in one.findings if finding not in violations)
        under_way = one.under_way + len(excused)
        status = VIOLATED if violations else OPEN if under_way else OK
        return Invariant(
            name=one.name, status=status, checked=one.checked, open=under_way, violations=violations, excused=excused
        )


def _excused(finding: Finding) -> Finding:
    if finding.excuse:
        return finding
    return replace(finding, excuse=_TOO_YOUNG)
