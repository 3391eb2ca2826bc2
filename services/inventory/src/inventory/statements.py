"""The SQL of inventory's requests: each statement does one thing whole, so that an order needs few of them.

Stock is moved by one kind of statement only. It locks the rows in SKU order, so that no two callers deadlock, takes the
lines that are available, writes the movements down and changes the rows. PostgreSQL evaluates the conditions anew when
it had to wait for a row.
"""

from typing import Final

from chassis.persistence import Prepared

_MOVE: Final = """
    moving AS (
        SELECT stock.sku, line.quantity, entitled.reservation_id
        FROM entitled, stock JOIN unnest($3::text[], $4::bigint[]) AS line (sku, quantity) ON line.sku = stock.sku
        WHERE stock.available + $7::bigint * line.quantity >= 0
        ORDER BY stock.sku
        FOR UPDATE OF stock
    ), moved AS (
        INSERT INTO stock_movement (sku, kind, quantity, reservation_id, occurred_at)
        SELECT sku, $5, quantity, reservation_id, $2 FROM moving
    )
    UPDATE stock
    SET received = received + $6::bigint * quantity, available = available + $7::bigint * quantity,
        reserved = reserved + $8::bigint * quantity, sold = sold + $9::bigint * quantity,
        returned = returned + $10::bigint * quantity
    FROM moving WHERE stock.sku = moving.sku
    RETURNING stock.sku, stock.available
"""
"""Moves lines on behalf of whatever `entitled` has a row of; tells what is then available of each line moved.

`$1` reservation, `$2` now, `$3` SKUs, `$4` quantities, `$5` kind of movement, `$6`-`$10` what one piece changes.
"""

MOVE: Final = Prepared("WITH entitled AS (SELECT $1::uuid AS reservation_id)," + _MOVE)

HOLD: Final = Prepared(
    """
    WITH entitled AS (
        INSERT INTO reservation (reservation_id, order_id, status, total_minor, currency, expires_at, traceparent,
                                 correlation_id, created_at, updated_at)
        VALUES ($1, $11, 'held', $12, $13, $14, $15, $16, $2, $2)
        ON CONFLICT (order_id) DO NOTHING
        RETURNING reservation_id
    ), lines AS (
        INSERT INTO reservation_line (reservation, sku, quantity, unit_price_minor)
        SELECT entitled.reservation_id, line.sku, line.quantity, line.price
        FROM entitled, unnest($3::text[], $4::bigint[], $17::bigint[]) AS line (sku, quantity, price)
    ),
    """  # noqa: S608 - built of fixed pieces
    + _MOVE
)
"""A new reservation with its lines, and its stock held; nothing if the order has a reservation."""

END: Final = Prepared(
    """
    WITH entitled AS (
        UPDATE reservation SET status = $12, updated_at = $2
        WHERE reservation_id = $1 AND status = $11
        RETURNING reservation_id
    ),
    """  # noqa: S608 - built of fixed pieces
    + _MOVE
)
"""A reservation's step from one status to another with its stock; nothing if it has left the first one."""

_RESERVATION: Final = """
    SELECT reservation.reservation_id, reservation.order_id, reservation.status, reservation.expires_at,
           reservation.total_minor, reservation.currency, line.sku, line.quantity, line.unit_price_minor
    FROM reservation JOIN reservation_line AS line ON line.reservation = reservation.reservation_id
"""

RESERVATION: Final = Prepared(_RESERVATION + "WHERE reservation.reservation_id = $1 ORDER BY line.sku")

RESERVATION_OF_ORDER: Final = Prepared(_RESERVATION + "WHERE reservation.order_id = $1 ORDER BY line.sku")

EXPIRED: Final = Prepared(
    """
    SELECT reservation_id, traceparent, correlation_id FROM reservation
    WHERE status = 'held' AND expires_at <= $1
    ORDER BY expires_at
    LIMIT $2
    """
)

AUDIT_RESERVATIONS: Final = Prepared(
    """
    SELECT reservation.reservation_id, reservation.order_id, reservation.status, reservation.expires_at,
           reservation.total_minor, reservation.currency, reservation.updated_at, line.sku, line.quantity,
           line.unit_price_minor
    FROM (SELECT * FROM reservation WHERE reservation_id > $1 ORDER BY reservation_id LIMIT $2) AS reservation
    JOIN reservation_line AS line ON line.reservation = reservation.reservation_id
    ORDER BY reservation.reservation_id, line.sku
    """
)
"""Reservations with their lines, those after the given one."""

BOOKS: Final = Prepared(
    """
    SELECT stock.sku, stock.received, stock.available, stock.reserved, stock.sold, stock.returned,
           coalesce(sum(line.quantity) FILTER (WHERE reservation.status = 'held'), 0)::bigint AS held_by_reservations,
           coalesce(sum(line.quantity) FILTER (WHERE reservation.status = 'sold'), 0)::bigint AS sold_by_reservations
    FROM (SELECT * FROM stock WHERE sku > $1 ORDER BY sku LIMIT $2) AS stock
    LEFT JOIN reservation_line AS line ON line.sku = stock.sku
    LEFT JOIN reservation ON reservation.reservation_id = line.reservation
    GROUP BY stock.sku, stock.received, stock.available, stock.reserved, stock.sold, stock.returned
    ORDER BY stock.sku
    """
)
"""The books of products beside what their reservations add up to, as of one moment."""

_PRODUCT: Final = """
    SELECT product.sku, product.name, product.price_minor, product.currency, coalesce(stock.available, 0) AS available
    FROM product LEFT JOIN stock ON stock.sku = product.sku
"""

PRODUCT: Final = Prepared(_PRODUCT + "WHERE product.sku = $1")

PRODUCTS: Final = Prepared(_PRODUCT + "WHERE product.sku > $1 ORDER BY product.sku LIMIT $2")

PRICES: Final = Prepared("SELECT sku, price_minor, currency FROM product WHERE sku = ANY($1::text[])")
