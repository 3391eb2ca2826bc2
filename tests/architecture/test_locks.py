"""What is installed is pinned, by content: nobody can put another file under a name that we depend on."""

import json
import re
from pathlib import Path

import pytest
from tree import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "bootstrap/requirements.txt")
PINNED = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,._-]+\])?==[0-9][A-Za-z0-9.+!]*( ; .+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
PACKAGES = json.loads((ROOT / "platform/lens/web/package-lock.json").read_text())["packages"]


def requirements(lock: str) -> dict[str, list[str]]:
    """The hashes of each requirement."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text().replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+(?=--hash)", line.strip())
            found[requirement.strip()] = hashes
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_has_one_version_and_hashes(lock: str) -> None:
    found = requirements(lock)

    assert found
    assert [one for one in found if not PINNED.fullmatch(one)] == []
    assert [one for one, hashes in found.items() if not hashes or not all(map(HASH.fullmatch, hashes))] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_index(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()


def test_tests_run_on_what_is_served() -> None:
    served, tested = requirements(LOCKS[0]), requirements(LOCKS[1])

    assert served.items() <= tested.items()


def test_every_package_of_the_page_is_pinned_by_content() -> None:
    names = [name for name in PACKAGES if name and not PACKAGES[name].get("link")]

    assert names
    assert [name for name in names if not str(PACKAGES[name].get("integrity", "")).startswith("sha512-")] == []


@pytest.mark.parametrize("file", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda file: file.name)
def test_a_workflow_has_no_more_rights_than_to_read(file: Path) -> None:
    text = file.read_text()

    assert "permissions:\n  contents: read\n" in text
    assert "pull_request_target" not in text
