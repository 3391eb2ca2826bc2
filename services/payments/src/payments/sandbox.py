"""A provider without a bank: the card token says what happens. See the README for the tokens."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from chassis.persistence import Prepared
from payments.domain import Kind
from payments.provider import Answer, Instruction, ProviderFailed

DECLINES: Final[Mapping[str, str]] = {
    "tok_decline": "card-declined",
    "tok_insufficient_funds": "insufficient-funds",
}
UNCAPTURABLE: Final = "tok_uncapturable"
APPROVES: Final = frozenset(
    {"tok_approve", "tok_timeout", "tok_duplicate", "tok_slow", "tok_unavailable", UNCAPTURABLE}
)
UNKNOWN_TOKEN: Final = "unknown-token"  # noqa: S105 - a reason, not a secret
LAPSED: Final = "authorisation-lapsed"
SLOW_S: Final = 0.4
FAILURES: Final = 2
"""So often the provider fails at each operation with `tok_unavailable`."""

_RECORD: Final = Prepared(
    """
    INSERT INTO sandbox_operation (provider_key, kind, card_token, amount_minor, currency, approved, decline_reason,
                                   reference, requests, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, now())
    ON CONFLICT (provider_key) DO UPDATE SET requests = sandbox_operation.requests + 1
    RETURNING requests
    """
)


def decide(instruction: Instruction) -> Answer:
    """What the sandbox answers: an authorisation can be declined, and the capture of `tok_uncapturable`."""
    reference = f"sbx_{hashlib.sha256(instruction.key.encode()).hexdigest()[:24]}"
    token = instruction.card_token
    if instruction.kind is Kind.CAPTURE and token == UNCAPTURABLE:
        return Answer(approved=False, reference=reference, decline_reason=LAPSED)
    if instruction.kind is not Kind.AUTHORISE or token in APPROVES:
        return Answer(approved=True, reference=reference)
    return Answer(approved=False, reference=reference, decline_reason=DECLINES.get(token, UNKNOWN_TOKEN))


class Sandbox:
    """Decides by card token, and remembers each operation by its key in a table of its own."""

    async def perform(self, instruction: Instruction) -> Sequence[Answer]:
        """See `Provider`. The first authorisation with `tok_timeout` is done and never answered.

        Raises:
            ProviderFailed: with `tok_unavailable`, the first two times it is asked for an operation.
        """
        answer = decide(instruction)
        requests = await self._record(instruction, answer)
        if instruction.card_token == "tok_unavailable" and requests <= FAILURES:  # noqa: S105 - a name, no secret
            raise ProviderFailed("503 from the sandbox")
        if instruction.kind is Kind.AUTHORISE:
            match instruction.card_token:
                case "tok_timeout" if requests == 1:
                    await asyncio.Event().wait()
                case "tok_slow":
                    await asyncio.sleep(SLOW_S)
                case "tok_duplicate":
                    return (answer, answer)
        return (answer,)

    async def _record(self, instruction: Instruction, answer: Answer) -> int:
        """Remember the operation; how often it has been asked for."""
        row = await _RECORD.first(
            instruction.key,
            instruction.kind.value,
            instruction.card_token,
            instruction.amount.amount_minor,
            instruction.amount.currency,
            answer.approved,
            answer.decline_reason,
            answer.reference,
        )
        return int(row["requests"])
