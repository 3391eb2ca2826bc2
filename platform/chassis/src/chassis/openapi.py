"""`python -m chassis.openapi FOLDER [--check]`: writes a service's `openapi.json` beside its `service.toml`.

The application is built as a process would build it, with an environment made up for the purpose; nothing is started.
"""

import importlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from chassis.auth.guards import check_access
from chassis.auth.keys import generate
from chassis.errors import ConfigurationError
from chassis.http.openapi import complete
from chassis.manifest import Manifest, load_manifest

USAGE = "usage: python -m chassis.openapi FOLDER [--check]"
VERSION = "1"
"""Stands for the version in the checked-in file, which describes the interface, not a release."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; 0 when the file is written or current, 1 when `--check` finds it old, 2 on misuse."""
    match list(arguments):
        case [folder]:
            check = False
        case [folder, "--check"]:
            check = True
        case _:
            print(USAGE, file=sys.stderr)  # noqa: T201
            return 2
    target = Path(folder) / "openapi.json"
    try:
        current = export(Path(folder))
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    if check:
        if target.is_file() and target.read_bytes() == current:
            return 0
        print(f"{target} is not current; run python -m chassis.openapi {folder}", file=sys.stderr)  # noqa: T201
        return 1
    target.write_bytes(current)
    return 0


def export(folder: Path) -> bytes:
    """The document of the service in this folder, indented and with sorted keys, so that a change shows as such.

    Raises:
        ConfigurationError: its manifest or settings are wrong, or a handler does not say whom it is open to.
    """
    manifest = load_manifest(folder / "service.toml")
    with tempfile.TemporaryDirectory() as secrets:
        app = build(manifest, made_up_environment(folder / "service.toml", manifest, Path(secrets)))
    document = complete(_schema(app), check_access(app, manifest))
    return msgspec.json.format(json.dumps(document, sort_keys=True).encode(), indent=2) + b"\n"


def build(manifest: Manifest, environ: Mapping[str, str]) -> Litestar:
    """The service's application, by the convention that every service keeps: `app.create_app(settings.Settings)`."""
    application = importlib.import_module(f"{manifest.name}.app")
    settings = importlib.import_module(f"{manifest.name}.settings")
    app: Litestar = application.create_app(settings.Settings.from_environ(environ))
    return app


def made_up_environment(path: Path, manifest: Manifest, secrets: Path) -> dict[str, str]:
    """All the variables a process of this service needs, with addresses where nothing is and keys nobody trusts."""
    key = secrets / "key.jwk"
    key.write_text(json.dumps(generate("made-up")))
    environ = {
        "PHAROS_MANIFEST": str(path),
        "PHAROS_PORT": "1",
        "PHAROS_VERSION": VERSION,
        "PHAROS_DATABASE_URL": f"postgresql://{manifest.name}@127.0.0.1:1/{manifest.name}",
        "PHAROS_NATS_URL": "nats://127.0.0.1:1",
        "PHAROS_DISCOVERY": "dns:1",
        "PHAROS_SIGNING_KEY_FILE": str(key),
    }
    for name, value in manifest.environment.items():
        environ[name] = str(key) if name.endswith("_FILE") else value.replace("{smtp_url}", "smtp://127.0.0.1:1")
    return environ


def _schema(app: Litestar) -> dict[str, Any]:
    # Through JSON, so that the same types come out as are served.
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    return decoded


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
