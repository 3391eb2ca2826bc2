"""Log lines kept in memory."""

import json
from typing import Any


class Lines(list[bytes]):
    """Log lines as they were written."""

    def last(self) -> dict[str, Any]:
        return dict(json.loads(self[-1]))

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self) if line["logger"] == logger]
