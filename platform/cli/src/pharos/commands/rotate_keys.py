"""``pharos rotate-keys [NAME…]``: new signing keys for the services of a running system."""

import json
import time
from pathlib import Path

import click
import msgspec

from chassis.auth.keys import generate
from pharos.console import note, print_json
from pharos.docker.system import DockerSystem
from pharos.errors import CliError
from pharos.options import json_option, state_option
from pharos.state import find_system
from warden.rotation import LEAD_S, rotated
from warden.secrets import OPERATOR


class Rotation(msgspec.Struct, frozen=True):
    """An issuer's new key, and the Unix time from which it is signed with."""

    issuer: str
    kid: str
    use_from: float


@click.command("rotate-keys")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--lead",
    type=click.FloatRange(min=0),
    default=LEAD_S,
    show_default=True,
    help="Seconds from now until the new key is signed with; less than 630 may refuse calls until verifiers know it.",
)
@json_option
@state_option
def rotate_keys(*, names: tuple[str, ...], lead: float, as_json: bool, state: Path | None) -> None:
    """Give services new signing keys, all of them or those named; nothing restarts.

    The new key is published at once and signed with after the lead; the old one stays published until its last token
    has ended. `user-tokens` is what customers' tokens are signed with.
    """
    system = find_system(state)
    folder = system.folder.docker if isinstance(system, DockerSystem) else system.folder
    done = [_rotate(file, time.time(), lead) for file in _files(folder.secrets, names)]
    if as_json:
        print_json(msgspec.to_builtins(done))
        return
    for rotation in done:
        note(f"{rotation.issuer}: key {rotation.kid} is published, and signed with in {lead:g} s")


def _files(folder: Path, names: tuple[str, ...]) -> list[Path]:
    known = {file.stem.removeprefix("key-"): file for file in sorted(folder.glob("key-*.jwk"))}
    known.pop(OPERATOR, None)
    if unknown := sorted(set(names) - set(known)):
        raise CliError(f"there is no key of {unknown[0]}", f"name one of {', '.join(known)}")
    return [file for name, file in known.items() if not names or name in names]


def _rotate(file: Path, now: float, lead: float) -> Rotation:
    """Written over in place: a container holds the file itself, and would not see another one under its name."""
    issuer = file.stem.removeprefix("key-")
    key = generate(f"{issuer}-{int(now * 1000):x}")
    document = rotated(json.loads(file.read_text()), key, now=now, lead=lead)
    with file.open("r+") as written:
        written.write(json.dumps(document))
        written.truncate()
    return Rotation(issuer, str(key["kid"]), document["keys"][-1]["use_from"])
