"""``pharos dlq``: the messages that services gave up."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from pharos.console import note, print_json, print_table
from pharos.errors import CliError
from pharos.operator import Operator
from pharos.options import json_option, state_option
from pharos.state import find_system

CONSUMERS = ("inventory", "notifications", "payments")
GONE = ("done", "duplicate")
"""Outcomes of a replay after which the letter is no dead letter any more."""
Document = dict[str, Any]
T = TypeVar("T")

service_argument = click.argument("service", type=click.Choice(CONSUMERS))
type_option = click.option("--type", "event_type", metavar="TYPE", help="Only messages of this event type.")


@click.group("dlq")
def dlq() -> None:
    """List, show and replay the messages that services gave up (dead letters), and who replayed them."""


@dlq.command("list")
@click.argument("service", type=click.Choice(CONSUMERS), required=False)
@type_option
@json_option
@state_option
def list_command(*, service: str | None, event_type: str | None, as_json: bool, state: Path | None) -> None:
    """List the dead letters of one service, or of all."""

    async def read(operator: Operator) -> list[Document]:
        return [letter for name in _named(service) for letter in await _letters(operator, name, event_type)]

    letters = _ask(state, read)
    if as_json:
        print_json({"dead_letters": letters})
        return
    if not letters:
        note("no dead letters")
        return
    print_table(
        ("SERVICE", "ID", "TYPE", "REASON", "ATTEMPTS", "DEAD SINCE", "CORRELATION ID"),
        [
            (
                each["service"],
                str(each["id"]),
                each["type"],
                each["reason"],
                str(each["attempts"]),
                each["dead_at"],
                each["correlation_id"],
            )
            for each in letters
        ],
    )


@dlq.command("show")
@service_argument
@click.argument("number", metavar="ID", type=click.IntRange(1))
@json_option
@state_option
def show_command(*, service: str, number: int, as_json: bool, state: Path | None) -> None:
    """Show one dead letter with what it says, cleaned of secrets as log lines are."""
    letter = _ask(state, lambda operator: operator.get(service, f"/dead-letters/{number}"))
    if as_json:
        print_json({"service": service, **letter})
        return
    for name in ("type", "event_id", "reason", "detail", "attempts", "first_failed_at", "dead_at", "correlation_id"):
        click.echo(f"{name.replace('_', ' '):<16}{letter[name]}")
    print_json(letter["payload"])
    note(f"\nwhy it failed:  ./just logs {letter['correlation_id']}")
    note(f"try it again:   ./just dlq replay {service} {number}")


@dlq.command("replay")
@service_argument
@click.argument("number", metavar="ID", type=click.IntRange(1), required=False)
@click.option("--all", "every", is_flag=True, help="Replay all of the service, or all of --type.")
@type_option
@json_option
@state_option
def replay_command(
    *, service: str, number: int | None, every: bool, event_type: str | None, as_json: bool, state: Path | None
) -> None:
    """Hand dead letters to their consumer once more. Exit code 0 means that none is left of those.

    What had its effect before has none again: it is only taken off the list.
    """
    if (number is None) != every:
        raise click.UsageError("give the ID of one dead letter, or --all")

    async def replay(operator: Operator) -> list[Document]:
        numbers = [number] if number else [each["id"] for each in await _letters(operator, service, event_type)]
        return [await operator.post(service, f"/dead-letters/{one}/replay") for one in numbers]

    outcomes = _ask(state, replay)
    if as_json:
        print_json({"service": service, "replayed": outcomes})
    else:
        for each in outcomes:
            click.echo(f"{service} {each['id']}  {each['outcome']}")
        if not outcomes:
            note("no dead letters")
    left = [each for each in outcomes if each["outcome"] not in GONE]
    if left:
        raise CliError(
            f"{len(left)} of {len(outcomes)} failed again", f"see why: ./just dlq show {service} {left[0]['id']}"
        )


@dlq.command("replays")
@click.argument("service", type=click.Choice(CONSUMERS), required=False)
@json_option
@state_option
def replays_command(*, service: str | None, as_json: bool, state: Path | None) -> None:
    """List who replayed which dead letter, when, and how it ended."""

    async def read(operator: Operator) -> list[Document]:
        return [each for name in _named(service) for each in await _listed(operator, name, "/dead-letter-replays")]

    replays = _ask(state, read)
    if as_json:
        print_json({"replays": replays})
        return
    if not replays:
        note("no replays")
        return
    columns = ("service", "letter", "type", "replayed_by", "replayed_at", "outcome", "correlation_id")
    print_table(
        ("SERVICE", "LETTER", "TYPE", "BY", "AT", "OUTCOME", "CORRELATION ID"),
        [tuple(str(each[name] or "under way") for name in columns) for each in replays],
    )


def _ask(state: Path | None, question: Callable[[Operator], Awaitable[T]]) -> T:
    system = find_system(state)

    async def ask() -> T:
        async with Operator(system) as operator:
            return await question(operator)

    return asyncio.run(ask())


def _named(service: str | None) -> Sequence[str]:
    return CONSUMERS if service is None else (service,)


async def _letters(operator: Operator, service: str, event_type: str | None) -> list[Document]:
    wanted = {"type": event_type} if event_type else {}
    return await _listed(operator, service, "/dead-letters", **wanted)


async def _listed(operator: Operator, service: str, path: str, **wanted: str) -> list[Document]:
    return [{"service": service, **each} for each in await operator.items(service, path, **wanted)]
