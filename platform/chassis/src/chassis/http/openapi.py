"""The OpenAPI document of a service: Litestar's, completed with problem responses and who may call what."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib import resources
from typing import Any

import msgspec
from litestar import Request, Router
from litestar.enums import MediaType
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Contact

from chassis.auth.header import SERVICE_TOKEN_HEADER
from chassis.problem import MEDIA_TYPE, TYPE_PREFIX
from chassis.settings import ChassisSettings

SECURITY_SCHEMES: Mapping[str, Any] = {
    "userToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token (RFC 9068).",
    },
    "serviceToken": {
        "type": "apiKey",
        "in": "header",
        "name": SERVICE_TOKEN_HEADER,
        "description": "A token signed by the calling service; the service's own manifest says who may call.",
    },
}
_SECURITY_OF: Mapping[str, Any] = {"user": [{"userToken": []}], "service": [{"serviceToken": []}], "public": []}
_TEXT = {"type": "string"}
PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457). Branch on `reason`; it is stable.",
    "required": ["type", "title", "status", "detail", "instance", "reason", "correlation_id", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": _TEXT,
        "reason": _TEXT,
        "correlation_id": _TEXT,
        "trace_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
    },
    "examples": [
        {
            "type": f"{TYPE_PREFIX}invalid",
            "title": "Invalid input",
            "status": 422,
            "detail": "The request has invalid fields.",
            "instance": "/things",
            "reason": "invalid",
            "correlation_id": "3f1c2a9be7d84c51",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "errors": [{"field": "lines[0].quantity", "message": "Expected `int` >= 1"}],
        }
    ],
}


def openapi_config(settings: ChassisSettings, access: Mapping[str, str]) -> OpenAPIConfig:
    """Serves the document at `/schema/openapi.json` and a page for people at `/schema`.

    `access` is filled before the first request: who may call each operation, by operation_id.
    """
    manifest = settings.manifest
    return OpenAPIConfig(
        title=manifest.name,
        version=settings.version,
        description=manifest.description,
        contact=Contact(name=manifest.owner, email=manifest.pager),
        use_handler_docstrings=True,
        render_plugins=[_Page(), _Document(access)],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, opt={"auth": "public"}),
    )


class _Document(OpenAPIRenderPlugin):
    def __init__(self, access: Mapping[str, str]) -> None:
        super().__init__(path="/openapi.json", media_type=MediaType.JSON)
        self._access = access

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        return msgspec.json.encode(complete(openapi_schema, self._access))


class _Page(OpenAPIRenderPlugin):
    """A page that reads the document beside it; it loads nothing from elsewhere."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        return resources.files("chassis.http").joinpath("docs.html").read_bytes()


def complete(document: Mapping[str, Any], access: Mapping[str, str]) -> dict[str, Any]:
    """The document with problem responses and the security of each operation; the given one stays as it is."""
    components = dict(document.get("components", {}))
    components["schemas"] = {**components.get("schemas", {}), "Problem": PROBLEM_SCHEMA}
    components["securitySchemes"] = SECURITY_SCHEMES
    paths = {
        path: {
            method: _operation(operation, access) if isinstance(operation, dict) else operation
            for method, operation in item.items()
        }
        for path, item in document.get("paths", {}).items()
    }
    return {**document, "components": components, "paths": paths}


def _operation(operation: dict[str, Any], access: Mapping[str, str]) -> dict[str, Any]:
    who = access.get(operation.get("operationId", ""), "public")
    declared = {status: response for status, response in operation["responses"].items() if status != "400"}
    problems = {str(status): _problem(status) for status in _problems_of(operation, who)}
    responses = {**problems, **declared, "default": _response("Any other problem")}
    return {**operation, "responses": dict(sorted(responses.items())), "security": _SECURITY_OF[who]}


def _problems_of(operation: Mapping[str, Any], who: str) -> Iterable[HTTPStatus]:
    if "requestBody" in operation:
        yield HTTPStatus.BAD_REQUEST
    if "requestBody" in operation or operation.get("parameters"):
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if who != "public":
        yield HTTPStatus.UNAUTHORIZED
    if who == "service":
        yield HTTPStatus.FORBIDDEN
    if any(parameter.get("in") == "path" for parameter in operation.get("parameters", ())):
        yield HTTPStatus.NOT_FOUND


def _problem(status: HTTPStatus) -> dict[str, Any]:
    return _response(status.phrase)


def _response(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
