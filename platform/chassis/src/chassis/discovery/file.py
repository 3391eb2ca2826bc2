"""Discovery by an endpoints file that another process replaces while we run."""

import os
from pathlib import Path

from loguru import logger

from chassis.discovery.endpoints import Endpoints, MalformedEndpointsError, parse_endpoints
from chassis.discovery.model import Instance, Jwks

_Signature = tuple[int, int, int]


class FileDiscovery:
    """Follows the file and keeps the last good content while it is absent, unreadable or malformed.

    A look costs one ``stat``; the file is read again only when it is another one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: _Signature | None = None
        self._failure = ""
        self._endpoints = Endpoints(version=0, services={})

    def instances(self, service: str) -> tuple[Instance, ...]:
        """The replicas in the newest content that could be read."""
        return self._current().services.get(service, ())

    def static_jwks(self, issuer: str) -> Jwks | None:
        """The key set the file carries for this issuer."""
        return self._current().jwks.get(issuer)

    def _current(self) -> Endpoints:
        try:
            status = os.stat(self._path)  # noqa: PTH116 - a tenth of Path.stat's cost, once per call
            signature = (status.st_ino, status.st_mtime_ns, status.st_size)
            if signature != self._seen:
                self._endpoints = parse_endpoints(self._path.read_bytes())
                self._seen = signature
                self._failure = ""
        except MalformedEndpointsError as error:
            self._seen = signature
            self._report(f"malformed: {error}")
        except OSError as error:
            self._report(error.strerror or str(error))
        return self._endpoints

    def _report(self, failure: str) -> None:
        if failure != self._failure:
            self._failure = failure
            logger.warning(
                "endpoints file {}: {}; staying with version {}", self._path, failure, self._endpoints.version
            )
