"""GET of JSON from a telemetry backend, and the error when it does not answer."""

import http.client
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from pharos.errors import CliError

Document = TypeVar("Document")
TIMEOUT_SECONDS = 15.0
_SHOWN = 200


class BackendError(CliError):
    """A telemetry backend does not answer, or not what it should."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"{url}: {problem}", "see what runs with: ./just status")


class Backend:
    """One HTTP server of telemetry."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._address = urlsplit(self.url)

    def get(
        self, path: str, shape: type[Document], parameters: Mapping[str, str | int] | None = None
    ) -> Document | None:
        """The document at a path, None for 404; raises BackendError."""
        target = f"{self._address.path}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
        status, body = self._fetch(target)
        if status == http.HTTPStatus.NOT_FOUND:
            return None
        if status != http.HTTPStatus.OK:
            raise BackendError(self.url, f"HTTP {status} for {path}: {body[:_SHOWN].decode(errors='replace')}")
        try:
            return msgspec.json.decode(body, type=shape)
        except msgspec.MsgspecError as error:
            raise BackendError(self.url, f"unexpected answer for {path}: {error}") from error

    def _fetch(self, target: str) -> tuple[int, bytes]:
        host, port = self._address.hostname or "", self._address.port or 80
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", target, headers={"Accept": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise BackendError(self.url, f"no answer ({str(error) or type(error).__name__})") from error
        finally:
            connection.close()
