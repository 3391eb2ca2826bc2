"""``up --docker``: checks, images, secrets, containers; and back again when any of it fails."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from pharos.console import note
from pharos.docker.checks import require_compose, require_memory, require_room
from pharos.docker.choice import Choice, choose
from pharos.docker.compose import Compose, compose_of
from pharos.docker.containers import volumes_of
from pharos.docker.ending import end_containers
from pharos.docker.engine import Info, info
from pharos.docker.images import build, missing_images, pull, version_of
from pharos.docker.record import DockerRecord, read_record, write_record
from pharos.docker.secrets import make_secrets
from pharos.docker.settings import Reader, file_of, reader, variables
from pharos.docker.start import Start
from pharos.docker.system import own_containers
from pharos.errors import CliError
from pharos.progress_view import ProgressView, progress_view
from pharos.wish import Wish
from warden import lock
from warden.catalog import Service, read_services
from warden.config import Config, read_config
from warden.files import private_folder, write_atomically
from warden.layout import Ports, StateFolder, project_root
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
    with lock.hold(folder), progress_view() as view:
        _Bringing(folder, wish, view, began).run()


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is decided before anything is done."""

    compose: Compose
    choice: Choice
    config: Config
    services: list[Service]
    engine: Info
    who: Reader
    without: tuple[str, ...]

    @property
    def ports(self) -> Ports:
        return Ports(self.config.port_base)


class _Bringing:
    """One start, from the checks to the record that it is ready."""

    def __init__(self, folder: StateFolder, wish: Wish, view: ProgressView, began: float) -> None:
        self._folder = folder
        self._wish = wish
        self._view = view
        self._began = began

    def run(self) -> None:
        plan = self._plan()
        self._check(plan)
        self._images(plan)
        make_secrets(self._folder, plan.compose.root, plan.services, plan.who)
        with self._undone_on_failure():
            record = self._record(plan)
            write_record(self._folder, record)
            Start(plan.compose, plan.choice, plan.ports, self._folder.docker.logs, self._say).run()
            write_record(self._folder, msgspec.structs.replace(record, ready=True, seconds=self._seconds))

    def _plan(self) -> _Plan:
        engine = info()
        require_compose()
        root = project_root()
        config, without = self._settings()
        services = read_services(root)
        compose = compose_of(self._folder, root)
        who = reader(os.geteuid(), os.getegid(), remapped=engine.remaps_users)
        found = variables(Ports(config.port_base), self._folder.docker.secrets, who, config.retention)
        private_folder(self._folder.docker.path)
        write_atomically(compose.settings, file_of(found))
        choice = choose(compose.model(), without, config.replicas, [service.name for service in services])
        return _Plan(compose, choice, config, services, engine, who, without)

    def _settings(self) -> tuple[Config, tuple[str, ...]]:
        """Options go before the settings of what an interrupted start left, and those before the file's."""
        config, without = read_config(self._folder.config), self._wish.without
        left = read_record(self._folder)
        if left is not None:
            config = config.changed(port_base=left.port_base, replicas=left.replicas)
            without = without or tuple(left.without)
        return config.changed(port_base=self._wish.port_base, replicas=self._wish.replicas), without

    def _check(self, plan: _Plan) -> None:
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

    def _images(self, plan: _Plan) -> None:
        """Those of others first: that one cannot be had is known soon, and a build takes minutes."""
        users = plan.choice.foreign_images
        missing = missing_images(list(users))
        require_room(plan.engine, self._folder.path, images_missing=bool(missing))
        for image in missing:
            self._say(_IMAGES, "preparing", f"pulling {image}")
            pull(image, users[image])
        self._say(_IMAGES, "preparing", "building")
        log = private_folder(self._folder.docker.logs) / "build.log"
        said = ""

        def say(step: str) -> None:
            nonlocal said
            if step != said:
                said = step
                self._say(_IMAGES, "preparing", step)

        build(plan.compose, plan.choice.built, log, say)
        self._say(_IMAGES, "ready")

    def _record(self, plan: _Plan) -> DockerRecord:
        parts = plan.choice.model.services
        return DockerRecord(
            project=plan.compose.project,
            root=str(plan.compose.root),
            port_base=plan.config.port_base,
            without=list(plan.choice.absent),
            replicas=plan.config.replicas,
            parts=dict(plan.choice.parts),
            versions={name: version_of(parts[name], plan.compose.root) for name in plan.choice.parts},
            started=time.time(),
        )

    @contextmanager
    def _undone_on_failure(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            note("stopping what was started …")
            end_containers(self._folder, hurry=True)
            raise
        except Exception:
            end_containers(self._folder, hurry=True)
            raise

    def _say(self, part: str, state: State, detail: str = "") -> None:
        self._view.show(PartProgress(part=part, state=state, detail=detail, seconds=self._seconds))

    @property
    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 3)
