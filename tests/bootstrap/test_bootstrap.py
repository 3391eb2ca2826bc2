"""What a fresh checkout says when something is missing, and what it leaves behind. Nothing is downloaded here."""

import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bootstrap"))

import common  # noqa: E402
import tools  # noqa: E402

UNIX = ["sh", "cmp", "cat", "dirname", "env"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of a checkout that the bootstrap needs, without any tools."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("just", "justfile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "bootstrap", folder / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
    for project in [*ROOT.glob("platform/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]:
        place = folder / project.relative_to(ROOT)
        place.parent.mkdir(parents=True)
        shutil.copy(project, place)
    for recipes in ROOT.glob("services/*/justfile"):
        shutil.copy(recipes, folder / recipes.relative_to(ROOT))
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with nothing but what any Unix has: no Python, no just, no uv."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in UNIX:
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def just(checkout: Path, programs: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": str(programs), "HOME": str(checkout), **variables}
    return subprocess.run(
        [checkout / "just", *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def install_python(programs: Path, name: str, *, version: str | None = None) -> None:
    """This Python under a name, or a script that claims to be of another version."""
    python = programs / name
    claim = f'case "$2" in *version_info*print*|*print*version_info*) echo {version};; *) exit 1;; esac'
    python.write_text(f"#!/bin/sh\n{claim}\n" if version else f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)


def test_without_python_it_says_what_is_needed(checkout: Path, programs: Path) -> None:
    done = just(checkout, programs)
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
    assert "apt-get install" in done.stderr
    assert not (checkout / ".pharos").exists()


def test_a_python_that_is_too_old_is_named(checkout: Path, programs: Path) -> None:
    install_python(programs, "python3", version="3.9")
    done = just(checkout, programs)
    assert done.returncode == 1
    assert "python3 (3.9)" in done.stderr


def test_a_newer_python_beside_an_old_one_is_found(checkout: Path, programs: Path) -> None:
    install_python(programs, "python3", version="3.9")
    install_python(programs, "python3.12")
    done = subprocess.run(
        [checkout / "bootstrap" / "find-python"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == sys.executable


def test_an_unreachable_index_is_named_and_nothing_is_left(checkout: Path, programs: Path) -> None:
    install_python(programs, "python3")
    done = just(checkout, programs, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0", PIP_FIND_LINKS="")
    assert done.returncode == 1
    assert "index cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / ".pharos" / "tools").exists()


def test_an_installed_just_is_preferred_when_it_is_recent(checkout: Path, programs: Path) -> None:
    installed = programs / "just"
    installed.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "just 1.40.0" || echo "installed: $*"\n')
    installed.chmod(0o755)
    done = just(checkout, programs, "status", "--json")
    assert done.returncode == 0
    assert "installed: --justfile" in done.stdout
    assert done.stdout.strip().endswith("status --json")


def test_an_installed_just_that_is_too_old_is_not_used(checkout: Path, programs: Path) -> None:
    installed = programs / "just"
    installed.write_text('#!/bin/sh\necho "just 1.21.0"\n')
    installed.chmod(0o755)
    assert "Python 3.11 or newer" in just(checkout, programs).stderr


def test_tools_that_are_whole_are_used_at_once_and_others_are_not(checkout: Path, programs: Path) -> None:
    ours = checkout / ".pharos" / "tools"
    (ours / "bin").mkdir(parents=True)
    (ours / "bin" / "just").write_text('#!/bin/sh\necho "ours: $*"\n')
    (ours / "bin" / "just").chmod(0o755)
    assert just(checkout, programs).returncode == 1, "without its stamp the folder is half-made"

    shutil.copy(checkout / "bootstrap" / "requirements.txt", ours / "requirements.txt")
    began = time.monotonic()
    done = just(checkout, programs, "up")
    assert done.stdout.startswith("ours: --justfile")
    assert time.monotonic() - began < 0.3


def test_an_environment_that_fits_costs_next_to_nothing(checkout: Path) -> None:
    venv = checkout / ".pharos" / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    env = checkout / "bootstrap" / "env"
    stamp = subprocess.run([env, "stamp", "run"], capture_output=True, text=True, check=True).stdout
    (venv / "run.stamp").write_text(stamp)
    began = time.monotonic()
    subprocess.run([env, "run"], check=True)
    assert time.monotonic() - began < 0.2

    (checkout / "services" / "orders" / "pyproject.toml").open("a").write("# changed\n")
    assert subprocess.run([env, "stamp", "run"], capture_output=True, text=True, check=True).stdout != stamp


def test_without_any_installer_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools.importlib.util, "find_spec", lambda name: None)  # noqa: ARG005
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(common.BootstrapError) as raised:
        tools._installer()
    assert "venv" in raised.value.hint
    assert "apt-get install python3." in raised.value.hint


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("OSError: [Errno 28] No space left on device", "disk"),
        ("error: Failed to fetch: `https://x`\n dns error: failed to lookup", "index"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "pinned"),
        ("something else", "fetching failed"),
    ],
)
def test_failures_are_told_apart_by_what_the_installer_said(said: str, word: str) -> None:
    script = f"import sys; print({said!r}); sys.exit(1)"
    with pytest.raises(common.BootstrapError) as raised:
        common.run([sys.executable, "-c", script], "fetching")
    assert word in str(raised.value)


def test_an_interruption_ends_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        common.fail(KeyboardInterrupt())
    assert ended.value.code == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_full_disk_ends_with_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        common.fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere"))
    assert "No space left" in capsys.readouterr().err


def test_lock_files_pin_hashes_and_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "bootstrap/requirements.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text, name
        assert "pharos" not in text, name
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert text.count("--hash=sha256:") >= len(pins), name
