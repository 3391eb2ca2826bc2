"""Prometheus' reads through lens: passed on, bounded, and said to be absent where there is nothing to ask."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest import LensProcess, free_port


class Asked(BaseHTTPRequestHandler):
    """Says what it was asked; `huge` and `teapot` are answers of their own."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        said = json.dumps({"path": self.path, "method": self.command, "form": form}).encode()
        huge = b" " * (17 * 2**20) if "huge" in self.path else b""
        self.send_response(400 if "teapot" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said) + len(huge)))
        self.end_headers()
        self.wfile.write(said + huge)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


class Upstream(ThreadingHTTPServer):
    """Whoever asked may hang up before a large answer has ended."""

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[str]:
    server = Upstream(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_reads_of_prometheus_are_passed_on_as_they_came(start_lens: Callable[..., LensProcess], upstream: str) -> None:
    lens = start_lens(LENS_PROMETHEUS_URL=upstream)

    got = lens.get("/api/v1/query", query='up{job="a+b"}', time="1.5").json
    assert (got["method"], got["path"]) == ("GET", "/api/v1/query?query=up%7Bjob%3D%22a%2Bb%22%7D&time=1.5")
    posted = lens.post_form("/api/v1/query_range", query="rate(x[5m])", step="15").json
    assert (posted["method"], posted["form"]) == ("POST", "query=rate%28x%5B5m%5D%29&step=15")
    assert lens.get("/api/v1/label/job/values").json["path"] == "/api/v1/label/job/values"
    for name in ("series", "labels", "metadata", "rules", "alerts", "status/buildinfo", "query_exemplars"):
        assert lens.get(f"/api/v1/{name}").json["path"] == f"/api/v1/{name}"
    assert lens.get("/api/v1/query", query="teapot").status == 400
    assert lens.get("/api/v1/query", query="huge").json["reason"] == "prometheus-answer-too-large"
    assert lens.get("/api/console/system").json["prometheus"] == {"available": True, "url": upstream, "hint": ""}


@pytest.mark.parametrize("path", ["/api/v1/admin/tsdb/snapshot", "/api/v1/label/a-b/values", "/api/v1/status/config"])
def test_nothing_else_of_prometheus_can_be_reached(lens: LensProcess, path: str) -> None:
    assert lens.get(path).status in {404, 422}
    assert lens.send("DELETE", "/api/v1/series").status == 405


def test_an_absent_prometheus_is_a_problem_that_says_how_to_get_one(
    start_lens: Callable[..., LensProcess], tmp_path: Path
) -> None:
    status = tmp_path / "prometheus.json"
    url = f"http://127.0.0.1:{free_port()}"
    lens = start_lens(LENS_PROMETHEUS_URL=url, LENS_PROMETHEUS_STATUS=str(status))

    answer = lens.get("/api/v1/query", query="up")
    assert (answer.status, answer.json["reason"]) == (503, "prometheus-absent")
    assert "./just up" in answer.json["detail"]
    status.write_text('{"state": "off", "hint": "It is switched off."}')
    assert lens.get("/api/v1/query", query="up").json["detail"] == "It is switched off."
    assert lens.get("/api/console/system").json["prometheus"] == {
        "available": False, "url": url, "hint": "It is switched off.",
    }  # fmt: skip
