"""Who emits: the OpenTelemetry resource of this process, encoded once."""

import os
import platform
from collections.abc import Mapping
from importlib import metadata

from chassis.telemetry.encoding import StaticAttributes
from chassis.telemetry.settings import TelemetrySettings

SDK_NAME = "pharos-chassis"


def resource_attributes(settings: TelemetrySettings) -> Mapping[str, str | int]:
    """Resource attributes by their OpenTelemetry names."""
    return {
        "service.name": settings.service,
        "service.version": settings.version,
        "service.instance.id": settings.instance,
        "deployment.environment.name": settings.environment,
        "process.pid": os.getpid(),
        "process.runtime.name": platform.python_implementation().lower(),
        "process.runtime.version": platform.python_version(),
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": SDK_NAME,
        "telemetry.sdk.version": metadata.version(SDK_NAME),
    }


def make_resource(settings: TelemetrySettings) -> StaticAttributes:
    """The resource, ready to be put before every batch."""
    return StaticAttributes(resource_attributes(settings))
