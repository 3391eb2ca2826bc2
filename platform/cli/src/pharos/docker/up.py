"""``up --docker``: checks, images, secrets, containers; and back again when any of it fails."""

import time
from contextlib import suppress

import msgspec

from pharos.console import note
from pharos.docker.built import digest_of, is_built, write_built
from pharos.docker.checks import require_memory, require_room
from pharos.docker.containers import volumes_of
from pharos.docker.ending import end_containers
from pharos.docker.images import build, missing_images, pull, version_of
from pharos.docker.plan import Plan, make_plan
from pharos.docker.record import DockerRecord, read_record, write_record
from pharos.docker.released import ensure_image
from pharos.docker.secrets import make_secrets
from pharos.docker.start import Start
from pharos.docker.system import own_containers
from pharos.errors import CliError
from pharos.progress_view import ProgressView, progress_view
from pharos.wish import Wish
from warden import lock
from warden.files import private_folder
from warden.layout import StateFolder
from warden.ports import require_free
from warden.progress import PartProgress, State
from warden.secrets import SUPERUSER

_IMAGES = "images"


def start_containers(folder: StateFolder, wish: Wish, began: float) -> None:
    """Bring the system up, or leave nothing of it running.

    Raises:
        CliError: it cannot be started here, or failed and has been undone.
        WardenError: so do settings that cannot be, ports in use, a full disk.
    """
    with lock.hold(folder):
        try:
            with progress_view() as view:
                _Bringing(folder, wish, view, began).run()
        except KeyboardInterrupt:
            note("stopping what was started …")
            _undo(folder)
            raise
        except Exception:
            _undo(folder)
            raise


def _undo(folder: StateFolder) -> None:
    """Nothing was begun where there is no record; what the engine says now matters less than why the start failed."""
    if read_record(folder) is not None:
        with suppress(CliError):
            end_containers(folder, hurry=True)


class _Bringing:
    """One start, from the checks to the record that it is ready."""

    def __init__(self, folder: StateFolder, wish: Wish, view: ProgressView, began: float) -> None:
        self._folder = folder
        self._wish = wish
        self._view = view
        self._began = began

    def run(self) -> None:
        plan = make_plan(self._folder, self._wish)
        self._check(plan)
        self._images(plan)
        make_secrets(self._folder, plan.compose.root, plan.services, plan.who)
        record = self._record(plan)
        write_record(self._folder, record)
        Start(plan.compose, plan.choice, plan.ports, self._folder.docker.logs, self._say).run()
        write_record(self._folder, msgspec.structs.replace(record, ready=True, seconds=self._seconds))

    def _check(self, plan: Plan) -> None:
        left = own_containers(plan.compose)
        volumes = volumes_of(plan.compose.project)
        if volumes and not (self._folder.docker.secrets / SUPERUSER).exists():
            raise CliError(
                f"there are volumes of {plan.compose.project} whose secrets are not in {self._folder.docker.secrets}",
                f"put the folder back, or delete the data: docker volume rm {' '.join(sorted(volumes))}",
            )
        require_memory(plan.engine, plan.choice)
        if not any(one.alive for one in left):
            require_free(plan.choice.ports, plan.config.port_base)

    def _images(self, plan: Plan) -> None:
        """Those of others first: that one cannot be had is known soon, and a build takes minutes."""
        users = plan.choice.foreign_images
        missing = missing_images(list(users))
        require_room(plan.engine, self._folder.path, images_missing=bool(missing))
        for image in missing:
            self._say(_IMAGES, "preparing", f"pulling {image}")
            pull(image, users[image])
        self._build(plan)
        for service, version in plan.released.items():
            note(f"{service} runs its release {version}, not the checkout's code")
            ensure_image(self._folder, plan.compose, service, version)
        self._say(_IMAGES, "ready")

    def _build(self, plan: Plan) -> None:
        root, parts = plan.compose.root, plan.choice.model.services
        ours = {name: parts[name] for name in plan.choice.built if name not in plan.released}
        images = [part.image for part in ours.values()]
        inputs = digest_of(root, [root / part.build.dockerfile for part in ours.values() if part.build])
        record = self._folder.docker.path / "images.json"
        if not ours or is_built(record, inputs, images):
            return
        said: set[str] = set()

        def say(step: str) -> None:
            if step not in said:
                said.add(step)
                self._say(_IMAGES, "preparing", step)

        say("building")
        build(plan.compose, list(ours), private_folder(self._folder.docker.logs) / "build.log", say)
        write_built(record, inputs, images)

    def _record(self, plan: Plan) -> DockerRecord:
        parts = plan.choice.model.services
        return DockerRecord(
            project=plan.compose.project,
            root=str(plan.compose.root),
            port_base=plan.config.port_base,
            without=list(plan.choice.absent),
            replicas=plan.config.replicas,
            parts=dict(plan.choice.parts),
            versions={name: version_of(parts[name], plan.compose.root) for name in plan.choice.parts} | plan.released,
            started=time.time(),
            chaos=plan.chaos,
        )

    def _say(self, part: str, state: State, detail: str = "") -> None:
        self._view.show(PartProgress(part=part, state=state, detail=detail, seconds=self._seconds))

    @property
    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 3)
