"""The page's files, built beforehand and shipped with the package, most of them compressed."""

import gzip
import mimetypes
import re
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

_NAME: Final = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9_.@-]*(/[A-Za-z0-9_@-][A-Za-z0-9_.@-]*)*")
_SUFFIXES: Final = {"br": ".br", "gzip": ".gz", "": ""}
_TYPES: Final = {".js": "text/javascript", ".woff2": "font/woff2", ".woff": "font/woff", ".svg": "image/svg+xml"}


class File(NamedTuple):
    """A file as it is sent; `encoding` is its Content-Encoding, empty for none."""

    content: bytes
    media_type: str
    encoding: str


def read(name: str, accepted: str, root: Traversable | None = None) -> File | None:
    """A file in the smallest form that an Accept-Encoding header allows, or None if there is none of this name."""
    if not _NAME.fullmatch(name):
        return None
    forms = _forms(name, root or resources.files("lens").joinpath("static"))
    for encoding, file in forms.items():
        if not encoding or _accepts(accepted, encoding):
            return File(file.read_bytes(), media_type(name), encoding)
    return File(gzip.decompress(forms["gzip"].read_bytes()), media_type(name), "") if "gzip" in forms else None


def media_type(name: str) -> str:
    """The Content-Type of a file by its name."""
    suffix = name[name.rfind(".") :]
    found = _TYPES.get(suffix) or mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def _forms(name: str, root: Traversable) -> dict[str, Traversable]:
    """The file's forms by Content-Encoding, the smallest first."""
    found = {encoding: root.joinpath(*f"{name}{suffix}".split("/")) for encoding, suffix in _SUFFIXES.items()}
    return {encoding: file for encoding, file in found.items() if file.is_file()}


def _accepts(header: str, encoding: str) -> bool:
    """Whether the header names the encoding without refusing it by `q=0` (RFC 9110, 12.5.3)."""
    for part in header.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == encoding:
            return not re.fullmatch(r"q=0(\.0*)?", weight.strip())
    return False
