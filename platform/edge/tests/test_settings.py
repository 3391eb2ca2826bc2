"""What the edge is told at start, and what it says to what it does not understand."""

from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient
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
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        EdgeSettings.from_environ({**environ, variable: value})
    assert caught.value.subject in {variable, value}


async def test_pages_of_allowed_origins_may_call_and_no_others(environ: dict[str, str]) -> None:
    app = create_app(EdgeSettings.from_environ({**environ, "EDGE_ALLOW_ORIGINS": "https://shop.example"}))
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    async with AsyncTestClient(app) as client:
        allowed = await client.options("/things", headers={"Origin": "https://shop.example", **preflight})
        refused = await client.options("/things", headers={"Origin": "https://evil.example", **preflight})
        called = await client.get("/", headers={"Origin": "https://shop.example"})
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in refused.headers
    assert called.headers["access-control-allow-origin"] == "https://shop.example"


async def test_no_origin_is_allowed_by_default(environ: dict[str, str]) -> None:
    async with AsyncTestClient(create_app(EdgeSettings.from_environ(environ))) as client:
        answer = await client.get("/", headers={"Origin": "https://shop.example"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
