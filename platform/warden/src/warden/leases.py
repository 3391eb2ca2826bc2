"""What warden does for as long as somebody holds on to it; it is undone when the connection ends, by kill -9 too."""

from typing import Any

import msgspec

from warden.control import Arguments, ControlServer, Say, asked, hold
from warden.errors import ControlRefused
from warden.replica import Replica
from warden.system import System


class _Reroute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    instance: str
    url: str


class _TakeDown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


def register_leases(control: ControlServer, system: System) -> None:
    """Let `control` answer them for `system`."""

    async def reroute(arguments: Arguments, say: Say) -> Any:
        """Publish another address of a replica, under which something passes connections on to it."""
        wanted = asked(arguments, _Reroute)
        replica = _replica(system, wanted.instance)
        if not replica.part.discovered:
            raise ControlRefused("not-discovered", f"{wanted.instance} is not found by others", "choose a service's")
        system.reroute(replica, wanted.url)
        try:
            await hold(say)
        finally:
            system.reroute(replica, "")

    async def take_down(arguments: Arguments, say: Say) -> Any:
        """End a replica, and leave it down."""
        replica = _replica(system, asked(arguments, _TakeDown).name)
        try:
            await system.take_down(replica)
            await hold(say)
        finally:
            await system.bring_back(replica)

    control.register("reroute", reroute)
    control.register("take-down", take_down)


def _replica(system: System, instance: str) -> Replica:
    if instance not in system.replicas:
        known = ", ".join(sorted(system.replicas))
        raise ControlRefused("unknown-part", f"there is no replica {instance!r}", f"the replicas are: {known}")
    return system.replicas[instance]
