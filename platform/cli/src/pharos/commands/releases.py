"""``pharos releases``."""

from pathlib import Path

import click

from pharos.console import print_json, print_table
from pharos.options import json_option, state_option
from pharos.state import folder_of, in_containers
from warden.release.artefact import versions
from warden.release.record import CHECKOUT, deployment_of, name_of


@click.command()
@click.argument("service")
@state_option
@json_option
def releases(*, service: str, state: Path | None, as_json: bool) -> None:
    """Show the releases of SERVICE that were built, which of them serves, and where a rollback would lead."""
    folder = folder_of(state)
    deployment = deployment_of(folder.docker if in_containers(folder) else folder, service)
    current, rollout = deployment.current, deployment.rollout
    states = dict.fromkeys((CHECKOUT, *versions(folder, service), current), "")
    if deployment.earlier:
        states[deployment.earlier[-1]] = "earlier"
    if rollout:
        states[rollout.target] = {"canary": "on trial", "replacing": "on its way"}[rollout.phase]
    states[current] = "serves"
    if as_json:
        print_json({"service": service, "current": name_of(current), "built": versions(folder, service),
                    "earlier": [name_of(one) for one in deployment.earlier],
                    "rollout": {"target": name_of(rollout.target), "phase": rollout.phase, "undoing": rollout.undoing,
                                "reason": rollout.reason} if rollout else None})  # fmt: skip
        return
    print_table(["release", ""], ([name_of(release), said] for release, said in states.items()))
