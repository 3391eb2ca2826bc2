"""A service as a process of its own, the way warden starts it, between keys and neighbours that the test made."""

import contextlib
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chassis.auth.keys import SigningKey, generate, key_set
from chassis.auth.tokens import ServiceTokens, issue_user_token
from chassis.discovery.endpoints import Endpoints, write_endpoints
from chassis.discovery.model import Instance
from chassis.environment import Secret
from chassis.persistence.settings import DatabaseSettings
from testkit.servers import Server, free_port


@dataclass
class Neighbourhood:
    """The endpoints file of a test and the keys of everybody in it; the keys of all issuers stand in the file.

    Attributes:
        folder: where the file and the keys are.
        addresses: replicas by service: `http://127.0.0.1:PORT`.
    """

    folder: Path
    addresses: dict[str, list[str]] = field(default_factory=dict)
    _keys: dict[str, dict[str, str]] = field(default_factory=dict)
    _version: int = 0

    @property
    def file(self) -> Path:
        """The endpoints file."""
        return self.folder / "endpoints.json"

    def place(self, service: str, *urls: str) -> None:
        """Say where a service's replicas are; none takes it away."""
        self.addresses[service] = list(urls)
        self._write()

    def key_file(self, issuer: str) -> Path:
        """The file with the issuer's private key."""
        path = self.folder / f"key-{issuer}.jwk"
        path.write_text(json.dumps(self._jwk(issuer)))
        return path

    def user_token(self, subject: str, *, issuer: str = "accounts") -> str:
        """An access token for the person."""
        return issue_user_token(self._key(issuer), issuer=issuer, subject=subject, client="pharos", lifetime=900)

    def service_token(self, caller: str, audience: str) -> str:
        """The caller's token for the service."""
        return ServiceTokens(caller, self._key(caller)).token_for(audience)

    def _jwk(self, issuer: str) -> dict[str, str]:
        if issuer not in self._keys:
            self._keys[issuer] = generate(f"{issuer}-test")
            self._write()
        return self._keys[issuer]

    def _key(self, issuer: str) -> SigningKey:
        return SigningKey.parse(Secret(json.dumps(self._jwk(issuer))))

    def _write(self) -> None:
        self._version += 1
        services = {
            service: tuple(Instance(f"{service}-{number}", url) for number, url in enumerate(urls, 1))
            for service, urls in self.addresses.items()
        }
        sets = {issuer: key_set(SigningKey.parse(Secret(json.dumps(jwk)))) for issuer, jwk in self._keys.items()}
        write_endpoints(self.file, Endpoints(self._version, services, sets))


@dataclass
class ServiceServer(Server):
    """A replica of a service; `kill` ends it as kill -9 does, `start` starts it again on the same port."""

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"


def service_environment(
    service: str,
    manifest: Path,
    neighbours: Neighbourhood,
    database: DatabaseSettings,
    *,
    nats_url: str | None = None,
    instance: str | None = None,
    otlp: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment that a replica is started with.

    Args:
        service: its name.
        manifest: its service.toml.
        neighbours: who it can find.
        database: its own, migrated.
        nats_url: the broker, for a service with events.
        instance: the replica's name, `<service>-1` by default.
        otlp: where its telemetry goes.
        extra: further variables.
    """
    user = f"{database.user}@{database.host}:{database.port}"
    return {
        "PHAROS_MANIFEST": str(manifest),
        "PHAROS_INSTANCE": instance or f"{service}-1",
        "PHAROS_PORT": str(free_port()),
        "PHAROS_DATABASE_URL": f"postgresql://{user}/{database.database}",
        "PHAROS_DATABASE_PASSWORD": database.password.reveal() if database.password else "",
        "PHAROS_DISCOVERY": f"file:{neighbours.file}",
        "PHAROS_SIGNING_KEY_FILE": str(neighbours.key_file(service)),
        "PHAROS_NATS_URL": nats_url or "",
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp or "",
        **(extra or {}),
    }


def service_server(package: str, environment: Mapping[str, str], folder: Path) -> ServiceServer:
    """A replica that is yet to be started, run as `python -m PACKAGE`; its log is written to `folder`."""
    port = int(environment["PHAROS_PORT"])
    variables = [f"{name}={value}" for name, value in environment.items()]
    return ServiceServer(
        command=["/usr/bin/env", *variables, sys.executable, "-m", package],
        port=port,
        log=folder / f"{environment['PHAROS_INSTANCE']}.log",
        is_ready=lambda: _is_ready(f"http://127.0.0.1:{port}/health/ready"),
    )


@contextlib.contextmanager
def running(server: ServiceServer) -> Iterator[ServiceServer]:
    """The replica, ready within the block and gone after it."""
    server.start()
    try:
        yield server
    finally:
        server.resume()
        server.stop()


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - a URL of this file
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
