"""Who may call a handler."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar, Request, get, post
from litestar.testing import AsyncTestClient

from chassis.auth.keys import SigningKey, generate, key_set
from chassis.auth.tokens import ServiceTokens, issue_user_token
from chassis.discovery import StaticDiscovery
from chassis.environment import Secret
from chassis.errors import ConfigurationError
from chassis.manifest import parse_manifest
from chassis.plugin import ChassisPlugin
from chassis.server import innermost
from chassis.settings import ChassisSettings

Client = AsyncTestClient[Litestar]


def new_key(kid: str) -> SigningKey:
    return SigningKey.parse(Secret(json.dumps(generate(kid))))


KEYS = {name: new_key(f"{name}-1") for name in ("shop", "store", "door", "edge", "stranger")}
DISCOVERY = StaticDiscovery({}, {name: key_set(key) for name, key in KEYS.items()})


@get("/open", auth="public", operation_id="look")
async def look() -> dict[str, str]:
    return {}


@get("/mine", auth="user", operation_id="mine")
async def mine(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"user": request.user.subject}


@post("/money", auth="service", operation_id="take_money")
async def take_money(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"caller": request.auth.name}


def plugin_of(**manifest: Any) -> ChassisPlugin:
    document = {
        "name": "till",
        "description": "x",
        "owner": "o",
        "pager": "p",
        "tier": 1,
        "database": False,
        "user_issuer": "door",
        "callers": {"shop": ["take_money"], "store": []},
        **manifest,
    }
    settings = ChassisSettings(manifest=parse_manifest(document), log_level="CRITICAL")
    return ChassisPlugin(settings, discovery=DISCOVERY)


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    async with AsyncTestClient(Litestar([look, mine, take_money], plugins=[plugin_of()])) as opened:
        yield opened


def service_token(caller: str, audience: str = "till") -> dict[str, str]:
    return {"X-Service-Token": ServiceTokens(caller, KEYS[caller]).token_for(audience)}


def user_token(issuer: str = "door") -> dict[str, str]:
    token = issue_user_token(KEYS[issuer], issuer=issuer, subject="person-7", client="pharos", lifetime=900)
    return {"Authorization": f"Bearer {token}"}


async def test_a_public_handler_is_open_to_anyone(client: Client) -> None:
    assert (await client.get("/open")).status_code == 200


@pytest.mark.parametrize(("path", "methods"), [("/open", "GET, OPTIONS"), ("/mine", "GET, OPTIONS")])
async def test_anyone_may_ask_which_methods_there_are(client: Client, path: str, methods: str) -> None:
    answer = await client.options(path)

    assert (answer.status_code, answer.headers["allow"]) == (204, methods)


async def test_a_service_may_call_what_the_manifest_allows_it(client: Client) -> None:
    answer = await client.post("/money", headers=service_token("shop"))

    assert (answer.status_code, answer.json()) == (201, {"caller": "shop"})


async def test_a_service_may_call_nothing_else(client: Client) -> None:
    answer = await client.post("/money", headers=service_token("store"))

    assert (answer.status_code, answer.json()["reason"]) == (403, "caller-not-allowed")
    assert "store may not call take_money" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        dict,
        lambda: service_token("stranger"),
        lambda: service_token("shop", "store"),
        lambda: {"X-Service-Token": "nonsense"},
        user_token,
        lambda: {"X-Service-Token": user_token()["Authorization"].removeprefix("Bearer ")},
    ],
    ids=["none", "stranger", "another audience", "nonsense", "user", "user in the wrong header"],
)
async def test_whoever_is_no_service_is_turned_away(client: Client, headers: Callable[[], dict[str, str]]) -> None:
    answer = await client.post("/money", headers=headers())

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["reason"] in {"unauthenticated", "token-invalid"}


async def test_two_service_tokens_are_none(client: Client) -> None:
    token = service_token("shop")["X-Service-Token"]

    answer = await client.post("/money", headers=[("X-Service-Token", token), ("X-Service-Token", token)])

    assert answer.status_code == 401


async def test_a_signed_in_user_is_known_to_the_handler(client: Client) -> None:
    assert (await client.get("/mine", headers=user_token())).json() == {"user": "person-7"}


@pytest.mark.parametrize(
    "headers",
    [dict, lambda: user_token("stranger"), lambda: service_token("shop"), lambda: {"Authorization": "Basic eDp5"}],
    ids=["none", "another issuer", "service", "basic"],
)
async def test_whoever_is_not_signed_in_is_turned_away(client: Client, headers: Callable[[], dict[str, str]]) -> None:
    assert (await client.get("/mine", headers=headers())).status_code == 401


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


async def test_a_trace_continues_for_services_only(client: Client) -> None:
    inside = await client.get("/open", headers={**PARENT, **service_token("shop")})
    gateway = await client.get("/open", headers={**PARENT, **service_token("edge")})
    outside = await client.get("/open", headers=PARENT)
    forged = await client.get("/open", headers={**PARENT, **service_token("stranger")})

    assert inside.headers["x-trace-id"] == TRACE
    assert gateway.headers["x-trace-id"] == TRACE
    assert outside.headers["x-trace-id"] != TRACE
    assert forged.headers["x-trace-id"] != TRACE


async def test_keys_that_cannot_be_had_are_an_outage_and_not_the_callers_fault() -> None:
    plugin = ChassisPlugin(plugin_of().settings, discovery=StaticDiscovery({}))
    async with AsyncTestClient(Litestar([mine, take_money], plugins=[plugin])) as alone:
        answer = await alone.post("/money", headers=service_token("shop"))

    assert (answer.status_code, answer.json()["reason"]) == (503, "issuer-keys-unavailable")


async def test_the_public_key_is_published() -> None:
    settings = ChassisSettings(
        manifest=plugin_of().settings.manifest,
        signing_key=Secret(json.dumps(generate("till-1"))),
        log_level="CRITICAL",
    )
    plugin = ChassisPlugin(settings, discovery=DISCOVERY)
    async with AsyncTestClient(Litestar([mine, take_money], plugins=[plugin])) as opened:
        published = (await opened.get("/.well-known/service-jwks.json")).json()

    assert [key["kid"] for key in published["keys"]] == ["till-1"]
    assert "d" not in published["keys"][0]


async def refusal(app: Litestar) -> str:
    """Why the application does not start."""
    with pytest.raises(ExceptionGroup) as caught:
        async with app.lifespan():
            pass
    error = innermost(caught.value)
    assert isinstance(error, ConfigurationError)
    return str(error)


async def test_a_handler_that_does_not_say_whom_it_is_open_to_prevents_the_start() -> None:
    @get("/forgotten")
    async def forgotten() -> None: ...

    app = Litestar([forgotten, take_money], plugins=[plugin_of()])

    assert 'forgotten: has auth=None; declare auth="public", "user" or "service"' in await refusal(app)


async def test_a_policy_for_an_operation_that_does_not_exist_prevents_the_start() -> None:
    app = Litestar([take_money], plugins=[plugin_of(callers={"shop": ["steal_money"]})])

    message = await refusal(app)

    assert "`callers.shop`: 'steal_money' is no operation" in message
    assert "write one of take_money" in message


async def test_a_handler_for_users_needs_to_know_who_signs_them_in() -> None:
    app = Litestar([mine, take_money], plugins=[plugin_of(user_issuer=None)])

    assert "name the service that signs users in as `user_issuer`" in await refusal(app)


async def test_the_description_tells_who_may_call_what(client: Client) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]

    assert paths["/money"]["post"]["security"] == [{"serviceToken": []}]
    assert set(paths["/money"]["post"]["responses"]) == {"201", "401", "403", "default"}
    assert paths["/mine"]["get"]["security"] == [{"userToken": []}]
    assert paths["/open"]["get"]["security"] == []
