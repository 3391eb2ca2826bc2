"""What really comes with an import, seen in processes of their own."""

import json
import subprocess
import sys

import pytest

HEAVY = {"litestar", "piccolo", "granian", "asyncpg", "nats"}


def loaded(*modules: str) -> set[str]:
    """The top-level modules in a fresh interpreter after these imports."""
    lines = [f"import {module}" for module in modules]
    program = "; ".join(
        [*lines, "import sys, json", "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"]
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(json.loads(ran.stdout))


@pytest.mark.parametrize("module", ["pharos.main", "warden.run", "warden.docker.run"])
def test_the_command_line_and_warden_carry_no_framework(module: str) -> None:
    assert not loaded(module) & HEAVY


@pytest.mark.parametrize(
    "module",
    [
        "chassis.manifest",
        "chassis.settings",
        "chassis.discovery",
        "chassis.telemetry",
        "chassis.auth.tokens",
        "chassis.client",
    ],
)
def test_what_they_use_of_chassis_carries_none_either(module: str) -> None:
    assert not loaded(module) & HEAVY


def test_a_process_without_a_database_does_not_import_its_driver() -> None:
    assert not loaded("edge.app") & {"piccolo", "asyncpg", "nats"}


def test_importing_a_part_does_not_replace_the_standard_library() -> None:
    program = "import chassis.plugin, platform; assert platform.system(), platform.__file__"

    subprocess.run([sys.executable, "-c", program], check=True)
