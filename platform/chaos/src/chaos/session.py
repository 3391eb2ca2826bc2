"""What the actions and probes of one run share."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

from chaos import containers
from chaos.errors import ChaosError
from chaos.guard import Guard
from pharos.docker.containers import Container
from pharos.docker.system import DockerSystem
from pharos.state import System
from warden.record import PartRecord, read_parts


@dataclass
class Session:
    """One run: the system it is about, what undoes its faults, and what it has hit.

    Attributes:
        faults: closed when the faults are to end; each entry undoes one.
        hit: the instances that were struck, and may therefore be restarted.
        struck: when the first fault was made, Unix time in seconds.
        lifted: when the faults were undone.
        served_after: seconds from the end of the faults until customers were served again, where a probe has asked.
        bad_release: the version of a release that was built to be deployed.
        probe_order: the correlation ID of the order that the steady state placed last.
    """

    system: System
    guard: Guard
    faults: ExitStack = field(default_factory=ExitStack)
    hit: set[str] = field(default_factory=set)
    struck: float | None = None
    lifted: float | None = None
    served_after: float | None = None
    bad_release: str = ""
    probe_order: str = ""

    def strike(self, *instances: str) -> None:
        """From now on what happens to these is the fault's doing; called right before it is made."""
        self.hit.update(instances)
        if self.struck is None:
            self.struck = time.time()

    def keep(self, fault: AbstractContextManager[object]) -> None:
        """Make a fault that lasts until `lift`."""
        self.faults.enter_context(fault)

    def lift(self) -> None:
        """Undo every fault, the latest first."""
        self.faults.close()
        if self.struck is not None and self.lifted is None:
            self.lifted = time.time()

    def running(self, instance: str) -> PartRecord:
        """The living process of an instance, in embedded mode.

        Raises:
            ChaosError: there is none.
        """
        found = next((part for part in read_parts(self.system.folder) if part.instance == instance), None)
        if found is None or not found.alive:
            raise ChaosError(f"{instance} does not run", "see what does: ./just status")
        return found

    def container(self, name: str) -> Container:
        """The living container of an instance, or of a part that has one, in Docker mode.

        Raises:
            ChaosError: there is none.
        """
        assert isinstance(self.system, DockerSystem)
        return containers.running(self.system, name)


def session_of(configuration: Mapping[str, Any]) -> Session:
    """The session that a run puts into its experiment's configuration."""
    session = configuration["session"]
    assert isinstance(session, Session)
    return session
