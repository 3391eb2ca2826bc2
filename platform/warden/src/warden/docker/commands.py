"""What warden in a container can be asked to do: the same commands as embedded, over the socket in its volume."""

from typing import Any

from warden.control import Arguments, ControlServer, Say
from warden.decide.model import Resumed
from warden.docker.keeper import Keeper
from warden.errors import ControlRefused


def register_commands(control: ControlServer, keeper: Keeper) -> None:
    """Let `control` answer them for `keeper`."""

    async def resume(arguments: Arguments, say: Say) -> Any:
        """Lift the quarantine of a replica, or of all replicas of a part: `{"name": …}`."""
        del say
        name = arguments.get("name")
        found = [one for one in keeper.fleet.replicas.values() if name in {one.instance, one.service}]
        if not found:
            known = ", ".join(sorted({one.service for one in keeper.fleet.replicas.values()}))
            raise ControlRefused("unknown-part", f"there is no part or replica {name!r}", f"the parts are: {known}")
        quarantined = [one.instance for one in found if one.phase == "quarantined"]
        if not quarantined:
            raise ControlRefused("not-quarantined", f"{name} is not in quarantine", "see what runs: ./just status")
        for instance in quarantined:
            keeper.see(Resumed(instance))
        return {"resumed": quarantined}

    control.register("resume", resume)
