"""``up --docker --attach``: every part's log as it is written, until Ctrl-C, which stops the system."""

import sys

from pharos.console import note
from pharos.docker.compose import end_call
from pharos.docker.ending import end_containers
from pharos.docker.system import DockerSystem
from pharos.errors import CliError


def follow_containers(system: DockerSystem) -> None:
    """Print log lines until Ctrl-C, then stop the system.

    Raises:
        CliError: the system was ended by somebody else.
    """
    note("following the logs; Ctrl-C stops everything")
    sys.stdout.flush()
    process = system.compose.start("--ansi", "never", "logs", "--follow", "--tail=0", output=sys.stdout.fileno())
    try:
        process.wait()
    except KeyboardInterrupt:
        note("stopping …")
        end_containers(system.folder)
        return
    finally:
        end_call(process)
    raise CliError("the system was stopped, or the engine was", "see: ./just status")
