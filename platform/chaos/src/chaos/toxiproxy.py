"""Toxiproxy's HTTP API, as far as faults need it: toxics come and go, a proxy is shut and opened."""

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

import msgspec

from chaos.errors import ChaosError
from chaos.proxy.toxics import Toxic

TOXIC: Final = "fault"
"""The name of the one toxic that a proxy has at a time."""
_ANSWER_S: Final = 10.0


def add(api: str, proxy: str, toxic: Toxic) -> None:
    """Have a proxy do this to its connections, those that are open too.

    Raises:
        ChaosError: Toxiproxy does not answer, or refuses.
    """
    _do(api, "POST", f"/proxies/{proxy}/toxics", described(toxic))


def remove(api: str, proxy: str) -> None:
    """Have it pass everything on again; nothing if it does, or if Toxiproxy is gone, and its toxics with it.

    Raises:
        ChaosError: Toxiproxy is there, but does not do it.
    """
    _undo(api, "DELETE", f"/proxies/{proxy}/toxics/{TOXIC}", None)


def shut(api: str, proxy: str) -> None:
    """Have a proxy end its connections and take no other.

    Raises:
        ChaosError: Toxiproxy does not answer, or refuses.
    """
    _do(api, "POST", f"/proxies/{proxy}", {"enabled": False})


def open_again(api: str, proxy: str) -> None:
    """Have it take connections again; nothing if Toxiproxy is gone: it starts with every proxy open.

    Raises:
        ChaosError: Toxiproxy is there, but does not do it.
    """
    _undo(api, "POST", f"/proxies/{proxy}", {"enabled": True})


def described(toxic: Toxic) -> dict[str, Any]:
    """A fault of connections in Toxiproxy's words; `timeout` of 0 holds back for ever, or resets at the first byte."""
    kind, stream, attributes = {
        "reset": ("reset_peer", "upstream", {"timeout": 0}),
        "black-hole": ("timeout", "upstream", {"timeout": 0}),
        "latency": ("latency", "downstream", {"latency": round(toxic.seconds * 1000)}),
    }[toxic.kind]
    return {"name": TOXIC, "type": kind, "stream": stream, "toxicity": toxic.share, "attributes": attributes}


def _do(api: str, method: str, path: str, body: Any) -> None:
    try:
        status, said = _answer(api, method, path, body)
    except OSError as error:
        raise _failed(method, path, str(error)) from None
    if not _is_good(status):
        raise _failed(method, path, said)


def _undo(api: str, method: str, path: str, body: Any) -> None:
    try:
        status, said = _answer(api, method, path, body)
    except ConnectionRefusedError:
        return
    except OSError as error:
        raise _failed(method, path, str(error)) from None
    if not (_is_good(status) or status == HTTPStatus.NOT_FOUND):
        raise _failed(method, path, said)


def _answer(api: str, method: str, path: str, body: Any) -> tuple[int, str]:
    connection = HTTPConnection(api.removeprefix("http://"), timeout=_ANSWER_S)
    try:
        connection.request(method, path, None if body is None else msgspec.json.encode(body))
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace").strip()
    except HTTPException as error:
        raise ConnectionError(f"no answer: {error!r}") from None
    finally:
        connection.close()


def _is_good(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _failed(method: str, path: str, said: str) -> ChaosError:
    return ChaosError(f"Toxiproxy: {method} {path}: {said}", "see how it is: ./just status")
