import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from warden.alerts import QUARANTINED, Alert
from warden.decide.model import Decision
from warden.pager import Letter, Pager

OWN = Alert({"alertname": QUARANTINED, "pager": "owner@x.example", "instance": "tiny-1"}, {"summary": "left alone"})
OTHER = Alert({"alertname": "OutboxLag", "pager": "other@x.example", "service": "tiny"}, {"summary": "not sent"})


class Calls:
    """A pager, what is due, and what it did about it."""

    def __init__(self, path: Path) -> None:
        self.own: Sequence[Alert] = []
        self.others: Sequence[Alert] | None = []
        self.letters: list[Letter] = []
        self.told: list[Decision] = []
        self.down = False
        self.pager = Pager(path, self._due, self._send, self.told.append)

    async def _due(self) -> tuple[Sequence[Alert], Sequence[Alert] | None]:
        return self.own, self.others

    async def _send(self, letter: Letter) -> None:
        if self.down:
            raise ConnectionRefusedError("no mail server")
        self.letters.append(letter)

    async def look(self) -> list[str]:
        """Look once; the letters sent, as `to: subject`."""
        before = len(self.letters)
        await self.pager.look()
        return [f"{letter.to}: {letter.subject}" for letter in self.letters[before:]]


@pytest.fixture
def calls(tmp_path: Path) -> Calls:
    return Calls(tmp_path / "pages.json")


async def test_an_owner_is_called_once_and_told_when_it_is_over(calls: Calls) -> None:
    calls.own = [OWN]

    assert await calls.look() == ["owner@x.example: [FIRING] ReplicaQuarantined: left alone"]
    assert await calls.look() == []
    calls.own = []
    assert await calls.look() == ["owner@x.example: [RESOLVED] ReplicaQuarantined: left alone"]
    assert await calls.look() == []
    assert not calls.told


async def test_the_same_thing_on_another_day_is_another_mail(calls: Calls) -> None:
    for due in ([OWN], [], [OWN]):
        calls.own = due
        await calls.look()

    first, _, second = calls.letters
    assert first.subject == second.subject
    assert first.id != second.id


async def test_alerts_of_prometheus_are_journalled_as_well(calls: Calls) -> None:
    calls.others = [OTHER]
    await calls.look()
    calls.others = []
    await calls.look()

    assert [(one.event, one.fault, one.service) for one in calls.told] == [
        ("paged", "alert", "tiny"),
        ("resolved", "alert", "tiny"),
    ]


async def test_while_prometheus_does_not_answer_its_alerts_are_not_taken_for_resolved(calls: Calls) -> None:
    calls.others = [OTHER]
    await calls.look()

    calls.others = None

    assert await calls.look() == []
    assert not [one for one in calls.told if one.event == "resolved"]


async def test_a_mail_server_that_is_down_loses_no_call(calls: Calls) -> None:
    calls.own, calls.down = [OWN], True
    calls.pager.once(OTHER)
    with pytest.raises(ConnectionRefusedError):
        await calls.look()

    calls.down = False

    assert await calls.look() == [
        "other@x.example: [FIRING] OutboxLag: not sent",
        "owner@x.example: [FIRING] ReplicaQuarantined: left alone",
    ]


async def test_a_warden_after_this_one_does_not_call_again(calls: Calls, tmp_path: Path) -> None:
    calls.own = [OWN]
    await calls.look()

    after = Calls(tmp_path / "pages.json")
    after.own = [OWN]

    assert await after.look() == []
    assert json.loads((tmp_path / "pages.json").read_text())


async def test_it_goes_on_after_a_failure(calls: Calls) -> None:
    calls.own, calls.down = [OWN], True
    running = asyncio.create_task(calls.pager.run())
    await asyncio.sleep(0)

    assert not running.done()
    running.cancel()
