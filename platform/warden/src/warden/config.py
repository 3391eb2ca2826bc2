"""The user's own settings, ``config.toml`` in the state folder; options of the command line go before them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from warden.decide.figures import Figures
from warden.errors import SettingsRefused
from warden.layout import DEFAULT_PORT_BASE
from warden.release.analysis import Rule

Mode = Literal["embedded", "docker"]
"""How the parts are run: as processes that warden supervises, or as containers of an engine."""
_DURATION = r"^[1-9][0-9]*[hd]$"
_SIZE = r"^[1-9][0-9]*[MGT]B$"
Duration = Annotated[str, msgspec.Meta(pattern=_DURATION)]
Size = Annotated[str, msgspec.Meta(pattern=_SIZE)]


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the backends of Docker mode keep telemetry: in hours (``72h``) or days (``3d``), None for their own."""

    traces: Duration | None = None
    logs: Duration | None = None
    metrics: Duration | None = None
    metrics_size: Size | None = None  # the older half goes when it is reached: ``2GB``


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of ``config.toml``."""

    mode: Mode = "embedded"
    port_base: int = DEFAULT_PORT_BASE
    replicas: dict[str, Annotated[int, msgspec.Meta(ge=1, le=16)]] = {}
    environment: dict[str, dict[str, str]] = {}  # by part: variables that go before those it would be given
    retention: Retention = Retention()
    release: Rule = Rule()  # what a new release is judged by
    recovery: Figures = Figures()  # when something is a fault, and how much may be done about it

    def changed(self, *, port_base: int | None, replicas: Mapping[str, int]) -> "Config":
        """These settings with what the command line says."""
        base = self.port_base if port_base is None else port_base
        return msgspec.structs.replace(self, port_base=base, replicas={**self.replicas, **replicas})


def read_config(path: Path) -> Config:
    """The settings of the file, or the defaults if there is none.

    Raises:
        SettingsRefused: naming the file and the key.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), Config)
    except FileNotFoundError:
        return Config()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise SettingsRefused(f"{path}: {error}", "correct it, or delete the file to have the defaults") from None
