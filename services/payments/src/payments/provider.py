"""The port to a payment provider."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from payments.domain import Kind, Money


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the provider is asked to do. The same `key` is the same operation, however often it is asked for.

    An authorisation names the card; whatever follows names the authorisation, by the provider's own reference of it.
    """

    key: str
    kind: Kind
    amount: Money
    card_token: str = field(default="", repr=False)
    authorisation: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider decided; `reference` is its own name of the operation."""

    approved: bool
    reference: str
    decline_reason: str | None = None


class ProviderFailed(Exception):
    """The provider could not be reached, or answered that it fails. The operation may have been done or not."""


class Provider(Protocol):
    """Moves money. It keeps its own record by key, and may never answer, or answer more than once."""

    async def perform(self, instruction: Instruction) -> Sequence[Answer]:
        """Do what is asked, once per key; the answers as they were delivered, at least one, all of them equal.

        The caller limits how long it waits. An operation that was given up may have been done: asking again with its
        key tells.

        Raises:
            ProviderFailed: it did not answer the question; that is no refusal.
        """
        ...
