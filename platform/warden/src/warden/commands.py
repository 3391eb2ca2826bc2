"""What a running warden can be asked to do: the commands of its control socket, by name."""

from warden.control import ControlServer
from warden.system import System


def register_commands(control: ControlServer, system: System) -> None:
    """Let `control` answer every command for `system`."""
