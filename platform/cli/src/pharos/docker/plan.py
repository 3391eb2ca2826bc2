"""All that is decided before anything is started: settings, parts, whom the containers run as."""

import os
from dataclasses import dataclass

import msgspec

from pharos.docker.chaos import lead, lead_nowhere
from pharos.docker.checks import require_compose
from pharos.docker.choice import Choice, choose
from pharos.docker.compose import Compose, compose_of
from pharos.docker.engine import Info, info
from pharos.docker.record import read_record
from pharos.docker.releases import settle
from pharos.docker.settings import Reader, file_of, overrides, reader, variables
from pharos.docker.socket import engine_socket
from pharos.docker.tags import tags
from pharos.wish import Wish
from warden.catalog import Service, read_services
from warden.config import Config, read_config
from warden.files import private_folder, write_atomically
from warden.layout import Ports, StateFolder, project_root
from warden.release.record import read_deployments


@dataclass(frozen=True, slots=True)
class Plan:
    """One system as it is to be."""

    compose: Compose
    choice: Choice
    config: Config
    services: list[Service]
    engine: Info
    who: Reader
    released: dict[str, str]  # by service: the release that is deployed; the others run the checkout's code
    chaos: bool

    @property
    def ports(self) -> Ports:
        """The ports that it is reached at."""
        return Ports(self.config.port_base)


def make_plan(folder: StateFolder, wish: Wish) -> Plan:
    """Ask the engine and compose, and write down for compose what the settings are.

    Raises:
        CliError: docker, its engine or its compose plugin is missing.
        SettingsRefused: settings that cannot be.
        ConfigurationError: a manifest is wrong.
    """
    engine = info()
    require_compose()
    root = project_root()
    config, without, chaos = _settings(folder, wish)
    services = read_services(root)
    who = reader(os.geteuid(), os.getegid(), remapped=engine.remaps_users)
    compose = compose_of(folder, root)
    private_folder(folder.docker.path)
    socket = engine_socket(remapped=engine.remaps_users)
    settle(folder.docker)
    deployments = read_deployments(folder.docker)
    found = variables(Ports(config.port_base), folder.docker.secrets, who, socket, config)
    found |= tags(compose.project, deployments)
    if chaos:
        replicas = {service.name: config.replicas.get(service.name, 1) for service in services}
        found |= lead(compose, Ports(config.port_base), replicas)
    else:
        lead_nowhere(compose)
    write_atomically(compose.settings, file_of(found))
    compose.overrides.unlink(missing_ok=True)
    model = compose.model()
    write_atomically(compose.overrides, msgspec.json.encode(overrides(config.environment, model.services)))
    choice = choose(model, without, config.replicas, [service.name for service in services])
    released = {name: one.current for name, one in deployments.items() if one.current and name in choice.parts}
    return Plan(compose, choice, config, services, engine, who, released, chaos)


def _settings(folder: StateFolder, wish: Wish) -> tuple[Config, tuple[str, ...], bool]:
    """Options go before the settings of what an interrupted start left, and those before the file's."""
    config, without, chaos = read_config(folder.config), wish.without, wish.chaos
    left = read_record(folder)
    if left is not None:
        config = config.changed(port_base=left.port_base, replicas=left.replicas)
        without = without or tuple(left.without)
        chaos = chaos or left.chaos
    return config.changed(port_base=wish.port_base, replicas=wish.replicas), without, chaos
