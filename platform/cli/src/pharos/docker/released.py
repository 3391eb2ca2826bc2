"""The image of a release: made from the release's folder alone, and never changed."""

import hashlib
from pathlib import Path

from pharos.console import note
from pharos.docker.compose import Compose
from pharos.docker.engine import DockerError, DockerMissing, EngineUnreachable, call, own_environment
from pharos.docker.images import PULL_SECONDS
from pharos.docker.tags import image_of
from pharos.errors import CliError
from warden.layout import StateFolder
from warden.release.artefact import MANIFEST, folder_of, read
from warden.release.errors import ReleaseExists

_DIGEST, _PROJECT, _VERSION = "pharos.release.digest", "pharos.project", "pharos.release"


def ensure_image(state: StateFolder, compose: Compose, service: str, version: str) -> str:
    """The name of the image of a release; it is built unless the engine has it.

    Raises:
        ReleaseUnknown: the release was not built.
        ReleaseDamaged: a file of it is not the one that was built.
        ReleaseExists: the engine has an image of this name with another content.
        CliError: it could not be built.
    """
    manifest, folder = read(state, service, version), folder_of(state, service, version)
    image = image_of(compose, service, version)
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    there = _digest_of(image)
    if there is None:
        note(f"building the image {image}")
        labels = {_DIGEST: digest, _PROJECT: compose.project, _VERSION: manifest.version}
        _build(compose.root, folder, image, service, labels)
    elif there != digest:
        raise ReleaseExists(
            f"the image {image} was made from another content than {folder}",
            f"raise the version in services/{service}/pyproject.toml; or delete the image: docker image rm {image}",
        )
    return image


def remove_images(project: str) -> None:
    """Delete every image of a release of this system.

    Raises:
        DockerError: the engine does not answer, or a container still uses one.
    """
    words = ("image", "ls", "--quiet", "--no-trunc", "--filter", f"label={_PROJECT}={project}")
    if found := sorted(set(call(*words).split())):
        call("image", "rm", "--force", *found)


def _digest_of(image: str) -> str | None:
    """What an image was made from; None if the engine has none of this name."""
    try:
        said = call("image", "inspect", "--format", f'{{{{index .Config.Labels "{_DIGEST}"}}}}', image)
    except (DockerMissing, EngineUnreachable):
        raise
    except DockerError:
        return None
    return said.strip()


def _build(root: Path, folder: Path, image: str, service: str, labels: dict[str, str]) -> None:
    words = [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
    try:
        call(
            *("build", "--quiet", "--file", str(root / "deploy" / "release" / "Dockerfile")),
            *("--build-context", f"bootstrap={root / 'bootstrap'}"),
            *("--build-arg", f"SERVICE={service.replace('-', '_')}", "--tag", image, *words, str(folder)),
            timeout=PULL_SECONDS,
            environment=own_environment(),
        )
    except (DockerMissing, EngineUnreachable):
        raise
    except DockerError as error:
        raise CliError(f"the image {image} could not be built: {error.message}", error.hint) from None
