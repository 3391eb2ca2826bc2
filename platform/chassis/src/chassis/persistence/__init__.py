"""A service's own PostgreSQL database: Piccolo tables on asyncpg, transactions, observed statements, typed errors."""

from chassis.persistence.database import Database
from chassis.persistence.engine import Transaction, after_commit, bind, current_transaction, transaction
from chassis.persistence.errors import (
    CheckViolation,
    ConstraintViolation,
    DatabaseContention,
    DatabaseUnavailable,
    ForeignKeyViolation,
    ForeignTransaction,
    NestedTransaction,
    NoTransaction,
    TransactionAborted,
    TransactionError,
    UniqueViolation,
)
from chassis.persistence.prepared import Prepared
from chassis.persistence.settings import DatabaseSettings

__all__ = [
    "CheckViolation",
    "ConstraintViolation",
    "Database",
    "DatabaseContention",
    "DatabaseSettings",
    "DatabaseUnavailable",
    "ForeignKeyViolation",
    "ForeignTransaction",
    "NestedTransaction",
    "NoTransaction",
    "Prepared",
    "Transaction",
    "TransactionAborted",
    "TransactionError",
    "UniqueViolation",
    "after_commit",
    "bind",
    "current_transaction",
    "transaction",
]
