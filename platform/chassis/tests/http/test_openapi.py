"""The description of the interface."""

import json
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis import openapi

Client = AsyncTestClient[Litestar]


async def test_the_document_names_the_service_and_its_owner(client: Client) -> None:
    info = (await client.get("/schema/openapi.json")).json()["info"]

    assert (info["title"], info["version"], info["description"]) == ("shop", "1.2.3", "Sells things")
    assert info["contact"] == {"name": "team-shop", "email": "shop@pharos.example"}


async def test_every_operation_says_which_problems_it_has(client: Client) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]

    responses = paths["/baskets"]["post"]["responses"]
    assert set(responses) == {"201", "400", "422", "default"}
    assert responses["422"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }


async def test_examples_of_types_are_in_the_document(client: Client) -> None:
    schemas = (await client.get("/schema/openapi.json")).json()["components"]["schemas"]

    assert schemas["Line"]["properties"]["item"]["examples"] == ["lamp"]
    assert schemas["Problem"]["examples"][0]["status"] == 422


async def test_the_page_for_people_loads_nothing_from_elsewhere(client: Client) -> None:
    page = await client.get("/schema")

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "/schema/openapi.json" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.fixture
def stall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a service with one route."""
    (tmp_path / "service.toml").write_text(
        'name="stall"\ndescription="Sells"\nowner="o"\npager="p@pharos.example"\ntier=1\n[environment]\nA_KEY_FILE="x"\n'
    )
    package = tmp_path / "stall"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "settings.py").write_text("from chassis.settings import ChassisSettings as Settings\n")
    (package / "app.py").write_text(
        "from litestar import Litestar, get\nfrom chassis.plugin import ChassisPlugin\n"
        "@get('/lamps', auth='public', operation_id='list_lamps')\nasync def lamps() -> list[str]:\n    return []\n"
        "def create_app(settings):\n    return Litestar([lamps], plugins=[ChassisPlugin(settings)])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_the_document_is_written_beside_the_manifest_and_found_current(stall: Path) -> None:
    assert openapi.main([str(stall), "--check"]) == 1

    assert openapi.main([str(stall)]) == 0

    document = json.loads((stall / "openapi.json").read_text())
    assert document["paths"]["/lamps"]["get"]["operationId"] == "list_lamps"
    assert document["info"]["version"] == "1"
    assert openapi.main([str(stall), "--check"]) == 0


def test_a_changed_interface_is_noticed(stall: Path, capsys: pytest.CaptureFixture[str]) -> None:
    openapi.main([str(stall)])
    target = stall / "openapi.json"
    target.write_text(target.read_text().replace("list_lamps", "lamps"))

    assert openapi.main([str(stall), "--check"]) == 1
    assert "is not current; run python -m chassis.openapi" in capsys.readouterr().err
