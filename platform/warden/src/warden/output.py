"""Warden's own log: JSON lines with the names that services' log lines have."""

import sys
from typing import TYPE_CHECKING

import msgspec
from loguru import logger

if TYPE_CHECKING:
    from loguru import Message


def log_to_stderr() -> None:
    """From now on write every log line to standard error, which is a file that is rotated."""
    logger.remove()
    logger.add(_write, level="INFO", format="", diagnose=False)


def _write(message: "Message") -> None:
    record = message.record
    line = {
        "time": record["time"].isoformat(),
        "level": record["level"].name,
        "service": "warden",
        "message": record["message"],
        **record["extra"],
    }
    if record["exception"] is not None:
        line["exception"] = str(message)
    sys.stderr.write(msgspec.json.encode(line, enc_hook=str).decode() + "\n")
