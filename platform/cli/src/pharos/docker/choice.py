"""Which parts of ``compose.yaml`` are to run, and what they need. Decided from the file and the options alone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pharos.docker.model import Model
from warden.errors import SettingsRefused

OPTIONAL = ("alertmanager", "collector", "grafana", "jaeger", "loki", "mail", "prometheus")
"""What the rest does without: nothing waits for them, and a request is served without them."""
SHARE_OF_LIMITS = 0.6
"""Of the memory that all parts may take at most, the share that they do take together when there is much to do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The parts that are to run."""

    model: Model
    parts: Mapping[str, int]  # how many containers of each
    absent: tuple[str, ...]

    @property
    def jobs(self) -> list[str]:
        """The jobs that these parts wait for, directly or not."""
        return sorted(self._needed() & self.model.jobs)

    def jobs_of(self, part: str) -> list[str]:
        """The jobs that a part itself waits for."""
        return sorted(set(self.model.services[part].depends_on) & self.model.jobs)

    @property
    def built(self) -> list[str]:
        """The parts whose images are made from this checkout."""
        return [name for name in self.parts if self.model.services[name].build]

    @property
    def foreign_images(self) -> dict[str, list[str]]:
        """Images that others make, each with the parts and jobs that use it."""
        ours = {part.image for part in self.model.services.values() if part.build}
        images: dict[str, list[str]] = {}
        for name in (*self.parts, *self.jobs):
            if (image := self.model.services[name].image) not in ours:
                images.setdefault(image, []).append(name)
        return images

    @property
    def ports(self) -> dict[str, int]:
        """The ports of this machine that are published, by part."""
        return {
            name: int(port.published)
            for name in self.parts
            for port in self.model.services[name].ports
            if port.published.isdecimal()
        }

    @property
    def memory(self) -> int:
        """The bytes that an engine should have for them."""
        return int(sum(map(self._limit, self.parts)) * SHARE_OF_LIMITS)

    def to_leave_out(self, memory: int) -> list[str]:
        """The largest parts that can be spared, until the rest needs no more than that; none if that cannot be."""
        spared: list[str] = []
        left = self.memory
        for name in sorted(self.parts, key=self._limit, reverse=True):
            if name in OPTIONAL and left > memory:
                spared.append(name)
                left -= int(self._limit(name) * SHARE_OF_LIMITS)
        return spared if left <= memory else []

    def _limit(self, name: str) -> int:
        return int(self.model.services[name].mem_limit) * self.parts[name]

    def _needed(self) -> set[str]:
        needed: set[str] = set()
        waiting = list(self.parts)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += self.model.services[name].depends_on
        return needed


def choose(model: Model, without: Collection[str], replicas: Mapping[str, int], scalable: Collection[str]) -> Choice:
    """All parts but those that are to be left out.

    Raises:
        SettingsRefused: replicas of what is no service, or a part left out that others need.
    """
    unknown = sorted(set(replicas) - set(scalable))
    if unknown:
        names = ", ".join(sorted(scalable))
        raise SettingsRefused(f"--replicas: there is no service {unknown[0]}", f"the services are: {names}")
    kept = sorted(set(without) - set(OPTIONAL))
    if kept:
        raise SettingsRefused(f"--without: {kept[0]} cannot be left out", f"what can be: {', '.join(OPTIONAL)}")
    ordered = _ordered(name for name in model.services if name not in model.jobs)
    parts = {name: replicas.get(name, 1) for name in ordered if name not in without}
    return Choice(model, parts, tuple(name for name in ordered if name in without))


def _ordered(names: Iterable[str]) -> list[str]:
    """The system itself first, what looks at it last."""
    return sorted(names, key=lambda name: (name in OPTIONAL, name != "edge", name))
