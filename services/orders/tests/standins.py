"""Small real HTTP servers in place of accounts, inventory and payments: they keep books, and fail as they are told."""

import json
import threading
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PRICE = 1250
Reply = tuple[int, dict[str, Any]]

REFUSE = "refuse"
"""Answer with a problem and do nothing."""
LOSE_ANSWER = "lose answer"
"""Do it, and cut the connection instead of answering."""
LOSE_REQUEST = "lose request"
"""Cut the connection without doing anything."""
HANG = "hang"
"""Do it, and answer only once the test lets go."""


@dataclass
class Call:
    """A request as it arrived."""

    operation: str
    order_id: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class World:
    """What the three services know, and the faults they are to show: by operation, one a request."""

    customers: set[str] = field(default_factory=set)
    reservations: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: list[Call] = field(default_factory=list)
    faults: defaultdict[str, deque[tuple[str, int, str]]] = field(default_factory=lambda: defaultdict(deque))
    let_go: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def fail(self, operation: str, kind: str, status: int = 503, reason: str = "unavailable", times: int = 1) -> None:
        """Have the next `times` requests of this operation fail in this way."""
        self.faults[operation].extend([(kind, status, reason)] * times)

    def heal(self) -> None:
        """End all faults."""
        self.faults.clear()
        self.let_go.set()

    def called(self, order_id: str) -> list[str]:
        """The operations asked for an order, in their order."""
        return [call.operation for call in self.calls if call.order_id == order_id]

    def books(self, order_id: str) -> tuple[str, str]:
        """Status of the order's reservation and of its payment."""
        stock = self.reservations.get(order_id, {"status": "none"})["status"]
        paid = [payment["status"] for payment in self.payments.values() if payment["order_id"] == order_id]
        assert len(paid) <= 1, "an order has one payment"
        return stock, (paid[0] if paid else "none")

    def verify_customer(self, customer_id: str) -> Reply:
        if customer_id not in self.customers:
            return 404, {"reason": "customer-unknown"}
        return 200, {"customer_id": customer_id, "email": "ada@example.org", "name": "Ada"}

    def reserve_stock(self, body: dict[str, Any]) -> Reply:
        known = self.reservations.get(body["order_id"])
        if known is None:
            lines = [line | {"unit_price": {"amount_minor": PRICE, "currency": "EUR"}} for line in body["lines"]]
            total = sum(PRICE * line["quantity"] for line in lines)
            known = self.reservations[body["order_id"]] = {
                "reservation_id": str(uuid.uuid4()),
                "order_id": body["order_id"],
                "status": "held",
                "expires_at": "2099-01-01T00:00:00Z",
                "lines": lines,
                "total": {"amount_minor": total, "currency": "EUR"},
            }
            self.done["reserve_stock", body["order_id"]] += 1
        return 201, known

    def move_reservation(self, reservation_id: str, moves: dict[str, str]) -> Reply:
        found = next(each for each in self.reservations.values() if each["reservation_id"] == reservation_id)
        if found["status"] in moves.values():
            return 200, found
        if found["status"] not in moves:
            return 409, {"reason": "reservation-expired"}
        found["status"] = moves[found["status"]]
        return 200, found

    def authorise_payment(self, key: str, body: dict[str, Any]) -> Reply:
        if key not in self.payments:
            approved = body["card_token"] != "tok_decline"
            self.payments[key] = {
                "payment_id": str(uuid.uuid4()),
                "order_id": body["order_id"],
                "amount": body["amount"],
                "status": "authorised" if approved else "declined",
                "decline_reason": None if approved else "card_declined",
            }
            self.done["authorise_payment", body["order_id"]] += 1
        return 201, self.payments[key]

    def move_payment(self, payment_id: str, start: str, end: str) -> Reply:
        found = next(each for each in self.payments.values() if each["payment_id"] == payment_id)
        if found["status"] == start:
            found["status"] = end
            self.done[end, found["order_id"]] += 1
        if found["status"] != end:
            return 409, {"reason": "payment-status"}
        return 200, found

    def order_of(self, collection: str, identifier: str) -> str:
        """The order that a reservation or a payment belongs to."""
        rows = self.reservations if collection == "reservations" else self.payments
        singular = f"{collection[:-1]}_id"
        return next((each["order_id"] for each in rows.values() if each[singular] == identifier), "")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: World

    def do_GET(self) -> None:
        _, collection, identifier = self.path.split("/")[:3]
        if collection == "customers":
            self._serve("get_customer", "", lambda _: self.world.verify_customer(identifier))
        else:
            payments = {each["payment_id"]: each for each in self.world.payments.values()}
            self._serve("get_payment", payments[identifier]["order_id"], lambda _: (200, payments[identifier]))

    def do_POST(self) -> None:
        match self.path.strip("/").split("/"):
            case ["reservations"]:
                self._serve("reserve_stock", "", self.world.reserve_stock)
            case ["payments"]:
                key = self.headers["Idempotency-Key"]
                self._serve("authorise_payment", "", lambda body: self.world.authorise_payment(key, body))
            case ["reservations", identifier, "commit"]:
                self._move("commit_reservation", identifier, {"held": "sold"})
            case ["reservations", identifier, "release"]:
                self._move("release_reservation", identifier, {"held": "released", "sold": "returned"})
            case ["payments", identifier, verb]:
                start, end = {
                    "capture": ("authorised", "captured"),
                    "void": ("authorised", "voided"),
                    "refund": ("captured", "refunded"),
                }[verb]
                order_id = self.world.order_of("payments", identifier)
                self._serve(f"{verb}_payment", order_id, lambda _: self.world.move_payment(identifier, start, end))

    def _move(self, operation: str, identifier: str, moves: dict[str, str]) -> None:
        order_id = self.world.order_of("reservations", identifier)
        self._serve(operation, order_id, lambda _: self.world.move_reservation(identifier, moves))

    def _serve(self, operation: str, order_id: str, act: Any) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else {}
        order_id = order_id or body.get("order_id", "")
        self.world.calls.append(Call(operation, order_id, dict(self.headers.items()), body))
        faults = self.world.faults[operation]
        kind, status, reason = faults.popleft() if faults else ("", 0, "")
        if kind == REFUSE:
            self._reply(status, {"status": status, "reason": reason, "detail": "as told"})
        elif kind == LOSE_REQUEST:
            self._cut()
        else:
            reply = act(body)
            if kind == HANG:
                self.world.arrived.set()
                self.world.let_go.wait(30)
            if kind in {LOSE_ANSWER, HANG}:
                self._cut()
            else:
                self._reply(*reply)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _reply(self, status: int, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        media_type = "application/json" if status < 400 else "application/problem+json"
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: the test reads `calls`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A cut connection is what the test asked for."""


@contextmanager
def standins() -> Iterator[World]:
    """The three services on one port, whose address is the world's `url`."""
    world = World()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"world": world}))
    world.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        world.heal()
        server.shutdown()
        server.server_close()
