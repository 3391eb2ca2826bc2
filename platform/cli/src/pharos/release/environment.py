"""The environment that a release runs in."""

from pathlib import Path

from pharos.console import note
from pharos.release.steps import bootstrap
from warden.layout import StateFolder
from warden.release.artefact import environment_of, folder_of, is_complete, read
from warden.release.record import CHECKOUT, deployment_of, read_deployments


def ensure_environments(state: StateFolder, root: Path) -> None:
    """Make whatever environments of deployed releases are missing, so that they can be started, and name them.

    Raises:
        ReleaseUnknown: a deployed release is gone.
        ReleaseDamaged: a file of one is not the one that was built.
        CliError: the packages could not be installed.
    """
    for service, deployment in read_deployments(state).items():
        if deployment.current != CHECKOUT:
            note(f"{service} runs its release {deployment.current}, not the checkout's code")
            ensure_environment(state, root, service, deployment.current)


def ensure_way_back(state: StateFolder, root: Path, service: str) -> None:
    """Make the environment of the release that a rollback leads to, if it is missing.

    Raises:
        ReleaseUnknown: that release is gone.
        ReleaseDamaged: a file of it is not the one that was built.
        CliError: the packages could not be installed.
    """
    if release := deployment_of(state, service).way_back:  # neither nothing nor the checkout's code
        ensure_environment(state, root, service, release)


def ensure_environment(state: StateFolder, root: Path, service: str, version: str) -> None:
    """Make the environment of a release, unless it is whole already; what the package cache has needs no network.

    Raises:
        ReleaseUnknown: it was not built.
        ReleaseDamaged: a file is not the one that was built.
        CliError: the packages could not be installed.
    """
    read(state, service, version)
    folder, place = folder_of(state, service, version), environment_of(state, service, version)
    if not is_complete(folder, place):
        bootstrap(root, "release", folder, place)
