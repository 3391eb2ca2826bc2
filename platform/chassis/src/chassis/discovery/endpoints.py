"""The endpoints file: which replicas listen where, written by whoever starts them."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from chassis.discovery.model import Instance, Jwks


class MalformedEndpointsError(ValueError):
    """The endpoints file does not say what it should; the message names the place."""

    reason = "endpoints-malformed"


class Endpoints(msgspec.Struct, frozen=True):
    """The content of the endpoints file."""

    version: int
    """Grows with every write, so that a reader's log tells which one it holds."""
    services: dict[str, tuple[Instance, ...]]
    jwks: dict[str, Jwks] = {}
    """Key sets of issuers without an address of their own, by issuer."""


_decoder = msgspec.json.Decoder(Endpoints)


def parse_endpoints(content: bytes) -> Endpoints:
    """Read an endpoints file's content.

    Raises:
        MalformedEndpointsError: not JSON, not this shape, or an address that is no ``http://host:port``.
    """
    try:
        endpoints = _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedEndpointsError(str(error)) from error
    for service, instances in endpoints.services.items():
        for instance in instances:
            _check(service, instance)
    return endpoints


def write_endpoints(path: Path, endpoints: Endpoints) -> None:
    """Replace the endpoints file in one step: a reader sees the old content or the new, never a part.

    Raises:
        MalformedEndpointsError: an address that no reader would accept.
        OSError: the folder cannot be written; the old file is untouched.
    """
    for service, instances in endpoints.services.items():
        for instance in instances:
            _check(service, instance)
    content = msgspec.json.format(msgspec.json.encode(endpoints), indent=1)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _check(service: str, instance: Instance) -> None:
    where = f"services.{service}: instance {instance.id!r}"
    try:
        parts = urlsplit(instance.url)
        complete = parts.scheme == "http" and parts.hostname and parts.port
    except ValueError:
        complete = False
    if not complete or parts.path or parts.query or parts.fragment or parts.username is not None:
        raise MalformedEndpointsError(f"{where}: url must be http://HOST:PORT, got {instance.url!r}")
    if not 0.0 <= instance.weight < float("inf"):
        raise MalformedEndpointsError(f"{where}: weight must be zero or a positive number, got {instance.weight}")
