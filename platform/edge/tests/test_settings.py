"""What the edge is told at start, and what it says to what it does not understand."""

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from running import MANIFEST, ROUTES

from chassis.errors import ConfigurationError
from edge.app import create_app
from edge.settings import EdgeSettings, find_manifests


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    for name, routes in (("edge", []), ("things", ROUTES)):
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        (folder / "service.toml").write_text(MANIFEST.format(name=name, routes=routes))
    return {
        "PHAROS_MANIFEST": str(tmp_path / "services" / "edge" / "service.toml"),
        "PHAROS_MANIFESTS": str(tmp_path / "services"),
        "PHAROS_PORT": "7700",
        "PHAROS_DISCOVERY": f"file:{tmp_path}/endpoints.json",
    }


def test_a_folder_or_a_list_of_manifests_is_read(environ: dict[str, str]) -> None:
    folder = Path(environ["PHAROS_MANIFESTS"])
    assert [service.name for service in find_manifests(str(folder))] == ["edge", "things"]
    files = f"{folder}/things/service.toml, {folder}/edge/service.toml"
    assert [service.name for service in find_manifests(files)] == ["things", "edge"]


def test_limits_and_origins_have_defaults(environ: dict[str, str]) -> None:
    settings = EdgeSettings.from_environ(environ)
    assert (settings.timeout, settings.max_body_bytes, settings.allow_origins) == (5.0, 1024 * 1024, ())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PHAROS_MANIFESTS", ""),
        ("PHAROS_MANIFESTS", "/nowhere/service.toml"),
        ("PHAROS_MANIFESTS", "/"),
        ("PHAROS_DISCOVERY", ""),
        ("EDGE_TIMEOUT", "soon"),
        ("EDGE_OPERATORS", "10.0.0.300/8"),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        EdgeSettings.from_environ({**environ, variable: value})
    assert caught.value.subject in {variable, value}


async def ask(app: Litestar, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Status and header fields of the application's answer."""
    scope: Any = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "http_version": "1.1",
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async with app.lifespan():
        await app(scope, receive, send)
    return sent[0]["status"], {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}


async def test_pages_of_allowed_origins_may_call_and_no_others(environ: dict[str, str]) -> None:
    app = create_app(EdgeSettings.from_environ({**environ, "EDGE_ALLOW_ORIGINS": "https://shop.example"}))
    shop, evil = {"Origin": "https://shop.example"}, {"Origin": "https://evil.example"}
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    status, allowed = await ask(app, "OPTIONS", "/things", {**shop, **preflight})
    assert (status, allowed["access-control-allow-origin"]) == (204, "https://shop.example")
    assert "access-control-allow-origin" not in (await ask(app, "OPTIONS", "/things", {**evil, **preflight}))[1]
    assert (await ask(app, "GET", "/", shop))[1]["access-control-allow-origin"] == "https://shop.example"


async def test_no_origin_is_allowed_by_default(environ: dict[str, str]) -> None:
    app = create_app(EdgeSettings.from_environ(environ))
    status, headers = await ask(app, "GET", "/", {"Origin": "https://shop.example"})
    assert status == 200
    assert "access-control-allow-origin" not in headers
