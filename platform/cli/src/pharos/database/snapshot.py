"""Backing up one database and putting a backup back."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from chassis.locks import MIGRATION
from pharos.database import file
from pharos.database.errors import BackupRefused, InUse, ToolFailed
from pharos.database.process import output_of, run
from pharos.database.store import Store, migrations_of

_CONNECTED = "other processes are connected to this database"

# The whole of it is one transaction, which only the last line commits: whoever dies before it leaves what was there.
_BEGIN = f"""\
BEGIN;
SET LOCAL lock_timeout = '10s';
SELECT pg_advisory_xact_lock({MIGRATION});
DO $restore$
DECLARE
    found record;
BEGIN
    IF EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()) THEN
        RAISE EXCEPTION '{_CONNECTED}';
    END IF;
    FOR found IN SELECT c.oid::regclass AS name FROM pg_class c
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', found.name);
    END LOOP;
    FOR found IN SELECT c.oid::regclass AS name, c.relkind AS kind FROM pg_class c
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('S', 'v', 'm') LOOP
        EXECUTE format('DROP %s IF EXISTS %s CASCADE', CASE found.kind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
                       ELSE 'MATERIALIZED VIEW' END, found.name);
    END LOOP;
    FOR found IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', found.name);
    END LOOP;
    FOR found IN SELECT t.oid::regtype AS name FROM pg_type t
                 WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd') LOOP
        EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', found.name);
    END LOOP;
END
$restore$;
"""  # noqa: S608 - the key is ours
_COMMIT = "COMMIT;\n"
_COUNT = """\
SELECT format('SELECT %L, count(*) FROM public.%I;', relname, relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migration' ORDER BY relname \\gexec
"""
_DUMP = ("--format=plain", "--no-owner", "--no-privileges", "--lock-wait-timeout=10s", "--encoding=UTF8")


def back_up(store: Store, progress: Callable[[int], None]) -> tuple[Path, file.Manifest]:
    """Write a consistent snapshot; `progress` is told of bytes dumped. Safe beside running replicas.

    Raises:
        ToolFailed: the database is away, or a migration holds its tables.
        OSError: the disk is full.
    """
    dump = _told(output_of(store.tool("pg_dump", *_DUMP)), progress)
    return file.write(store.backups, store.service.name, store.service.version, dump)


def examine(store: Store, path: Path) -> file.Manifest:
    """See that a backup is whole, of this service, and no newer than this code.

    Raises:
        BackupRefused: it is not; the error says what to do.
        InUse: replicas of the service run.
        ToolFailed: the database is away.
    """
    manifest = file.inspect(path)
    name = store.service.name
    if manifest.service != name:
        raise BackupRefused(
            f"{path} is a backup of {manifest.service}, not of {name}",
            f"restore it with: ./just {manifest.service} restore {path}",
        )
    status = migrations_of(store)
    if newer := sorted(set(manifest.migrations) - {*status.applied, *status.pending}):
        raise BackupRefused(
            f"{path} is newer than this code: it has the migration {newer[-1]}",
            f"check out the release it was made with ({name} {manifest.version}) or a later one, then restore it",
        )
    replicas, stop = store.serving()
    if replicas:
        raise InUse(f"{', '.join(replicas)} would work on while the data is replaced", f"stop it first with: {stop}")
    return manifest


def rows_of(store: Store) -> dict[str, int]:
    """The rows of each table now, but of the record of migrations.

    Raises:
        ToolFailed: the database is away.
    """
    said = run(store.tool("psql", *_QUIET), [_COUNT.encode()]).decode()
    return {table: int(number) for table, _, number in (line.rpartition("|") for line in said.splitlines())}


def put_back(store: Store, path: Path, progress: Callable[[int], None]) -> None:
    """Replace the database by what is in an examined backup, all of it or nothing.

    Raises:
        InUse: something that is no replica is connected.
        ToolFailed: it could not be; what was there is there still.
    """
    store.before_restore()
    try:
        with file.dump_of(path) as dump:
            run(store.tool("psql", *_QUIET), _told(_script(dump), progress))
    except ToolFailed as error:
        if _CONNECTED not in error.message:
            raise
        raise InUse(_CONNECTED, "end what you started beside the system, such as ./just SERVICE run") from None


_QUIET = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")


def _script(dump: Iterable[bytes]) -> Iterator[bytes]:
    yield _BEGIN.encode()
    yield from dump
    yield _COMMIT.encode()


def _told(lines: Iterable[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    for line in lines:
        done += len(line)
        progress(done)
        yield line
