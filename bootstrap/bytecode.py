"""Lends the standard library's compiled modules to the checkout's byte code cache.

Byte code goes to ``.pharos/cache/python``, so that nothing is left beside the sources; but a cache of one's own knows
nothing of the machine's, and a dozen processes would compile the same modules at the first start: 2 s on two cores.
"""

import os
import sys
import sysconfig
from pathlib import Path

_LEFT_OUT = frozenset(
    {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "tkinter", "turtledemo"}
)


def lend_standard_library(cache: Path) -> None:
    """Link each compiled module to where an interpreter looks for it when ``PYTHONPYCACHEPREFIX`` is ``cache``.

    Python checks a module's date and size as ever, and replaces a link that is out of date by a file.
    """
    library = Path(sysconfig.get_path("stdlib"))
    suffix = f".{sys.implementation.cache_tag}.pyc"
    for folder, below, _ in os.walk(library):
        compiled = Path(folder, "__pycache__")
        below[:] = [name for name in below if name not in _LEFT_OUT and name != "__pycache__"]
        if compiled.is_dir():
            _link_all(compiled, cache / Path(folder).relative_to(library.anchor), suffix)


def _link_all(compiled: Path, place: Path, suffix: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    there = {path.name for path in place.iterdir()}
    for path in compiled.iterdir():
        if path.name.endswith(suffix) and path.name not in there:
            (place / path.name).symlink_to(path)
