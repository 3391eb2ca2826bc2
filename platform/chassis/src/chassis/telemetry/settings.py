"""What a process tells telemetry about itself and how much it may hold."""

from typing import Literal

import msgspec


class ExportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds and rhythm of one signal's export; sizes in bytes, times in seconds."""

    batch_items: int = 512
    batch_bytes: int = 4 * 1024 * 1024
    interval: float = 1.0
    queue_items: int = 32_768
    queue_bytes: int = 16 * 1024 * 1024
    timeout: float = 5.0
    backoff_first: float = 0.5
    backoff_last: float = 10.0
    compression: Literal["none", "gzip"] = "none"


class TelemetrySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Identity and destination of a process's telemetry.

    `endpoint` is the OTLP/HTTP base address (`/v1/traces` and `/v1/logs` are added). Without one, spans and logs are
    still made, so that identifiers reach responses and standard output, and each is counted as dropped, reason
    `disabled`.
    """

    service: str
    instance: str
    version: str = "0.0.0"
    environment: str = "local"
    endpoint: str | None = None
    log_level: str = "INFO"
    log_to_stdout: bool = True
    export: ExportSettings = ExportSettings()

    def __post_init__(self) -> None:
        """Refuse an endpoint that no request could reach, and an unknown log level."""
        if self.endpoint is not None and not self.endpoint.startswith(("http://", "https://")):
            raise ValueError(f"telemetry endpoint must start with http:// or https://, not {self.endpoint!r}")
        if self.log_level.upper() not in LEVELS:
            raise ValueError(f"log level must be one of {', '.join(LEVELS)}, not {self.log_level!r}")


LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
"""Log levels and their numbers, as loguru orders them."""
