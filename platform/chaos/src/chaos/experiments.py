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


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The extension `pharos` of an experiment's file.

    Attributes:
        fault: its kind, as docs/chaos.md names it.
        targets: what it may hit, the default first; empty where there is no choice.
        replicas: how many of a service it needs.
        seam: whether it needs a system that was started with `--chaos`.
        modes: those in which it is made by a real mechanism.
    """

    name: str = EXTENSION
    fault: str
    targets: tuple[str, ...] = ()
    replicas: dict[str, int] = {}
    seam: bool = False
    modes: tuple[Mode, ...] = ("embedded",)
    load: Load = Load()
    bounds: Bounds = Bounds()


class Experiment(msgspec.Struct, frozen=True):
    """One file."""

    name: str
    title: str
    terms: Terms
    document: dict[str, Any]

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
