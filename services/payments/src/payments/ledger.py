"""Reading the ledger as a whole."""

from dataclasses import dataclass
from uuid import UUID

from payments.domain import Account, Money
from payments.tables import LedgerEntry

_BALANCES = """
    SELECT journal.currency, ledger_entry.account, sum(ledger_entry.amount_minor)::bigint AS balance
    FROM ledger_entry JOIN journal ON journal.journal_id = ledger_entry.journal
    GROUP BY journal.currency, ledger_entry.account
    ORDER BY journal.currency, ledger_entry.account
"""
_COUNTS = """
    SELECT count(*) AS journals, coalesce(sum(entries), 0)::bigint AS entries,
           count(*) FILTER (WHERE balance <> 0 OR entries < 2) AS unbalanced
    FROM (
        SELECT count(entry_id) AS entries, coalesce(sum(amount_minor), 0) AS balance
        FROM journal LEFT JOIN ledger_entry ON ledger_entry.journal = journal.journal_id
        GROUP BY journal.journal_id
    ) AS sums
"""


_FAULTS = """
    SELECT journal.journal_id, journal.payment_id, count(entry_id) AS entries,
           coalesce(sum(amount_minor), 0)::bigint AS sum_minor
    FROM journal LEFT JOIN ledger_entry ON ledger_entry.journal = journal.journal_id
    GROUP BY journal.journal_id, journal.payment_id
    HAVING coalesce(sum(amount_minor), 0) <> 0 OR count(entry_id) < 2
    ORDER BY journal.journal_id
    LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """A journal that does not sum to zero, or lacks an entry."""

    journal_id: UUID
    payment_id: UUID
    entries: int
    sum_minor: int


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What stands on one account in one currency: positive is a debit."""

    account: Account
    balance: Money


@dataclass(frozen=True, slots=True)
class LedgerSummary:
    """The whole ledger. `unbalanced` journals are those that do not sum to zero, `faults` the first of them."""

    balances: tuple[AccountBalance, ...]
    journals: int
    entries: int
    unbalanced: int
    faults: tuple[Unbalanced, ...]


async def summarise() -> LedgerSummary:
    """The balance of each account, and whether every journal sums to zero."""
    balances = await LedgerEntry.raw(_BALANCES)
    (counts,) = await LedgerEntry.raw(_COUNTS)
    return LedgerSummary(
        balances=tuple(
            AccountBalance(Account(row["account"]), Money(row["balance"], row["currency"])) for row in balances
        ),
        **counts,
        faults=tuple(Unbalanced(**row) for row in await LedgerEntry.raw(_FAULTS)) if counts["unbalanced"] else (),
    )
