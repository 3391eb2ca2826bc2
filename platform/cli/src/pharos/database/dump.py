"""Reading along in what pg_dump writes (plain format): how many rows of each table, and which migrations ran.

Taken from the dump itself, the figures belong to the same snapshot as the data.
"""

import re
from dataclasses import dataclass, field

_COPY = re.compile(rb'^COPY public\.("[^"]+"|[a-z0-9_]+) \(([^)]*)\) FROM stdin;$')
_END = rb"\."
_MIGRATIONS = "migration"
_OWN_COMMANDS = (rb"\restrict", rb"\unrestrict")  # the only ones that pg_dump writes


class ForeignCommand(Exception):
    """The text has a command for psql that pg_dump does not write."""


@dataclass(slots=True)
class Contents:
    """What has been seen so far.

    Attributes:
        rows: the number of rows by table, also of those without any.
        migrations: as `app id`, in the order of their rows.
    """

    rows: dict[str, int] = field(default_factory=dict)
    migrations: list[str] = field(default_factory=list)
    _table: str | None = None
    _columns: list[str] = field(default_factory=list)

    def read(self, line: bytes) -> None:
        """Take in the next line.

        Raises:
            ForeignCommand: outside of data, a line begins with a backslash and is none of pg_dump's.
        """
        line = line.rstrip(b"\r\n")
        if self._table is None:
            self._read_statement(line)
        elif line == _END:
            self._table = None
        else:
            self.rows[self._table] += 1
            if self._table == _MIGRATIONS:
                values = dict(zip(self._columns, line.decode().split("\t"), strict=False))
                self.migrations.append(f"{values['app_name']} {values['name']}")

    def _read_statement(self, line: bytes) -> None:
        if line.startswith(b"\\") and not line.startswith(_OWN_COMMANDS):
            raise ForeignCommand(line[:40].decode(errors="replace"))
        if found := _COPY.match(line):
            self._table = found[1].decode().strip('"')
            self._columns = [name.strip().strip('"') for name in found[2].decode().split(",")]
            self.rows[self._table] = 0
