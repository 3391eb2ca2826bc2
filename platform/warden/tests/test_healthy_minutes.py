"""A fleet that is well, seen through probes that are not: nothing must be restarted."""

import random

import pytest
from fleets import Driven

from warden.decide.model import Counted, Live, Ready, Sampled, Ticked, Window

MB = 1024 * 1024
FLEET = ("store", "broker", "front", "leaf-1", "leaf-2", "middle-1", "middle-2", "top-1", "top-2")
LOST = 0.002
"""The share of probes that fail although all is well."""
PAUSE = 0.01
"""How often, a second, the whole machine stands still for up to five seconds, so that every probe fails."""
HICCUP = 0.003
"""How often, a second, one replica stands still for a second: a large collection, a burst of work."""


@pytest.mark.parametrize("seed", range(3))
def test_noise_restarts_nothing(seed: int) -> None:
    driven = Driven()
    driven.join(*FLEET)

    healthy_minutes(driven, 10, random.Random(seed))

    assert [one for _, one in driven.decided if one.disruptive] == []


def healthy_minutes(driven: Driven, minutes: int, chance: random.Random) -> None:
    stands_still = dict.fromkeys(FLEET, 0)
    for second in range(minutes * 60):
        driven.wait(1.0)
        driven.see(Ticked())
        if chance.random() < PAUSE:
            stands_still = dict.fromkeys(FLEET, chance.randint(1, 5))
        for instance in FLEET:
            if chance.random() < HICCUP and not stands_still[instance]:
                stands_still[instance] = 1
            lost = stands_still[instance] > 0 or chance.random() < LOST
            stands_still[instance] = max(0, stands_still[instance] - 1)
            driven.see(Live(instance, ok=not lost, detail="no answer in time"))
            driven.see(Ready(instance, ok=not lost))
            if second % 5 == 0:
                driven.see(Sampled(instance, int(chance.gauss(120, 15)) * MB, chance.randint(30, 200), 1024))
                requests = chance.randint(0, 100)
                errors = sum(chance.random() < 0.01 for _ in range(requests))
                driven.see(Counted(instance, Window(requests, errors, requests * chance.uniform(0.005, 0.05))))
