"""The labels of a line as Loki shows them for lines that came by OTLP: structured metadata, dots as underscores."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lens.store.logs import StoredLine
from lens.store.traces import as_text

RESOURCE_LABELS = ("service.name", "service.namespace", "service.instance.id", "deployment.environment.name")
"""Resource attributes that Loki makes index labels of, among those our services send."""
_LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
_UNKNOWN_LEVEL = "unknown"
_NOT_IN_NAME = re.compile("[^a-zA-Z0-9_]")


def labels_of(line: StoredLine, resource: Mapping[str, Any]) -> dict[str, str]:
    """All labels of a line. `level` stands beside Loki's `detected_level`, with the same value."""
    level = _LEVELS[(line.severity - 1) // 4] if line.severity else line.level.lower() or _UNKNOWN_LEVEL
    labels = {label_name(key): as_text(value) for key, value in line.attributes.items()}
    labels.update({label_name(key): as_text(resource[key]) for key in RESOURCE_LABELS if key in resource})
    labels.update(service_name=line.service, detected_level=level, level=level)
    optional = {
        "severity_number": str(line.severity) if line.severity else "",
        "severity_text": line.level,
        "trace_id": line.trace_id,
        "span_id": line.span_id,
    }
    labels.update({name: value for name, value in optional.items() if value})
    return labels


@lru_cache(maxsize=4_096)
def label_name(attribute: str) -> str:
    """An attribute's name as a label: every character that a label cannot have is an underscore."""
    name = _NOT_IN_NAME.sub("_", attribute)
    return f"key_{name}" if name[:1].isdigit() else name
