"""The page at each of its addresses, and its files."""

import asyncio
import hashlib
from typing import Any, Final

from litestar import Request, Response, get

from chassis.errors import NotFound, Unavailable
from lens.console import files

INDEX: Final = "index.html"
PAGES: Final = [
    "/",
    "/services",
    "/services/{name:str}",
    "/traces",
    "/traces/{trace_id:str}",
    "/trace/{trace_id:str}",
    "/logs",
    "/dashboards",
    "/dashboards/{uid:str}",
    "/alerts",
    "/recoveries",
    "/recoveries/{entry_id:str}",
    "/chaos",
    "/chaos/{verdict_id:str}",
    "/mails",
    "/mails/{mail_id:str}",
    "/runbooks/{name:str}",
]
"""The page's own addresses; `/trace/…` is also Jaeger's for a trace, so that a link works in both modes."""

ASSETS: Final = "/assets/"
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"


class PageMissing(Unavailable):
    """The page was not built into this package."""

    reason = "page-missing"


class AssetNotFound(NotFound):
    """The page has no file of this name."""

    reason = "asset-unknown"


@get(PAGES, operation_id="page", auth="public", include_in_schema=False)
async def page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The page; it looks at its address itself."""
    found = await asyncio.to_thread(files.read, INDEX, request.headers.get("accept-encoding", ""))
    if found is None:
        raise PageMissing("the console's page is not in this package; its APIs work: see /schema")
    tag = f'"{hashlib.sha256(found.content).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers={"ETag": tag, "Cache-Control": _ASK_AGAIN})
    return _answer(found, {"Cache-Control": _ASK_AGAIN, "ETag": tag})


@get("/assets/{name:path}", operation_id="asset", auth="public", include_in_schema=False)
async def asset(name: str, request: Request[Any, Any, Any]) -> Response[bytes]:
    """A file of the page; its name has the hash of its content in it."""
    found = await _file(f"assets/{name.lstrip('/')}", request)
    return _answer(found, {"Cache-Control": _FOREVER})


@get("/favicon.svg", operation_id="icon", auth="public", include_in_schema=False)
async def icon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The page's icon."""
    return _answer(await _file("favicon.svg", request), {"Cache-Control": _ASK_AGAIN})


async def _file(name: str, request: Request[Any, Any, Any]) -> files.File:
    found = await asyncio.to_thread(files.read, name, request.headers.get("accept-encoding", ""))
    if found is None:
        raise AssetNotFound(f"the page has no file {name[:128]!r}; reload the page, it may have been replaced")
    return found


def _answer(file: files.File, headers: dict[str, str]) -> Response[bytes]:
    encoding = {"Content-Encoding": file.encoding} if file.encoding else {}
    return Response(
        file.content, media_type=file.media_type, headers={**headers, **encoding, "Vary": "Accept-Encoding"}
    )
