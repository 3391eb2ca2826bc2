import http.client
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from chaos.proxy.thread import Proxy
from chaos.proxy.toxics import NONE, Toxic

BODY = b"x" * 200_000


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def shop() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def connect(proxy: Proxy, seconds: float = 5.0) -> http.client.HTTPConnection:
    address = urlsplit(proxy.url)
    return http.client.HTTPConnection(str(address.hostname), address.port, timeout=seconds)


def get(connection: http.client.HTTPConnection) -> bytes:
    connection.request("GET", "/")
    return connection.getresponse().read()


def test_without_a_toxic_everything_passes_over_one_connection(shop: int) -> None:
    with Proxy(shop, NONE) as proxy:
        connection = connect(proxy)
        assert get(connection) == BODY
        assert get(connection) == BODY
        connection.close()


def test_a_connection_is_reset_once_a_request_was_sent(shop: int) -> None:
    with Proxy(shop, Toxic(kind="reset")) as proxy, pytest.raises(ConnectionResetError):
        get(connect(proxy))


def test_a_black_hole_takes_the_request_and_answers_nothing(shop: int) -> None:
    with Proxy(shop, Toxic(kind="black-hole")) as proxy, pytest.raises(TimeoutError):
        get(connect(proxy, 0.5))


def test_an_answer_arrives_late_and_whole(shop: int) -> None:
    with Proxy(shop, Toxic(kind="latency", seconds=0.3)) as proxy:
        began = time.monotonic()
        assert get(connect(proxy, 20)) == BODY
        assert time.monotonic() - began >= 0.3


def test_only_a_share_of_the_connections_is_hit(shop: int) -> None:
    with Proxy(shop, Toxic(kind="reset", share=0.0)) as proxy:
        assert get(connect(proxy)) == BODY


def test_its_end_ends_the_connections_through_it(shop: int) -> None:
    with Proxy(shop, Toxic(kind="black-hole")) as proxy:
        connection = connect(proxy)
        connection.request("GET", "/")
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        connection.getresponse()


def test_who_is_not_there_is_seen_as_a_closed_connection() -> None:
    with Proxy(9, NONE) as proxy, pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        get(connect(proxy))
