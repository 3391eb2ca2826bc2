"""Which of the locked packages one service needs."""

import re
from collections.abc import Callable, Iterable, Sequence

Requires = Callable[[str], Sequence[str]]
"""What a package says that it requires (core metadata, Requires-Dist); nothing for one that is not installed."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def needed(roots: Iterable[str], requires: Requires) -> set[str]:
    """The normalised names of all that these requirements lead to.

    Markers other than for extras are passed over: the lock says with each package where it is installed.
    """
    found: set[tuple[str, str]] = set()
    waiting = [pair for root in roots for pair in _pairs(root)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        waiting += [pair for line in requires(name) if _concerns(line, extra) for pair in _pairs(line)]
    return {name for name, _ in found}


def cut(lock: str, names: set[str]) -> str:
    """The entries of a lock, with their hashes, that are of these packages."""
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return "".join(entry for entry in entries if (match := _REQUIREMENT.match(entry)) and normal(match[1]) in names)


def normal(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names_of(requirements: Iterable[str]) -> set[str]:
    """The normalised names in requirements, or in a lock's lines."""
    return {normal(match[1]) for line in requirements if (match := _REQUIREMENT.match(line))}


def _pairs(requirement: str) -> list[tuple[str, str]]:
    """The package that a requirement names, once without and once with each of the extras."""
    match = _REQUIREMENT.match(requirement)
    if match is None:
        return []
    extras = [extra.strip() for extra in (match[2] or "").split(",") if extra.strip()]
    return [(normal(match[1]), extra) for extra in ("", *extras)]


def _concerns(requirement: str, extra: str) -> bool:
    wanted = _EXTRA.findall(requirement.partition(";")[2])
    return extra in wanted if wanted or extra else True
