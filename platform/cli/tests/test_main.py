import errno
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from pharos.console import print_table
from pharos.errors import CliError, NotRunning, explain
from pharos.main import COMMANDS, cli
from warden.errors import PortInUse

PHAROS = Path(sys.executable).with_name("pharos")
HEAVY = {"litestar", "piccolo", "granian", "asyncpg", "cryptography", "joserfc", "rich"}


def imported_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["pharos.main", "pharos.commands.up", "pharos.commands.status", "warden.__main__"])
def test_neither_command_line_nor_warden_imports_what_services_run_on(module: str) -> None:
    assert not imported_by(f"import {module}") & HEAVY


def test_help_lists_every_command_and_comes_at_once() -> None:
    subprocess.run([PHAROS, "--help"], check=True, capture_output=True)
    began = time.process_time_ns(), time.monotonic()
    done = subprocess.run([PHAROS, "--help"], check=True, capture_output=True, text=True)
    assert time.monotonic() - began[1] < 1.0
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "--" in result.output


def test_an_unknown_command_is_a_usage_error() -> None:
    done = subprocess.run([PHAROS, "upp"], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "upp" in done.stderr


def test_errors_are_two_lines() -> None:
    assert explain(CliError("it broke", "mend it")) == ["error: it broke", "  mend it"]
    assert explain(NotRunning("/somewhere")) == ["error: nothing is running (/somewhere)", "  start it with: ./just up"]
    assert explain(PortInUse("port 1 is in use", "choose another")) == ["error: port 1 is in use", "  choose another"]


def test_an_error_of_the_system_names_the_file_and_what_is_wrong_with_it() -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/somewhere/config.toml")
    assert explain(error) == ["error: /somewhere/config.toml: Permission denied", "  correct that, then try again"]


def test_a_defect_says_that_it_is_one_and_how_to_see_more() -> None:
    assert explain(ValueError("what nobody foresaw")) == [
        "error: ValueError: what nobody foresaw",
        "  this is a defect; PHAROS_DEBUG=1 shows where",
    ]


def test_a_reader_that_goes_away_is_no_error_worth_a_traceback() -> None:
    code = "import sys; from pharos import console, main; main.cli = lambda **_: console.print_json(list(range(99999)))"
    command = f"{sys.executable} -c '{code}; main.main()' | head -n 1"
    done = subprocess.run(["sh", "-c", command], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[\n", "")


def test_a_full_disk_is_explained() -> None:
    message, hint = explain(OSError(errno.ENOSPC, "No space left on device", "/somewhere/file"))
    assert "/somewhere/file" in message
    assert "free some" in hint


def test_a_table_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a", "long heading"), [("wide cell", "1"), ("x", "2")])
    assert capsys.readouterr().out == "a          long heading\nwide cell  1\nx          2\n"
