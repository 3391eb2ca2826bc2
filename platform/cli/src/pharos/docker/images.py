"""The images: those of others are pulled when they are not here, ours are built when something in them changed."""

import re
import subprocess
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from pharos.docker.choice import OPTIONAL
from pharos.docker.compose import Compose, end_call
from pharos.docker.engine import DockerError, DockerMissing, EngineUnreachable, call
from pharos.docker.model import Part
from pharos.errors import CliError
from warden.logs import tail

PULL_SECONDS = 1800.0
_STEP = re.compile(r"#\d+ \[([a-z-]+) [^]]*\d+/\d+\]")
_SHOWN_LINES = 15
Say = Callable[[str], None]


class ImageMissing(CliError):
    """An image is neither here nor to be had."""

    reason = "image-missing"


def missing_images(images: Sequence[str]) -> list[str]:
    """Those that the engine does not have.

    Raises:
        DockerError: the engine does not answer.
    """
    if not images or _here(*images):
        return []
    return [image for image in images if not _here(image)]


def pull(image: str, users: Sequence[str]) -> None:
    """Fetch an image that these parts use.

    Raises:
        ImageMissing: with what docker said, and how to do without.
    """
    try:
        call("image", "pull", "--quiet", image, timeout=PULL_SECONDS)
    except DockerError as error:
        raise ImageMissing(
            f"the image {image} ({', '.join(users)}) is not here and cannot be pulled: {error.message}", _way_out(users)
        ) from None


def build(compose: Compose, parts: Sequence[str], log: Path, say: Say) -> None:
    """Build the images of these parts, of which the engine keeps every step that has not changed.

    Raises:
        CliError: it failed; its last lines are the error's log.
    """
    process = compose.start("--progress", "plain", "build", *parts, output=subprocess.PIPE)
    assert process.stdout is not None
    try:
        with log.open("wb") as output:
            for line in process.stdout:
                output.write(line)
                if part := part_of(line.decode(errors="replace"), parts):
                    say(f"building {part}")
        code = process.wait()
    finally:
        end_call(process)
    if code:
        raise CliError("the images could not be built", f"see {log}", log=tail(log, _SHOWN_LINES))


def part_of(line: str, parts: Sequence[str]) -> str:
    """The part that a line of the build's output is about; empty for other lines."""
    found = _STEP.match(line)
    return found[1] if found and found[1] in parts else ""


def version_of(part: Part, root: Path) -> str:
    """That of the distribution that an image of ours is built from, or the tag of another's."""
    if part.build is None:
        return part.image.rpartition(":")[2]
    project = tomllib.loads(((root / part.build.dockerfile).parent / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def _here(*images: str) -> bool:
    try:
        call("image", "inspect", "--format", "{{.Id}}", *images)
    except (DockerMissing, EngineUnreachable):
        raise
    except DockerError:
        return False
    return True


def _way_out(users: Sequence[str]) -> str:
    if all(user in OPTIONAL for user in users):
        without = " ".join(f"--without {user}" for user in users)
        return f"do without it: ./just up --docker {without}"
    return "see that the registry can be reached, then try again"
