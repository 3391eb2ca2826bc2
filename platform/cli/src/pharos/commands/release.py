"""``pharos release``."""

from pathlib import Path

import click
import msgspec

from pharos.console import note, print_json
from pharos.errors import CliError
from pharos.options import json_option, state_option
from pharos.release.build import build
from pharos.state import folder_of, in_containers
from warden.catalog import read_services
from warden.layout import project_root


@click.command()
@click.argument("service")
@click.option(
    "--source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the service's sources, where it is not the checkout's.",
)
@state_option
@json_option
def release(*, service: str, source: Path | None, state: Path | None, as_json: bool) -> None:
    """Build a release of SERVICE: wheels, locked requirements, migrations and contracts, under its version.

    In Docker mode the image is made from them, too.

    A release never changes. Building the same again does nothing; other content needs another version.
    """
    root, folder = project_root(), folder_of(state)
    known = {one.name: one.folder for one in read_services(root)}
    if service not in known:
        raise CliError(f"there is no service {service}", f"the services are: {', '.join(known)}")
    manifest, place = build(folder, root, source or known[service])
    if manifest.service != service:
        raise CliError(f"{source} holds {manifest.service}, not {service}", "name the folder of the service")
    if in_containers(folder):
        from pharos.docker.compose import compose_of  # noqa: PLC0415 - in Docker mode only
        from pharos.docker.released import ensure_image  # noqa: PLC0415

        note(f"image {ensure_image(folder, compose_of(folder, root), service, manifest.version)}")
    if as_json:
        print_json({"folder": str(place), **msgspec.structs.asdict(manifest)})
        return
    click.echo(place)
    version = manifest.version
    note(f"{service} {version} with chassis {manifest.chassis}; next: ./just {service} deploy {version}")
