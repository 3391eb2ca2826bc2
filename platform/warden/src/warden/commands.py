"""What a running warden can be asked to do about its replicas, in either mode, beside what other modules register."""

from typing import Any, Protocol

from warden.control import Arguments, ControlServer, Say
from warden.decide.model import Fleet, Observation, Resumed
from warden.errors import ControlRefused


class Recovering(Protocol):
    """The loop that keeps the replicas."""

    fleet: Fleet

    def see(self, seen: Observation) -> None:
        """Decide about an observation."""


def register_commands(control: ControlServer, recovery: Recovering) -> None:
    """Let `control` answer them for what `recovery` keeps."""

    async def resume(arguments: Arguments, say: Say) -> Any:
        """Lift the quarantine of a replica, or of all replicas of a service: `{"name": …}`."""
        del say
        name, replicas = arguments.get("name"), recovery.fleet.replicas.values()
        found = [one for one in replicas if name in {one.instance, one.service}]
        if not found:
            known = ", ".join(sorted({one.service for one in replicas}))
            raise ControlRefused("unknown-part", f"there is no part or replica {name!r}", f"the parts are: {known}")
        quarantined = [one.instance for one in found if one.phase == "quarantined"]
        if not quarantined:
            raise ControlRefused("not-quarantined", f"{name} is not in quarantine", "see what runs: ./just status")
        for instance in quarantined:
            recovery.see(Resumed(instance))
        return {"resumed": quarantined}

    control.register("resume", resume)
