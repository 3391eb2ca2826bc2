"""The journal: what warden did and why, a JSON document a line, kept over restarts."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from loguru import logger

from warden.logs import rotate

_MAX_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Journal:
    """Appends to one file and says the same in warden's log."""

    path: Path

    def write(self, event: str, instance: str, reason: str, **details: Any) -> None:
        """Record one event, such as ``started``, ``exited``, ``adopted`` or ``stopped``.

        A full disk must neither end supervision nor keep anything from being stopped: the entry is lost then.
        """
        entry = {"time": time.time(), "event": event, "instance": instance, "reason": reason, **details}
        try:
            rotate(self.path, max_bytes=_MAX_BYTES, kept=1)
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(entry) + b"\n")
        except OSError as error:
            logger.error("the journal could not be written: {}", error)
        logger.info("{instance} {event}: {reason}", instance=instance, event=event, reason=reason)
