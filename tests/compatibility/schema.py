"""The schema of a database as far as older code can be broken by it, and what of a change breaks it."""

from dataclasses import dataclass
from typing import Any

_WIDER = {
    "smallint": {"integer", "bigint"},
    "integer": {"bigint"},
    "character varying": {"text"},
    "real": {"double precision"},
}

_COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type, c.character_maximum_length,
       c.is_nullable = 'YES' AS nullable, c.column_default IS NOT NULL OR c.is_identity = 'YES' AS filled
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
"""
_RULES = """
SELECT conrelid::regclass::text AS table_name, conname AS name FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'f', 'x')
UNION
SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relnamespace = 'public'::regnamespace AND indisunique AND NOT indisprimary
"""


@dataclass(frozen=True)
class Column:
    """One column; `length` is that of a bounded text, `filled` whether the database has a value for who gives none."""

    type: str
    nullable: bool
    filled: bool
    length: int | None = None


@dataclass(frozen=True)
class Schema:
    """The columns of each table, and the names of the rules (checks, keys, unique indexes) that rows must obey."""

    tables: dict[str, dict[str, Column]]
    rules: dict[str, frozenset[str]]


async def read_schema(connection: Any) -> Schema:
    """The schema of the database behind an asyncpg connection."""
    tables: dict[str, dict[str, Column]] = {}
    for row in await connection.fetch(_COLUMNS):
        column = Column(row["data_type"], row["nullable"], row["filled"], row["character_maximum_length"])
        tables.setdefault(row["table_name"], {})[row["column_name"]] = column
    rules: dict[str, set[str]] = {}
    for row in await connection.fetch(_RULES):
        rules.setdefault(row["table_name"].strip('"'), set()).add(row["name"])
    return Schema(tables, {table: frozenset(names) for table, names in rules.items()})


def breaking(before: Schema, after: Schema) -> list[str]:
    """What code that knows the schema before cannot live with, in words; tables that are new break nobody."""
    found = []
    for table, columns in before.tables.items():
        if table not in after.tables:
            found.append(f"table {table} is gone")
            continue
        now = after.tables[table]
        for name, column in columns.items():
            found += [f"column {name} of {table} {what}" for what in _worse(column, now.get(name))]
        new = [name for name, column in now.items() if name not in columns and not column.nullable]
        found += [
            f"column {name} of {table} is new, NOT NULL and without default" for name in new if not now[name].filled
        ]
        tightened = after.rules.get(table, frozenset()) - before.rules.get(table, frozenset())
        found += [
            f"rule {name} of {table} is new, and rows of older code may not obey it" for name in sorted(tightened)
        ]
    return found


def _worse(before: Column, after: Column | None) -> list[str]:
    if after is None:
        return ["is gone"]
    found = []
    if before.nullable and not after.nullable:
        found.append("takes NULL no longer")
    if before.filled and not after.filled and not after.nullable:
        found.append("has lost its default")
    if before.type != after.type and after.type not in _WIDER.get(before.type, set()):
        found.append(f"became {after.type}, which does not hold every {before.type}")
    if after.length is not None and (before.length is None or after.length < before.length):
        found.append(f"holds only {after.length} characters")
    return found
