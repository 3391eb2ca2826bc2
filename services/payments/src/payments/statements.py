"""The SQL of payments' requests: each statement does one thing whole, so that an order needs few of them.

What a statement finds out under a lock, it decides on in the same breath; PostgreSQL evaluates the conditions anew when
it had to wait for a row. Locks are always taken in the order of order, payment, operation.
"""

from typing import Final

from chassis.persistence import Prepared
from payments.tables import Payment

_READ: Final = """
    SELECT payment.payment_id, payment.order_id, payment.card_token, payment.status, payment.amount_minor,
           payment.currency, payment.refunded_minor, payment.cancelled, payment.decline_reason, payment.created_at,
           operation.provider_key, operation.kind, operation.amount_minor AS operation_minor,
           operation.status AS progress, operation.attempts, operation.traceparent, operation.correlation_id,
           (SELECT held.reference FROM operation AS held
            WHERE held.payment = payment.payment_id AND held.kind = 'authorise') AS authorisation
"""

PAYMENT: Final = Prepared(lambda payment_id: Payment.select().where(Payment.payment_id == payment_id))

PAYMENT_UNDER_WAY: Final = Prepared(
    _READ
    + """
    FROM payment LEFT JOIN operation ON operation.payment = payment.payment_id AND operation.status = 'pending'
    WHERE payment.payment_id = $1
    """
)
"""A payment and, if there is one, its operation that the provider has not answered."""

OPERATION: Final = Prepared(
    _READ
    + """
    FROM operation JOIN payment ON payment.payment_id = operation.payment
    WHERE operation.provider_key = $1
    """
)

DUE: Final = Prepared(
    _READ
    + """
    FROM operation JOIN payment ON payment.payment_id = operation.payment
    WHERE operation.status = 'pending' AND operation.next_attempt_at <= $1
    ORDER BY operation.next_attempt_at
    LIMIT $2
    """
)

STALE: Final = Prepared(
    _READ
    + """
    FROM payment JOIN operation ON operation.payment = payment.payment_id AND operation.kind = 'authorise'
    WHERE payment.status = 'authorised' AND payment.updated_at <= $1
      AND NOT EXISTS (SELECT FROM operation AS other
                      WHERE other.payment = payment.payment_id AND other.status = 'pending')
    ORDER BY payment.updated_at
    LIMIT $2
    """
)
"""Payments held since then or longer, with the operation that authorised them, unless another is under way."""

OWED: Final = Prepared(
    _READ  # noqa: S608 - fixed pieces
    + """
    FROM (SELECT payment, count(*) AS times FROM operation
          WHERE status = 'declined' AND kind IN ('void', 'refund') GROUP BY payment) AS refused
    JOIN payment ON payment.payment_id = refused.payment
    JOIN operation ON operation.payment = payment.payment_id AND operation.kind = 'authorise'
    WHERE (payment.status = 'authorised' OR (payment.status = 'captured' AND payment.cancelled))
      AND payment.updated_at
          <= $1::timestamptz - interval '1 second' * least($2::float8 * 2 ^ least(refused.times - 1, 30), $3::float8)
      AND NOT EXISTS (SELECT FROM operation AS other
                      WHERE other.payment = payment.payment_id AND other.status = 'pending')
    ORDER BY payment.updated_at
    LIMIT $4
    """
)
"""Payments whose money the provider refused to let go or give back, each when its pause is over.

The pause is $2 seconds after the first refusal and doubles with each, up to $3. With the operation that authorised it.
"""

CLAIM: Final = Prepared(
    """
    UPDATE operation SET next_attempt_at = $3, attempts = attempts + 1
    WHERE provider_key = $1 AND status = 'pending' AND next_attempt_at <= $2
    RETURNING provider_key
    """
)

OPEN: Final = Prepared(
    """
    WITH account AS (
        INSERT INTO order_account (order_id, cancelled) VALUES ($2, false)
        ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id
        RETURNING cancelled
    ), live AS (
        INSERT INTO payment (payment_id, order_id, card_token, status, amount_minor, currency, refunded_minor,
                             cancelled, created_at, updated_at)
        SELECT $1, $2, $3, 'pending', $4, $5, 0, false, $6, $6 FROM account WHERE NOT cancelled
        ON CONFLICT (order_id) WHERE status IN ('pending', 'authorised', 'captured')
            DO UPDATE SET order_id = excluded.order_id
        RETURNING payment_id
    ), begun AS (
        INSERT INTO operation (provider_key, payment, kind, amount_minor, status, attempts, next_attempt_at,
                               traceparent, correlation_id, created_at)
        SELECT $7, payment_id, $8, $4, 'pending', 0, $9, $10, $11, $6 FROM live WHERE payment_id = $1
    )
    SELECT account.cancelled, live.payment_id FROM account LEFT JOIN live ON true
    """
)
"""A new payment with the operation that authorises it, unless its order is cancelled or has a live payment.

Tells whether the order is cancelled, and its live payment: the new one or the other.
"""

