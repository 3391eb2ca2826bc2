"""What the options of ``up`` ask for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from warden.config import Mode


@dataclass(frozen=True, slots=True)
class Wish:
    """Settings of the command line; what was not said is None or empty."""

    mode: Mode | None
    port_base: int | None
    replicas: Mapping[str, int]
    without: tuple[str, ...] = ()
    chaos: bool = False

    def fits(
        self, port_base: int, replicas: Mapping[str, int], without: Collection[str] = (), *, chaos: bool = False
    ) -> bool:
        """Whether a system with these settings is what is asked for."""
        if self.chaos and not chaos:
            return False
        if self.port_base not in {None, port_base}:
            return False
        if self.without and set(self.without) != set(without):
            return False
        return all(replicas.get(name, 1) == count for name, count in self.replicas.items())
