"""`python -m chassis.asyncapi FOLDER [--check]`: writes a service's `asyncapi.json` beside its `service.toml`.

What is published stands in the service's `events.py` as `PUBLISHES`, a mapping of event type to Struct; what is
consumed is what its application gives to the plugin.
"""

import importlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from chassis.errors import ConfigurationError
from chassis.manifest import Manifest, load_manifest
from chassis.messaging.event import CONTENT_TYPE, schema_of
from chassis.openapi import VERSION, build, made_up_environment
from chassis.plugin import ChassisPlugin

USAGE: Final = "usage: python -m chassis.asyncapi FOLDER [--check]"
Types = Mapping[str, type[msgspec.Struct]]


def main(arguments: Sequence[str]) -> int:
    """Run the command; 0 when the file is written or current, 1 when `--check` finds it old, 2 on misuse."""
    match list(arguments):
        case [folder]:
            check = False
        case [folder, "--check"]:
            check = True
        case _:
            return _fail(2, USAGE)
    target = Path(folder) / "asyncapi.json"
    try:
        current = export(Path(folder))
    except ConfigurationError as error:
        return _fail(2, str(error))
    if not check:
        target.write_bytes(current)
        return 0
    if target.is_file() and target.read_bytes() == current:
        return 0
    return _fail(1, f"{target} is not current; run python -m chassis.asyncapi {folder}")


def export(folder: Path) -> bytes:
    """The document of the service in this folder, indented and with sorted keys, so that a change shows as such.

    Raises:
        ConfigurationError: the manifest and the code do not declare the same events.
    """
    manifest = load_manifest(folder / "service.toml")
    published = _published(manifest)
    with tempfile.TemporaryDirectory() as secrets:
        app = build(manifest, made_up_environment(folder / "service.toml", manifest, Path(secrets)))
    consumed = {each.event_type: each.data for each in app.plugins.get(ChassisPlugin).consumers}
    _agree("events.consumes", manifest.events.consumes, consumed)
    return msgspec.json.format(json.dumps(document(manifest, published, consumed), sort_keys=True).encode()) + b"\n"


def document(manifest: Manifest, published: Types, consumed: Types) -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel, a message and an operation for each event type."""
    types = {**published, **consumed}
    schemas, definitions = msgspec.json.schema_components(types.values(), ref_template="#/components/schemas/{name}")
    payloads = dict(zip(types, schemas, strict=True))
    return {
        "asyncapi": "3.0.0",
        "info": {"title": manifest.name, "version": VERSION, "description": manifest.description},
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: _channel(name) for name in types},
        "operations": {
            **{f"send {name}": _operation("send", name) for name in published},
            **{f"receive {name}": _operation("receive", name) for name in consumed},
        },
        "components": {
            "messages": {name: _message(name, types[name], payloads[name]) for name in types},
            "schemas": definitions,
        },
    }


def _published(manifest: Manifest) -> Types:
    if not manifest.events.publishes:
        return {}
    found: Types = getattr(importlib.import_module(f"{manifest.name}.events"), "PUBLISHES", {})
    _agree("events.publishes", manifest.events.publishes, found)
    return found


def _agree(key: str, declared: Sequence[str], found: Types) -> None:
    for name in sorted(set(declared) ^ set(found)):
        where = "the manifest" if name in declared else "the code"
        raise ConfigurationError(f"service.toml: `{key}`", f"{name!r} is in {where} only", "have it in both or neither")


def _channel(name: str) -> dict[str, Any]:
    return {"address": name, "messages": {"event": {"$ref": f"#/components/messages/{name}"}}}


def _operation(action: str, name: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{name}"}}


def _message(name: str, data: type[msgspec.Struct], payload: dict[str, Any]) -> dict[str, Any]:
    """A CloudEvents 1.0 document in structured mode, with the trace context and the correlation ID as extensions."""
    text = {"type": "string"}
    properties = {
        "specversion": {"const": "1.0"},
        "id": text,
        "source": text,
        "type": {"const": name},
        "subject": text,
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": schema_of(name)},
        "traceparent": text,
        "correlationid": text,
        "data": payload,
    }
    required = [key for key in properties if key not in {"traceparent", "correlationid"}]
    return {
        "name": name,
        "contentType": CONTENT_TYPE,
        "summary": (data.__doc__ or "").strip(),
        "payload": {"type": "object", "properties": properties, "required": required},
    }


def _fail(code: int, message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
