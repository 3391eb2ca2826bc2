"""``pharos order``: place an order as the demo customer and say how to follow it."""

import time
from pathlib import Path
from typing import Any

import click

from pharos.console import note, print_json
from pharos.errors import CliError
from pharos.options import json_option, state_option
from pharos.state import find_system
from pharos.storefront import DEFAULT_SKU, PENDING, Storefront, accepted, run

CONFIRMED = "confirmed"


@click.command()
@click.option("--card", default="tok_approve", show_default=True, metavar="TOKEN", help="Card token of the sandbox.")
@click.option("--sku", default=DEFAULT_SKU, show_default=True, help="Product to order (GET /products lists them).")
@click.option("--quantity", default=1, show_default=True, type=click.IntRange(1, 1000))
@click.option("--wait", default=30.0, show_default=True, type=click.FloatRange(0), help="Seconds until it is settled.")
@json_option
@state_option
def order(*, card: str, sku: str, quantity: int, wait: float, as_json: bool, state: Path | None) -> None:
    """Place an order through the public port. Exit code 0 means that it was confirmed."""
    storefront = Storefront.of(find_system(state))
    document = run(lambda: _place(storefront, sku, quantity, card, wait))
    if as_json:
        print_json({name: document[name] for name in _JSON_FIELDS})
    else:
        _show(document)
    _check(document)


_JSON_FIELDS = ("order_id", "status", "correlation_id", "trace_id", "seconds")


async def _place(storefront: Storefront, sku: str, quantity: int, card: str, wait: float) -> dict[str, Any]:
    async with storefront:
        await storefront.log_in()
        began = time.perf_counter()
        answer = accepted(await storefront.place(sku, quantity, card), "place the order")
        settled = await storefront.settled(answer, wait)
        return settled | {
            "correlation_id": answer.correlation_id,
            "trace_id": answer.trace_id,
            "seconds": round(time.perf_counter() - began, 3),
        }


def _show(document: dict[str, Any]) -> None:
    total = document["total"]
    because = f" ({document['reason']})" if document.get("reason") else ""
    colour = "green" if document["status"] == CONFIRMED else "red"
    amount = f"{total['amount_minor'] / 100:.2f} {total['currency']}" if total else "not priced"
    click.echo(f"order           {document['order_id']}")
    click.echo(f"status          {click.style(document['status'], fg=colour)}{because}")
    click.echo(f"total           {amount}")
    click.echo(f"seconds         {document['seconds']:.3f}")
    click.echo(f"correlation ID  {document['correlation_id']}")
    click.echo(f"trace ID        {document['trace_id']}")
    note(f"\nfollow it:  ./just trace {document['correlation_id']}")
    note(f"            ./just logs {document['correlation_id']}")


def _check(document: dict[str, Any]) -> None:
    status = document["status"]
    look = f"see why: ./just trace {document['correlation_id']}"
    if status == PENDING:
        raise CliError("the order is not settled yet; it will be confirmed or cancelled by itself", look)
    if status != CONFIRMED:
        raise CliError(f"the order was {status}: {document.get('reason') or 'no reason given'}", look)
