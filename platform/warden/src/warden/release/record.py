"""Which release of each service serves, and which is on its way: written down before each step, so that the next
warden can finish what a killed one began.
"""

from typing import Literal

import msgspec

from warden.errors import SettingsRefused
from warden.files import write_atomically
from warden.layout import StateFolder

CHECKOUT = ""
"""Stands for the checkout's own code, which serves until a release is deployed."""
_REMEMBERED = 10

Phase = Literal["canary", "replacing"]
"""One new replica beside the old ones, on trial with a tenth of the requests; then all are replaced, one by one."""


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """A release on its way to take the place of the current one.

    Attributes:
        target: the release that is to serve.
        phase: how far it is.
        undoing: it brings back what served before.
        bad: that is because the release was found to be bad, not because somebody asked for it.
        reason: why, in words.
    """

    target: str
    phase: Phase = "canary"
    undoing: bool = False
    bad: bool = False
    reason: str = ""


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """One service.

    Attributes:
        current: the release that serves, and that `up` starts.
        earlier: those that served before and were good, the last one at the end: where a rollback goes.
        rollout: the one on its way, None if there is none.
    """

    current: str = CHECKOUT
    earlier: tuple[str, ...] = ()
    rollout: Rollout | None = None

    @property
    def way_back(self) -> str | None:
        """The release that an undoing or a rollback leads to; None if nothing served before."""
        if self.rollout:
            return self.current
        return self.earlier[-1] if self.earlier else None

    def beginning(self, rollout: Rollout) -> "Deployment":
        """With this rollout under way; while it is, the current release is where an undoing leads."""
        return msgspec.structs.replace(self, rollout=rollout)

    def finished(self) -> "Deployment":
        """With the rollout done: its target serves, and one that was left behind by an undoing is not gone back to."""
        assert self.rollout is not None
        target = self.rollout.target
        if target == self.current:
            return msgspec.structs.replace(self, rollout=None)
        if self.rollout.undoing:
            return Deployment(current=target, earlier=self.earlier[: -1 if self.earlier[-1:] == (target,) else None])
        kept = (*(one for one in self.earlier if one not in {target, self.current}), self.current)
        return Deployment(current=target, earlier=kept[-_REMEMBERED:])


def name_of(release: str) -> str:
    """A release as people call it."""
    return release or "checkout"


def read_deployments(state: StateFolder) -> dict[str, Deployment]:
    """What is written down, by service; a service that is not there runs the checkout's code.

    Raises:
        SettingsRefused: the file is damaged.
    """
    try:
        return msgspec.json.decode(state.deployments.read_bytes(), type=dict[str, Deployment])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        hint = "put it back, or delete it to have the checkout's code everywhere"
        raise SettingsRefused(f"{state.deployments}: {error}", hint) from None


def deployment_of(state: StateFolder, service: str) -> Deployment:
    """What is written down of one service."""
    return read_deployments(state).get(service, Deployment())


def write_deployment(state: StateFolder, service: str, deployment: Deployment) -> None:
    """Write down what is true of one service now."""
    write_atomically(state.deployments, msgspec.json.encode({**read_deployments(state), service: deployment}))
