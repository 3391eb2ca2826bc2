import os
import subprocess
import sys
from pathlib import Path

from warden.journal import Journal
from warden.logs import open_log, rotate, tail


def test_a_writer_that_never_reopens_goes_on_after_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    output = open_log(log)
    code = "import sys\nfor line in sys.stdin: print(line.strip(), flush=True)"
    writer = subprocess.Popen([sys.executable, "-uc", code], stdin=subprocess.PIPE, stdout=output, text=True)
    os.close(output)
    assert writer.stdin is not None
    writer.stdin.write("before\n" * 1000)
    writer.stdin.flush()
    while log.stat().st_size < 7000:
        pass

    assert rotate(log, max_bytes=1000)
    writer.communicate("after\n")

    assert log.read_text() == "after\n"
    assert (tmp_path / "part.log.1").read_text() == "before\n" * 1000


def test_only_so_many_copies_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    for number in range(6):
        log.write_text(f"{number}" * 20)
        assert rotate(log, max_bytes=10, kept=3)
    kept = {file.name: file.read_text()[0] for file in tmp_path.glob("part.log.*")}
    assert kept == {"part.log.1": "5", "part.log.2": "4", "part.log.3": "3"}


def test_a_small_or_absent_file_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    assert not rotate(log)
    log.write_text("little")
    assert not rotate(log)
    assert log.read_text() == "little"


def test_the_tail_is_the_last_lines_of_what_may_be_binary(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    assert tail(log) == []
    log.write_bytes(b"x" * 100_000 + b"\nlast but one \xff\nlast\n")
    assert tail(log, 2) == ["last but one �", "last"]


def test_a_journal_that_cannot_be_written_loses_the_entry_and_nothing_else(tmp_path: Path) -> None:
    Journal(tmp_path / "is not there" / "journal").write("exited", "orders-1", "ended by signal 9")
