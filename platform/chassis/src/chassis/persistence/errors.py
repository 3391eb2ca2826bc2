"""What goes wrong between a service and its database, told apart: outages, broken rules of the data, mistakes in code.

An outage becomes `chassis.errors.Unavailable` (503). A violated constraint becomes a typed error that a handler may
turn into an answer of its own. Everything else is a defect and stays what it was (500).
"""

from typing import ClassVar

import asyncpg

from chassis.errors import Unavailable

RETRY_AFTER_S = 1.0

_OUTAGE_CLASSES = frozenset({"08", "28", "3D", "53", "57", "58", "XX"})
"""SQLSTATE classes (PostgreSQL manual, appendix A): connection, authorisation, no such database, no resources,
operator intervention (with statement timeouts), system error, internal error."""
_CONTENTION = frozenset({"40001", "40P01", "55P03", "25P03", "25P04"})
"""Serialisation failure, deadlock, lock not available, and the server's own time limits on transactions."""


_GONE = ("clos", "released back")
"""In asyncpg's words for using a connection that has broken, or a pool that is closing; it has no types for them."""
_BROKEN = "cannot switch to state"
"""In asyncpg's words for a statement sent after the server's last words, while the connection is ending."""


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached or does not answer in time; whether a COMMIT took effect may be unknown."""

    reason = "database-unavailable"
    title = "The database is unavailable"


class DatabaseContention(Unavailable):
    """The transaction lost against others (deadlock, lock timeout) and was rolled back; it may be tried again."""

    reason = "database-contention"
    title = "The database is busy"


class TransactionError(RuntimeError):
    """A mistake in the use of transactions: a defect of the code, not of the request."""

    reason: ClassVar[str] = "transaction-misused"


class NestedTransaction(TransactionError):
    """`transaction()` was entered inside another one."""

    reason = "transaction-nested"


class NoTransaction(TransactionError):
    """Something that must be part of a transaction was called outside one."""

    reason = "transaction-missing"


class ForeignTransaction(TransactionError):
    """A task uses the database inside the open transaction of the task that started it; start it after the commit."""

    reason = "transaction-foreign"


class TransactionAborted(TransactionError):
    """A statement inside the transaction failed, the error was caught, and so the commit became a rollback."""

    reason = "transaction-aborted"


class ConstraintViolation(Exception):
    """The data would break a rule of the schema.

    Attributes:
        constraint: the name of the constraint or unique index.
        table: the table's name.
    """

    reason: ClassVar[str] = "constraint-violated"

    def __init__(self, constraint: str, table: str) -> None:
        super().__init__(f"{self.reason}: {constraint} of table {table}")
        self.constraint = constraint
        self.table = table


class UniqueViolation(ConstraintViolation):
    """A row with this key exists. Inside a transaction the whole of it is lost: catch it outside the block."""

    reason = "unique-violated"


class ForeignKeyViolation(ConstraintViolation):
    """The row refers to one that does not exist, or is still referred to."""

    reason = "foreign-key-violated"


class CheckViolation(ConstraintViolation):
    """A CHECK constraint of the table refused the row."""

    reason = "check-violated"


_CONSTRAINTS: dict[str, type[ConstraintViolation]] = {
    "23505": UniqueViolation,
    "23503": ForeignKeyViolation,
    "23514": CheckViolation,
}


def conceal(error: BaseException) -> None:
    """Take a row's values out of the server's error: its detail quotes them, and errors end in logs and spans."""
    if isinstance(error, asyncpg.PostgresError):
        error.detail = None


def translate(error: BaseException) -> Exception | None:
    """The error to raise in place of a driver's, or None where it stands for itself."""
    if isinstance(error, asyncpg.PostgresError):
        return _translate_sqlstate(error)
    if isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in _GONE):
        return DatabaseUnavailable("The connection to the database is closed.", retry_after=RETRY_AFTER_S)
    if isinstance(error, asyncpg.InternalClientError) and _BROKEN in str(error):
        return DatabaseUnavailable("The connection to the database is breaking.", retry_after=RETRY_AFTER_S)
    if isinstance(error, TimeoutError):
        return DatabaseUnavailable("The database did not answer in time.", retry_after=RETRY_AFTER_S)
    if isinstance(error, OSError):
        return DatabaseUnavailable("The database cannot be reached.", retry_after=RETRY_AFTER_S)
    return None


def _translate_sqlstate(error: asyncpg.PostgresError) -> Exception | None:
    state = error.sqlstate or ""
    if violation := _CONSTRAINTS.get(state):
        return violation(getattr(error, "constraint_name", None) or "?", getattr(error, "table_name", None) or "?")
    if state in _CONTENTION:
        return DatabaseContention(retry_after=RETRY_AFTER_S)
    if state[:2] in _OUTAGE_CLASSES:
        return DatabaseUnavailable(f"The database refused the statement (SQLSTATE {state}).", retry_after=RETRY_AFTER_S)
    return None
