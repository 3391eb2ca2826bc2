"""The experiments of this checkout: files in Chaos Toolkit's format, with what we need to know besides."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import yaml
from chaoslib.exceptions import ChaosException  # type: ignore[import-untyped]
from chaoslib.experiment import ensure_experiment_is_valid  # type: ignore[import-untyped]

from chaos.errors import InvalidExperiment, UnknownExperiment

FOLDER: Final = Path("tests/chaos/experiments")
EXTENSION: Final = "pharos"
Mode = Literal["embedded", "docker"]


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the verdict holds the run to besides what holds for all; None is no bound.

    Attributes:
        failed: requests that may fail at the public port.
        failed_share: the share of them that may.
        detection: seconds until warden has noticed.
        recovery: seconds until what was hit is ready again.
        service: seconds from the end of the fault until an order is confirmed again.
        restarts: of what was hit.
    """

    failed: int | None = None
    failed_share: float | None = None
    detection: float | None = None
    recovery: float | None = None
    service: float | None = None
    restarts: int | None = None


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What customers do meanwhile, a second."""

    orders: float = 5.0
    looks: float = 20.0


class InDocker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms that differ with containers; None for those that do not."""

    targets: tuple[str, ...] | None = None
    load: Load | None = None
    bounds: Bounds | None = None


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The extension `pharos` of an experiment's file.

    Attributes:
        fault: its kind, as docs/chaos.md names it.
        targets: what it may hit, the default first; empty where there is no choice.
        replicas: how many of a service it needs where that service may be hit.
        seam: whether it needs processes that were started with `--chaos`; with containers, every experiment does.
        modes: those in which it is made by a real mechanism.
        docker: what differs with containers.
    """

    name: str = EXTENSION
    fault: str
    targets: tuple[str, ...] = ()
    replicas: dict[str, int] = {}
    seam: bool = False
    modes: tuple[Mode, ...] = ("embedded",)
    load: Load = Load()
    bounds: Bounds = Bounds()
    docker: InDocker = InDocker()

    def in_mode(self, mode: Mode) -> "Terms":
        """Those that hold in a mode."""
        if mode == "embedded":
            return self
        said = {name: value for name, value in msgspec.structs.asdict(self.docker).items() if value is not None}
        return msgspec.structs.replace(self, **said)

    def needs_chaos_in(self, mode: Mode) -> bool:
        """Whether the system must have been started with `--chaos`.

        With containers it always must: verdicts are told to the Collector, whose port is published then alone.
        """
        return self.seam or mode == "docker"

    def replicas_for(self, target: str) -> dict[str, int]:
        """How many of which services it needs to hit this; of all that it names if there is no choice."""
        service = target.rpartition("-")[0]
        return {name: count for name, count in self.replicas.items() if not target or name == service}


class Experiment(msgspec.Struct, frozen=True):
    """One file."""

    name: str
    title: str
    terms: Terms
    document: dict[str, Any]

    def in_mode(self, mode: Mode) -> "Experiment":
        """With the terms that hold in a mode."""
        return msgspec.structs.replace(self, terms=self.terms.in_mode(mode))

    def aimed_at(self, target: str, session: object) -> dict[str, Any]:
        """A document of its own for one run, in which actions find `target` and what they share."""
        document = copy.deepcopy(self.document)
        document["configuration"] = {**document.get("configuration", {}), "target": target, "session": session}
        return document


def read_experiments(root: Path) -> dict[str, Experiment]:
    """Every experiment of the checkout, by name.

    Raises:
        InvalidExperiment: naming the file.
    """
    return {file.stem: read_experiment(file) for file in sorted((root / FOLDER).glob("*.yaml"))}


def read_experiment(file: Path) -> Experiment:
    """The experiment of a file.

    Raises:
        InvalidExperiment: it is not what Chaos Toolkit or we expect.
    """
    try:
        document = yaml.safe_load(file.read_text())
        ensure_experiment_is_valid(document)
        terms = msgspec.convert(_extension(document), Terms)
    except (yaml.YAMLError, ChaosException, LookupError, TypeError, ValueError, AttributeError) as error:
        # The last four are Chaos Toolkit's for a document of another shape.
        raise InvalidExperiment(f"{file}: {error}", "correct it; docs/chaos.md describes the format") from None
    return Experiment(file.stem, document["title"], terms, document)


def find_experiment(known: Mapping[str, Experiment], name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        UnknownExperiment: naming those that there are.
    """
    if name not in known:
        raise UnknownExperiment(f"there is no experiment {name}", f"the experiments are: {', '.join(known)}")
    return known[name]


def _extension(document: Mapping[str, Any]) -> Any:
    found = [one for one in document.get("extensions", []) if one.get("name") == EXTENSION]
    if len(found) != 1:
        raise ValueError(f"extensions must hold one with name: {EXTENSION}")
    return found[0]