BEGIN: Final = Prepared(
    """
    WITH unchanged AS (
        SELECT payment_id FROM payment
        WHERE payment_id = $1 AND status = $2 AND refunded_minor = $3 AND cancelled = $4
        FOR UPDATE
    )
    INSERT INTO operation (provider_key, payment, kind, amount_minor, status, attempts, next_attempt_at,
                           traceparent, correlation_id, created_at)
    SELECT $5, payment_id, $6, $7, 'pending', 0, $8, $9, $10, $11 FROM unchanged
    ON CONFLICT (payment) WHERE status = 'pending' DO NOTHING
    RETURNING (SELECT held.reference FROM operation AS held
               WHERE held.payment = $1 AND held.kind = 'authorise') AS authorisation
    """
)
"""An operation, unless the payment is no longer what it was decided on, or has another one under way."""

SETTLE: Final = Prepared(
    """
    WITH asked AS (
        SELECT operation.provider_key, operation.kind, payment.payment_id, payment.currency
        FROM operation JOIN payment ON payment.payment_id = operation.payment
        WHERE operation.provider_key = $1 AND operation.status = 'pending'
        FOR UPDATE OF payment, operation
    ), answered AS (
        UPDATE operation SET status = $2, reference = $3 FROM asked WHERE operation.provider_key = asked.provider_key
    ), entered AS (
        INSERT INTO journal (journal_id, operation, payment_id, kind, currency, created_at)
        SELECT $8, provider_key, payment_id, kind, currency, $7 FROM asked WHERE $2 = 'approved'
        RETURNING journal_id
    ), entries AS (
        INSERT INTO ledger_entry (journal, account, amount_minor)
        SELECT journal_id, entry.account, entry.minor
        FROM entered, unnest($9::text[], $10::bigint[]) AS entry (account, minor)
    )
    UPDATE payment SET status = $4, refunded_minor = $5, decline_reason = $6, updated_at = $7, card_token = ''
    FROM asked WHERE payment.payment_id = asked.payment_id
    RETURNING payment.cancelled
    """
)
"""The provider's answer: the operation's end, what it makes of the payment, and its journal if it was approved.

Nothing if the operation has ended. The card's token has done its work with the first answer and is erased. The database
refuses at commit a journal that does not sum to zero. Tells whether the payment's order is cancelled.
"""

AUDIT: Final = Prepared(
    """
    SELECT payment.payment_id, payment.order_id, payment.card_token, payment.status, payment.amount_minor,
           payment.currency, payment.refunded_minor, payment.cancelled, payment.decline_reason, payment.created_at,
           payment.updated_at,
           EXISTS (SELECT FROM operation
                   WHERE operation.payment = payment.payment_id AND operation.status = 'pending') AS under_way,
           coalesce(-sum(entry.amount_minor) FILTER (WHERE entry.account = 'authorised_holds'), 0)::bigint AS held,
           coalesce(-sum(entry.amount_minor) FILTER (WHERE entry.account = 'merchant_settlement'), 0)::bigint AS taken,
           coalesce(sum(entry.amount_minor) FILTER (WHERE entry.account = 'refunds'), 0)::bigint AS refunds
    FROM (SELECT * FROM payment WHERE payment_id > $1 ORDER BY payment_id LIMIT $2) AS payment
    LEFT JOIN journal ON journal.payment_id = payment.payment_id
    LEFT JOIN ledger_entry AS entry ON entry.journal = journal.journal_id
    GROUP BY payment.payment_id, payment.order_id, payment.card_token, payment.status, payment.amount_minor,
             payment.currency, payment.refunded_minor, payment.cancelled, payment.decline_reason,
             payment.created_at, payment.updated_at
    ORDER BY payment.payment_id
    """
)
"""Payments with what the ledger says of each, as of one moment, those after the given one."""

CANCEL_ORDER: Final = Prepared(
    """
    INSERT INTO order_account (order_id, cancelled) VALUES ($1, true)
    ON CONFLICT (order_id) DO UPDATE SET cancelled = true
    """
)

CANCEL_LIVE: Final = Prepared(
    """
    UPDATE payment SET cancelled = true, updated_at = $2
    WHERE order_id = $1 AND status IN ('pending', 'authorised', 'captured')
    RETURNING payment_id, order_id, card_token, status, amount_minor, currency, refunded_minor, cancelled,
              decline_reason, created_at
    """
)
