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
UNVOIDABLE: Final = "tok_unvoidable"
APPROVES: Final = frozenset(
    {"tok_approve", "tok_timeout", "tok_duplicate", "tok_slow", "tok_unavailable", UNCAPTURABLE, UNVOIDABLE}
)
UNKNOWN_TOKEN: Final = "unknown-token"  # noqa: S105 - a reason, not a secret
LAPSED: Final = "authorisation-lapsed"
NOT_VOIDED: Final = "void-refused"
SLOW_S: Final = 0.4
FAILURES: Final = 2
"""So often the provider fails at each operation with `tok_unavailable`, and refuses a void with `tok_unvoidable`."""

_RECORD: Final = Prepared(
    """
    INSERT INTO sandbox_operation (provider_key, kind, card_token, amount_minor, currency, approved, decline_reason,
                                   reference, requests, created_at, authorisation)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, now(), $9)
    ON CONFLICT (provider_key) DO UPDATE SET requests = sandbox_operation.requests + 1
    RETURNING requests
    """
)
_REFUSED: Final = Prepared(
    """
    SELECT count(*) AS times FROM sandbox_operation
    WHERE authorisation = $1 AND kind = 'void' AND NOT approved AND provider_key <> $2
    """
)


def token_of(instruction: Instruction) -> str:
    """The token of the sandbox that says what happens: the card's, or that of the authorisation's reference."""
    if instruction.kind is Kind.AUTHORISE:
        return instruction.card_token
    _, _, name = instruction.authorisation.removeprefix("sbx_").partition("_")
    return f"tok_{name or 'approve'}"


def decide(instruction: Instruction, refused: int = 0) -> Answer:
    """What the sandbox answers; `refused` is how many voids of the same authorisation it has refused before.

    An authorisation can be declined, and so can the capture of `tok_uncapturable` and `tok_unvoidable`.
    """
    token = token_of(instruction)
    reference = f"sbx_{hashlib.sha256(instruction.key.encode()).hexdigest()[:24]}"
    if instruction.kind is Kind.AUTHORISE:
        if token not in APPROVES:
            return Answer(approved=False, reference=reference, decline_reason=DECLINES.get(token, UNKNOWN_TOKEN))
        return Answer(approved=True, reference=f"{reference}_{token.removeprefix('tok_')}")
    if instruction.kind is Kind.CAPTURE and token in {UNCAPTURABLE, UNVOIDABLE}:
        return Answer(approved=False, reference=reference, decline_reason=LAPSED)
    if instruction.kind is Kind.VOID and token == UNVOIDABLE and refused < FAILURES:
        return Answer(approved=False, reference=reference, decline_reason=NOT_VOIDED)
    return Answer(approved=True, reference=reference)


class Sandbox:
    """Decides by card token, and remembers each operation by its key in a table of its own."""

    async def perform(self, instruction: Instruction) -> Sequence[Answer]:
        """See `Provider`. The first authorisation with `tok_timeout` is done and never answered.

        Raises:
            ProviderFailed: with `tok_unavailable`, the first two times it is asked for an operation.
        """
        token = token_of(instruction)
        answer = decide(instruction, await self._refused(instruction) if token == UNVOIDABLE else 0)
        requests = await self._record(instruction, answer)
        if token == "tok_unavailable" and requests <= FAILURES:  # noqa: S105 - a name, no secret
            raise ProviderFailed("503 from the sandbox")
        if instruction.kind is Kind.AUTHORISE:
            match token:
                case "tok_timeout" if requests == 1:
                    await asyncio.Event().wait()
                case "tok_slow":
                    await asyncio.sleep(SLOW_S)
                case "tok_duplicate":
                    return (answer, answer)
        return (answer,)

    async def _refused(self, instruction: Instruction) -> int:
        row = await _REFUSED.first(instruction.authorisation, instruction.key)
        return int(row["times"])

    async def _record(self, instruction: Instruction, answer: Answer) -> int:
        """Remember the operation, with its card's token only if that is no secret; how often it has been asked for."""
        token = token_of(instruction)
        row = await _RECORD.first(
            instruction.key,
            instruction.kind.value,
            token if token in APPROVES or token in DECLINES else "",
            instruction.amount.amount_minor,
            instruction.amount.currency,
            answer.approved,
            answer.decline_reason,
            answer.reference,
            instruction.authorisation or None,
        )
        return int(row["requests"])
