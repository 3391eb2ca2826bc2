"""A real mail server that fails as it is told, and accounts as notifications knows it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailBox:
    """What the mail server took, and the replies it is to give instead, one for each message."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)

    def of_order(self, order_id: str) -> list[EmailMessage]:
        """The messages that tell of an order."""
        return [mail for mail in self.mails if order_id in str(mail["Subject"])]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.replies:
            return self.replies.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


@contextmanager
def mail_server(port: int) -> Iterator[MailBox]:
    """A mail server on this port."""
    box = MailBox(port)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Accounts:
    """Customers by their id, and the statuses to answer with first."""

    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    accounts: Accounts

    def do_GET(self) -> None:
        self.accounts.headers.append(dict(self.headers.items()))
        customer = self.accounts.customers.get(self.path.rpartition("/")[2])
        if self.accounts.failures:
            self._reply(self.accounts.failures.pop(0), {"reason": "as-told"})
        elif customer is None:
            self._reply(404, {"reason": "customer-unknown"})
        else:
            self._reply(200, customer)

    def _reply(self, status: int, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: the test reads `headers`."""


@contextmanager
def accounts_server() -> Iterator[Accounts]:
    """accounts on a port of its own."""
    accounts = Accounts()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"accounts": accounts}))
    server.daemon_threads = True
    accounts.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield accounts
    finally:
        server.shutdown()
        server.server_close()
