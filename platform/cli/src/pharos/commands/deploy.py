"""``pharos deploy``."""

from pathlib import Path

import click

from pharos.console import note
from pharos.options import json_option, state_option
from pharos.release import asking
from pharos.release.environment import ensure_environment
from pharos.state import EmbeddedSystem, find_system
from warden.layout import project_root
from warden.release.artefact import versions
from warden.release.errors import ReleaseUnknown
from warden.release.record import CHECKOUT, name_of


@click.command()
@click.argument("service")
@click.argument("version", required=False)
@click.option(
    "--skip-analysis",
    is_flag=True,
    help="Replace all replicas at once; nothing judges the release, now or later.",
)
@state_option
@json_option
def deploy(*, service: str, version: str | None, skip_analysis: bool, state: Path | None, as_json: bool) -> None:
    """Have release VERSION of SERVICE take the place of what serves; without VERSION the one built last.

    Each new replica is ready before an old one is drained, the first with a tenth of the requests: it is judged against
    the old ones, and rolled back where it does worse. VERSION `checkout` goes back to the checkout's code.
    """
    system = find_system(state)
    built = versions(system.folder, service)
    if version is None and not built:
        raise ReleaseUnknown(f"no release of {service} was built", f"build one with: ./just {service} release")
    wanted = version or built[-1]
    release = CHECKOUT if wanted == name_of(CHECKOUT) else wanted
    if release != CHECKOUT and isinstance(system, EmbeddedSystem):
        ensure_environment(system.folder, project_root(), service, release)
    if skip_analysis:
        note(f"nothing judges this release, now or later; alerts call people. Back: ./just {service} rollback")
    outcome = asking.deploy(system, service, release, skip_analysis=skip_analysis)
    asking.show(system, service, outcome, as_json=as_json, wanted="deployed")
