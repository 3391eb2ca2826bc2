"""Releases of the real services, built from copies of their sources."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from pharos.errors import CliError
from pharos.release.build import build
from pharos.release.environment import ensure_environment
from warden.errors import WardenError
from warden.layout import StateFolder, project_root
from warden.release.artefact import read, released, versions
from warden.release.errors import ReleaseDamaged, ReleaseExists

ROOT = project_root(Path(__file__).parent)


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The sources of a service, to be changed."""
    place = tmp_path / "notifications"
    shutil.copytree(ROOT / "services" / "notifications", place)
    return place


def set_version(source: Path, version: str) -> None:
    project = source / "pyproject.toml"
    project.write_text(project.read_text().replace('version = "0.1.0"', f'version = "{version}"'))


def test_a_release_has_wheels_locked_requirements_and_contracts_each_with_its_digest(
    state: StateFolder, source: Path
) -> None:
    manifest, place = build(state, ROOT, source)

    assert place == state.releases / "notifications" / "0.1.0"
    assert {"service.toml", "openapi.json", "asyncapi.json", "requirements.txt"} <= set(manifest.files)
    assert [name.split("-")[0] for name in sorted(manifest.files) if name.endswith(".whl")] == [
        "pharos_chassis",
        "pharos_notifications",
    ]
    for name, digest in manifest.files.items():
        assert hashlib.sha256((place / name).read_bytes()).hexdigest() == digest
    requirements = (place / "requirements.txt").read_text()
    assert "litestar==" in requirements
    assert "rust-just" not in requirements
    assert "psutil==" not in requirements  # warden's


def test_the_same_content_is_the_same_release_and_other_content_needs_another_version(
    state: StateFolder, source: Path
) -> None:
    first, place = build(state, ROOT, source)
    assert build(state, ROOT, source) == (first, place)
    (source / "src" / "notifications" / "more.py").write_text("MORE = 1\n")

    with pytest.raises(ReleaseExists, match="whl") as caught:
        build(state, ROOT, source)

    assert "raise the version" in caught.value.hint
    assert read(state, "notifications", "0.1.0") == first
    set_version(source, "0.2.0")
    build(state, ROOT, source)
    assert versions(state, "notifications") == ["0.1.0", "0.2.0"]
    assert [one.name for one in (state.releases / "notifications").iterdir() if one.name.startswith(".")] == []


def test_a_dependency_that_is_not_locked_is_named(state: StateFolder, source: Path) -> None:
    project = source / "pyproject.toml"
    project.write_text(project.read_text().replace('"pharos-chassis",', '"pharos-chassis",\n    "not-locked>=1",', 1))

    with pytest.raises(CliError, match="not-locked") as caught:
        build(state, ROOT, source)

    assert "./just lock" in caught.value.hint


def test_its_environment_has_its_own_code_and_chassis_and_no_others(state: StateFolder, source: Path) -> None:
    set_version(source, "7.0.0")
    build(state, ROOT, source)

    with pytest.raises(ReleaseDamaged, match="no environment"):
        released(state, "notifications", "7.0.0")
    ensure_environment(state, ROOT, "notifications", "7.0.0")

    service = released(state, "notifications", "7.0.0")
    script = (
        "import chassis, notifications, importlib.metadata as m, importlib.util as u;"
        "print(m.version('pharos-notifications'), chassis.__file__, u.find_spec('warden'))"
    )
    said = subprocess.run([service.python, "-Pc", script], check=True, capture_output=True, text=True, cwd="/").stdout
    version, chassis, warden = said.split()
    assert (version, warden) == ("7.0.0", "None")
    assert Path(chassis).is_relative_to(state.environments / "notifications" / "7.0.0")


def test_a_release_that_was_changed_is_refused(state: StateFolder, source: Path) -> None:
    _, place = build(state, ROOT, source)
    (place / "service.toml").chmod(0o644)
    (place / "service.toml").write_text("")

    with pytest.raises(WardenError, match=r"service\.toml is not the file that was built"):
        ensure_environment(state, ROOT, "notifications", "0.1.0")
