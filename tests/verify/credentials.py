"""What opens every operation of a running service that asks for a token."""

import asyncio
import json

from chassis.auth.keys import SigningKey
from chassis.auth.tokens import ServiceTokens
from chassis.environment import Secret
from chassis.manifest import load_manifest
from pharos.storefront import DEMO_CUSTOMER, Storefront, accepted
from support.system import ROOT, System


class Credentials:
    """The demo customer of a running system, logged in once, and every service's own key."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._customer = ("Authorization", f"Bearer {asyncio.run(_access_token(system))}")

    def of(self, service: str) -> dict[str, tuple[str, str]]:
        """The header and the token by operation ID, as the OpenAPI file and the manifest say; good for five minutes."""
        folder = ROOT / "services" / service
        document = json.loads((folder / "openapi.json").read_text())
        manifest = load_manifest(folder / "service.toml")
        header = document["components"]["securitySchemes"]["serviceToken"]["name"]
        found = {}
        for operation in (one for path in document["paths"].values() for one in path.values()):
            name = operation["operationId"]
            if {"userToken": []} in operation["security"]:
                found[name] = self._customer
            elif {"serviceToken": []} in operation["security"]:
                caller = next(caller for caller in manifest.callers if manifest.may_call(caller, name))
                found[name] = (header, service_token(self._system, caller, service))
        return found


def service_token(system: System, caller: str, audience: str) -> str:
    """A token of one service for another."""
    file = system.state / "secrets" / f"key-{caller}.jwk"
    key = SigningKey.parse(Secret(file.read_text()), source=str(file))
    return ServiceTokens(caller, key).token_for(audience)


async def _access_token(system: System) -> str:
    async with Storefront(system.edge, DEMO_CUSTOMER, system.demo_password) as storefront:
        credentials = {"email": DEMO_CUSTOMER, "password": system.demo_password}
        answer = accepted(await storefront.send("POST", "/sessions", json=credentials), "log in")
    token: str = answer.body["access_token"]
    return token
