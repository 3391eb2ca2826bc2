"""The `[resilience]` table of a service.toml: what differs from the defaults."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from chassis.resilience.calls import CallConfig, ClientConfig
from chassis.resilience.requests import RequestLimits

Service = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]{1,30}$")]
_OF_THE_CLIENT = frozenset(ClientConfig.__struct_fields__) - frozenset(CallConfig.__struct_fields__)


class Resilience(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Figures of calling and being called.

    Attributes:
        calls: of calls to every service.
        calls_to: of calls to one service; what is not given there is as in `calls`.
        requests: limits on what it is asked.
    """

    calls: ClientConfig = ClientConfig()
    calls_to: dict[Service, CallConfig] = {}
    requests: RequestLimits = RequestLimits()


def inherit(document: dict[str, Any]) -> dict[str, Any]:
    """The parsed `[resilience]` table with the figures of `calls` in each of `calls_to`, where those give none."""
    calls, calls_to = document.get("calls"), document.get("calls_to")
    if not isinstance(calls, dict) or not isinstance(calls_to, dict):
        return document
    common = {key: value for key, value in calls.items() if key not in _OF_THE_CLIENT}
    return {**document, "calls_to": {name: _over(common, own) for name, own in calls_to.items()}}


def _over(common: dict[str, Any], own: Any) -> Any:
    if not isinstance(own, dict):
        return own
    nested = {key: _over(common[key], own[key]) for key in own if isinstance(common.get(key), dict)}
    return {**common, **own, **nested}
