"""What a running warden can be asked to do about its replicas, beside what other modules register."""

from typing import Any

from warden.control import Arguments, ControlServer, Say
from warden.decide.model import Resumed
from warden.errors import ControlRefused
from warden.system import System


def register_commands(control: ControlServer, system: System) -> None:
    """Let `control` answer them for `system`."""

    async def resume(arguments: Arguments, say: Say) -> Any:
        """Lift the quarantine of a replica, or of all replicas of a service: `{"name": …}`."""
        del say
        name = arguments.get("name")
        found = [one for one in system.replicas.values() if name in {one.part.instance, one.part.name}]
        if not found:
            known = ", ".join(sorted({replica.part.name for replica in system.replicas.values()}))
            raise ControlRefused("unknown-part", f"there is no part or replica {name!r}", f"the parts are: {known}")
        quarantined = [one.part.instance for one in found if system.recovery.in_quarantine(one.part.instance)]
        if not quarantined:
            raise ControlRefused("not-quarantined", f"{name} is not in quarantine", "see what runs: ./just status")
        for instance in quarantined:
            system.recovery.see(Resumed(instance))
        return {"resumed": quarantined}

    control.register("resume", resume)
