"""Backup files: what is read from a dump, and which files are refused."""

import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.database import file
from pharos.database.dump import Contents, ForeignCommand
from pharos.database.errors import BackupRefused

VALUES = st.text(st.characters(blacklist_characters="\\\t\n\r", blacklist_categories=["Cs"]), max_size=20)
ROWS = st.lists(st.lists(VALUES, min_size=2, max_size=2).map("\t".join), max_size=5)
TABLES = st.dictionaries(st.sampled_from(["thing", "other", "more"]), ROWS)


def dump(tables: dict[str, Sequence[str]], migrations: Sequence[str] = ()) -> list[bytes]:
    lines = [r"\restrict abc", "SET statement_timeout = 0;", ""]
    rows = [f"{number}\t{name}\tplain\t2026-01-01" for number, name in enumerate(migrations, 1)]
    for table, listed in {**tables, "migration": rows}.items():
        columns = "id, name, app_name, ran_on" if table == "migration" else "a, b"
        lines += [
            f"CREATE TABLE public.{table} (",
            ");",
            f"COPY public.{table} ({columns}) FROM stdin;",
            *listed,
            r"\.",
        ]
    return [f"{line}\n".encode() for line in [*lines, r"\unrestrict abc"]]


@given(TABLES, st.lists(st.from_regex(r"\A2026-0[1-9]\Z"), max_size=3, unique=True))
def test_rows_and_migrations_are_counted_as_they_stand(tables: dict[str, list[str]], migrations: list[str]) -> None:
    contents = Contents()
    for line in dump(tables, migrations):
        contents.read(line)

    assert contents.rows == {**{table: len(rows) for table, rows in tables.items()}, "migration": len(migrations)}
    assert contents.migrations == [f"plain {name}" for name in migrations]


@pytest.mark.parametrize("line", [rb"\! rm -rf /", rb"\i other.sql", rb"\copy thing to 'file'", rb"\connect other"])
def test_a_command_that_no_dump_has_is_refused(line: bytes) -> None:
    with pytest.raises(ForeignCommand):
        Contents().read(line)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    lines = dump({"thing": ["1\tx"]}, ["2026-01"])

    path, manifest = file.write(tmp_path / "backups", "plain", "1.2.3", lines)

    assert file.inspect(path) == manifest
    assert (manifest.service, manifest.version, manifest.rows["thing"]) == ("plain", "1.2.3", 1)
    assert path.stat().st_mode & 0o777 == 0o600
    with file.dump_of(path) as again:
        assert list(again) == lines


def test_a_dump_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> object:
        yield b"SET x = 1;\n"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        file.write(tmp_path / "backups", "plain", "1", broken())  # type: ignore[arg-type]
    assert list((tmp_path / "backups").iterdir()) == []


@given(st.data())
def test_no_damaged_file_is_taken_for_a_backup(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Cut off anywhere, or one byte of the dump changed."""
    folder = tmp_path_factory.mktemp("damaged")
    path, _ = file.write(folder, "plain", "1", dump({"thing": ["1\tx"] * 50}, ["2026-01"]))
    whole = path.read_bytes()
    with tarfile.open(path) as archive:
        packed = archive.getmember("dump.sql.gz")
    if data.draw(st.booleans()):
        damaged = whole[: data.draw(st.integers(0, packed.offset_data + packed.size - 1))]
    else:
        at = packed.offset_data + data.draw(st.integers(0, packed.size - 1))
        damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    path.write_bytes(damaged)

    with pytest.raises(BackupRefused) as refused:
        file.inspect(path)
    assert refused.value.hint


def test_a_manifest_that_tells_of_another_dump_is_refused(tmp_path: Path) -> None:
    path, _ = file.write(tmp_path, "plain", "1", dump({"thing": ["1\tx"]}, ["2026-01"]))
    path.write_bytes(path.read_bytes().replace(b'"thing": 1', b'"thing": 2'))

    with pytest.raises(BackupRefused, match="does not tell of this dump"):
        file.inspect(path)
