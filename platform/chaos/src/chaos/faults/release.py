"""Faults of releases: a real one, built from a service's sources, that answers some requests with an error."""

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from chaos.command import pharos
from chaos.errors import ChaosError
from chaos.guard import TakeBack
from chaos.session import Session, session_of
from pharos.release.environment import ensure_environment
from warden.control import ask
from warden.layout import project_root
from warden.release.artefact import environment_of, folder_of

Configuration = Mapping[str, Any]
_MOST_REPLICAS: Final = 16
_VERSION: Final = re.compile(r'^version = "([^"]+)"', re.MULTILINE)
_DEFECT: Final = '''\
"""Serve, but not as it should be: a share of the requests fails."""

import random

from chassis.http.asgi import add_layer


def defect(app):
    async def serve(scope, receive, send):
        path = scope.get("path", "/health/")
        if not path.startswith(("/health/", "/metrics")) and random.random() < {share}:
            raise RuntimeError("a defect of this release")
        await app(scope, receive, send)

    return serve


add_layer(defect)
'''


def build_bad(service: str, share: float, configuration: Configuration) -> None:
    """Build a release of a service that fails a share of its requests; nothing runs it yet."""
    session = session_of(configuration)
    state, root = session.system.folder, project_root()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / service
        version = _write_bad(root / "services" / service, source, share)
        pharos(state.path, "release", service, "--source", str(source))
    ensure_environment(state, root, service, version)
    session.bad_release = version


def deploy_bad(service: str, configuration: Configuration) -> None:
    """Deploy it, and wait until warden has taken it back.

    Raises:
        ChaosError: warden let it serve.
    """
    session = session_of(configuration)
    session.keep(_deployed(session, service, session.bad_release))


@contextmanager
def _deployed(session: Session, service: str, version: str) -> Iterator[None]:
    state = session.system.folder
    with session.guard.holding(TakeBack(str(state.path), service, version)):
        session.strike(service, *(f"{service}-{number}" for number in range(1, _MOST_REPLICAS + 1)))
        outcome = asyncio.run(ask(state, "deploy", {"service": service, "version": version}))
        if outcome["outcome"] != "rolled-back":
            raise ChaosError(f"warden did not take {service} {version} back: {outcome['outcome']}")
        yield
    for unused in (folder_of(state, service, version), environment_of(state, service, version)):
        shutil.rmtree(unused)


def _write_bad(good: Path, place: Path, share: float) -> str:
    """Copy a service's sources, with a version of their own and the defect; the version."""
    shutil.copytree(good, place, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    project = place / "pyproject.toml"
    text = project.read_text()
    found = _VERSION.search(text)
    if found is None:
        raise ChaosError(f"{good / 'pyproject.toml'} names no version", "give it one")
    version = f"{found[1]}.post{int(time.time())}"
    project.write_text(text.replace(found[0], f'version = "{version}"', 1))
    start = place / "src" / good.name / "__main__.py"
    start.write_text(_DEFECT.format(share=share) + start.read_text())
    return version
