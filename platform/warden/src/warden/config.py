"""The user's own settings, ``config.toml`` in the state folder; options of the command line go before them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from warden.errors import SettingsRefused
from warden.layout import DEFAULT_PORT_BASE


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of ``config.toml``."""

    mode: Literal["embedded"] = "embedded"
    port_base: int = DEFAULT_PORT_BASE
    replicas: dict[str, Annotated[int, msgspec.Meta(ge=1, le=16)]] = {}
    environment: dict[str, dict[str, str]] = {}  # by part: variables that go before those it would be given

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
