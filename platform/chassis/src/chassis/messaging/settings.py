"""The figures of messaging."""

import random
from collections.abc import Callable
from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagingSettings:
    """Times are in seconds.

    Attributes:
        poll_interval: between two looks for outbox rows that the relay was not handed or could not send; as long is a
            row left to the process that wrote it.
        batch: outbox rows sent at once.
        ack_timeout: wait for JetStream to have stored a message.
        concurrency: messages handled at once, per publishing service.
        ack_wait: after which JetStream delivers an unanswered message again; longer than any handler's timeout.
        max_attempts: failures of a message, outages not counted, after which it is a dead letter.
        retry_base: first delay before a message is tried again; doubles each time.
        retry_cap: longest such delay.
        stream_age: how long a stream keeps messages.
        keep_sent: how long outbox rows are kept once sent.
        keep_handled: how long the inbox remembers; longer than a message can be delivered again.
        prune_interval: between two clean-ups.
        drain_timeout: what the relay has at shutdown to send what is left.
    """

    poll_interval: float = 1.0
    batch: int = 100
    ack_timeout: float = 5.0
    concurrency: int = 8
    ack_wait: float = 30.0
    max_attempts: int = 8
    retry_base: float = 0.5
    retry_cap: float = 30.0
    stream_age: float = 7 * DAY_S
    keep_sent: float = 7 * DAY_S
    keep_handled: float = 15 * DAY_S
    prune_interval: float = 3600.0
    drain_timeout: float = 2.0

    def retry_delay(self, deliveries: int, jitter: Callable[[], float] = random.random) -> float:
        """Seconds until a message is delivered again, after so many deliveries: half fixed, half drawn."""
        bound: float = min(self.retry_cap, self.retry_base * 2.0 ** min(deliveries - 1, 16))
        return bound * (0.5 + jitter() / 2)
