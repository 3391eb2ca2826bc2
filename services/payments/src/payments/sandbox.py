"""A provider without a bank: the card token says what happens. See the README for the tokens."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from piccolo.querystring import QueryString

from payments.domain import Kind
from payments.provider import Answer, Instruction
from payments.tables import SandboxOperation

DECLINES: Final[Mapping[str, str]] = {
    "tok_decline": "card-declined",
    "tok_insufficient_funds": "insufficient-funds",
}
APPROVES: Final = frozenset({"tok_approve", "tok_timeout", "tok_duplicate", "tok_slow"})
UNKNOWN_TOKEN: Final = "unknown-token"  # noqa: S105 - a reason, not a secret
SLOW_S: Final = 0.4

_ONE_MORE: Final = QueryString("sandbox_operation.requests + 1")


def decide(instruction: Instruction) -> Answer:
    """What the sandbox answers: only an authorisation can be declined."""
    reference = f"sbx_{hashlib.sha256(instruction.key.encode()).hexdigest()[:24]}"
    token = instruction.card_token
    if instruction.kind is not Kind.AUTHORISE or token in APPROVES:
        return Answer(approved=True, reference=reference)
    return Answer(approved=False, reference=reference, decline_reason=DECLINES.get(token, UNKNOWN_TOKEN))


class Sandbox:
    """Decides by card token, and remembers each operation by its key in a table of its own."""

    async def perform(self, instruction: Instruction) -> Sequence[Answer]:
        """See `Provider`. The first authorisation with `tok_timeout` is done and never answered."""
        answer = decide(instruction)
        requests = await self._record(instruction, answer)
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
        row = SandboxOperation(
            provider_key=instruction.key,
            kind=instruction.kind.value,
            card_token=instruction.card_token,
            amount_minor=instruction.amount.amount_minor,
            currency=instruction.amount.currency,
            approved=answer.approved,
            decline_reason=answer.decline_reason,
            reference=answer.reference,
            requests=1,
        )
        rows = await (
            SandboxOperation.insert(row)
            .on_conflict(
                target=SandboxOperation.provider_key,
                action="DO UPDATE",
                values=[(SandboxOperation.requests, _ONE_MORE)],
            )
            .returning(SandboxOperation.requests)
        )
        return int(rows[0]["requests"])
