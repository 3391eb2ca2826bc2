"""Exceptions as telemetry attributes."""

import traceback
from typing import Final

from chassis.telemetry.redaction import redact_lines, redact_text

_MAX_STACK: Final = 8192


def exception_type(exception: BaseException) -> str:
    """The class's full name; builtins without their module."""
    cls = type(exception)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def exception_attributes(exception: BaseException, *, stack: bool = True) -> dict[str, str]:
    """The OpenTelemetry attributes of an exception, redacted. A long stack keeps its innermost end."""
    attributes = {
        "exception.type": exception_type(exception),
        "exception.message": redact_text(str(exception)),
    }
    if stack:
        lines = "".join(traceback.format_exception(exception)).rstrip("\n")
        attributes["exception.stacktrace"] = redact_lines(lines)[-_MAX_STACK:]
    return attributes
