"""``pharos load``: customers who look around and order, at a fixed rate."""

import asyncio
import random
from pathlib import Path

import aiohttp
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pharos.console import note, print_json
from pharos.errors import CliError
from pharos.openloop import VALID_LAG_P99_MS, Sample, drive, report_of, schedule
from pharos.options import json_option, state_option
from pharos.state import find_system
from pharos.storefront import Storefront, accepted, run

LOOKS_PER_ORDER = 1.0
READS_BACK = 0.2
"""Customers also look at the catalogue: so many requests for each order, of which this share reads an order back."""


@click.command()
@click.option(
    "--rate", default=20.0, show_default=True, type=click.FloatRange(0, min_open=True), help="Orders a second."
)
@click.option("--count", type=click.IntRange(1), help="Stop after so many orders.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Stop after so long; 30 if no bound is given.")
@click.option("--card", default="tok_approve", show_default=True, metavar="TOKEN", help="Card token of the sandbox.")
@click.option("--seed", default=1, show_default=True, help="Decides who looks around and what each one orders.")
@json_option
@state_option
def load(
    *, rate: float, count: int | None, seconds: float | None, card: str, seed: int, as_json: bool, state: Path | None
) -> None:
    """Place orders on a fixed schedule, whether or not earlier ones have been answered (an open loop).

    Other customers look around meanwhile. Latency counts from the scheduled time.
    Exit code 0 means that every order was served and the run is valid.
    """
    if count is None and seconds is None:
        seconds = 30.0
    span = min(count / rate if count else float("inf"), seconds or float("inf"))
    crowd = _Crowd(Storefront.of(find_system(state)), card, random.Random(seed))  # noqa: S311 - a repeatable crowd, no secret
    interrupted = False
    try:
        run(lambda: crowd.come(rate, count, span))
    except KeyboardInterrupt:
        interrupted = True
        note("stopped; the figures are of what had been answered")
    document = report_of(crowd.orders, crowd.looks)
    if as_json:
        print_json(document)
    else:
        _show(document)
    if interrupted:
        raise click.Abort
    _check(document)


class _Crowd:
    """Customers: some order, others look around, each on a schedule of its own."""

    def __init__(self, storefront: Storefront, card: str, chance: random.Random) -> None:
        self.orders: list[Sample] = []
        self.looks: list[Sample] = []
        self._storefront = storefront
        self._card = card
        self._chance = chance
        self._skus: list[str] = []
        self._placed: list[str] = []

    async def come(self, rate: float, count: int | None, span: float) -> None:
        """Both schedules side by side, with a progress bar on a terminal."""
        async with self._storefront as storefront:
            await storefront.log_in()
            products = accepted(await storefront.send("GET", "/products?limit=100"), "list the products").body["items"]
            self._skus = [product["sku"] for product in products if product["available"] > 0]
            if not self._skus:
                raise CliError("no product has any stock left", "start over with fresh data: ./just reset, ./just up")
            with _progress() as progress:
                bar = progress.add_task(f"{rate:g} orders/s", total=count or int(span * rate))
                async with asyncio.TaskGroup() as both:
                    both.create_task(
                        drive(schedule(rate, count, span), self._order, self.orders, lambda: progress.advance(bar))
                    )
                    both.create_task(drive(schedule(rate * LOOKS_PER_ORDER, None, span), self._look, self.looks))

    async def _order(self) -> tuple[bool, str]:
        try:
            await self._storefront.log_in()
            answer = await self._storefront.place(self._chance.choice(self._skus), 1, self._card)
        except (aiohttp.ClientError, TimeoutError, CliError):
            return False, ""
        if answer.ok:
            self._placed.append(answer.body["order_id"])
        return answer.ok, answer.correlation_id

    async def _look(self) -> tuple[bool, str]:
        path = "/products" if self._chance.random() < 1 / 2 else f"/products/{self._chance.choice(self._skus)}"
        if self._placed and self._chance.random() < READS_BACK:
            path = f"/orders/{self._chance.choice(self._placed)}"
        try:
            answer = await self._storefront.send("GET", path)
        except (aiohttp.ClientError, TimeoutError):
            return False, ""
        return answer.ok, answer.correlation_id


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


_ROWS = (
    ("sent", "sent", ""),
    ("ok", "ok", ""),
    ("failed", "failed", ""),
    ("p50", "p50_ms", " ms"),
    ("p99", "p99_ms", " ms"),
    ("looks sent", "looks_sent", ""),
    ("looks failed", "looks_failed", ""),
    ("own lag p99", "lag_p99_ms", " ms"),
)


def _show(document: dict[str, object]) -> None:
    for label, name, unit in _ROWS:
        click.echo(f"{label:<16}{document[name]}{unit}")
    click.echo(f"{'valid':<16}{'yes' if document['valid'] else 'no'}")


def _check(document: dict[str, object]) -> None:
    if not document["sent"]:
        raise CliError("no order was answered", "see how the parts are: ./just status")
    if document["failed"]:
        raise CliError(f"{document['failed']} of {document['sent']} orders failed", "see which part: ./just status")
    if not document["valid"]:
        raise CliError(
            f"the run is not valid: the generator itself was {document['lag_p99_ms']} ms late at p99"
            f" (at most {VALID_LAG_P99_MS:g})",
            "this machine has too little time left for both; lower --rate",
        )
