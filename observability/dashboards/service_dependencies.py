"""What a service waits for: other services, its database, and the breakers between."""

import links
import look
import promql as q
from grafana_foundation_sdk.builders import stat, table, timeseries
from panels import Q, timeline
from tables import Column, grid

ONE = 'service="$service"'
PEER = links.to_service("${__field.labels.service_peer_name}")
STATES = {"0": ("closed", look.GOOD), "1": ("half-open", look.WARNING), "2": ("open", look.BAD)}
"""What the numbers of `circuit_breaker_state` mean."""
NO_PEER = "no peer"


def dependencies() -> list[timeseries.Panel]:
    """Calls of other services, and statements."""
    count = f"{q.CALLS}_count"
    failed = q.rate(count, ONE, q.CALL_FAILED, by="service_peer_name, error_type")
    return [
        timeline(
            "Calls by peer",
            "Attempts a second to call another service, retries included. Twice the usual without more traffic is a "
            "storm of retries.",
            look.PER_SECOND,
            Q(
                q.or_none(q.rate(count, ONE, by="service_peer_name"), "service_peer_name", NO_PEER),
                "{{service_peer_name}}",
            ),
            links=[PEER],
        ),
        timeline(
            "Failed calls by peer",
            "Attempts a second that failed, by reason. The peer named here is down, slow or refuses us: open its "
            "dashboard.",
            look.PER_SECOND,
            Q(q.or_none(failed, "service_peer_name", NO_PEER), "{{service_peer_name}} {{error_type}}"),
            links=[PEER, links.traces(links.CHOSEN_SERVICE, failed=True)],
        ),
        timeline(
            "p95 of calls by peer",
            "Nineteen of twenty attempts end within this time; the dots lead to their traces. This is the peer's "
            "time and the network's: compare it with the peer's own latency.",
            look.SECONDS,
            Q(
                q.quantile(0.95, q.CALLS, ONE, by="service_peer_name", none=NO_PEER),
                "{{service_peer_name}}",
                exemplar=True,
            ),
            links=[PEER],
        ),
        *_database(),
    ]


def _database() -> list[timeseries.Panel]:
    """Services without a database show one line at zero."""
    metric, table = "db_client_operation_duration_seconds", "db_collection_name"
    data = [links.board("Open the data dashboard", "data", links.CHOSEN_SERVICE)]
    rate = q.rate(f"{metric}_count", ONE, by=table)
    return [
        timeline(
            "Statements by table",
            "SQL statements a second; those without a table begin and end transactions. Many more for each request "
            "than yesterday is a loop over single rows.",
            look.EVENTS,
            Q(q.or_none(rate, table, "no database"), "{{db_collection_name}}"),
            links=data,
        ),
        timeline(
            "p95 of statements by table",
            "Nineteen of twenty statements end within this time. A line that rises with the table's size wants an "
            "index.",
            look.SECONDS,
            Q(q.quantile(0.95, metric, ONE, by=table, none="no database"), "{{db_collection_name}}"),
            links=data,
        ),
        timeline(
            "Connections in use",
            "Database connections in use, of those allowed. At the limit requests wait for one: look for slow "
            "statements.",
            look.COUNT,
            Q(q.or_nought(f'sum(db_client_connection_count{{{ONE}, db_client_connection_state="used"}})'), "in use"),
            Q(q.or_nought(f"sum(db_client_connection_max{{{ONE}}})"), "allowed", color=look.IDLE),
            links=[*data, links.runbook("DatabasePoolExhausted")],
            decimals=0,
        ),
    ]


def breakers() -> list[table.Panel | stat.Panel | timeseries.Panel]:
    """The state of each breaker and what it did."""
    state = f"max by (service_peer_name, server_address) (circuit_breaker_state{{{ONE}}})"
    labels = "service_peer_name, circuit_breaker_state"
    moved = q.increase("circuit_breaker_transitions_total", ONE, by=labels, over=q.RATE)
    refused = q.rate("circuit_breaker_rejections_total", ONE, by="service_peer_name")
    return [
        grid(
            "Breakers",
            "A breaker for each replica that is called. Open means that it failed too often and gets no calls for "
            "now: look why that replica fails.",
            {"service_peer_name": "Peer", "server_address": "Replica"},
            [Column("State", q.or_none(state, "service_peer_name", NO_PEER), values=STATES)],
            links=[links.to_service("${__data.fields.Peer}"), links.runbook("BreakerOpen")],
            sort="State",
        ),
        timeline(
            "Changes of state",
            "Breakers that opened, tried again or closed, a bar for each minute or longer. Opening and closing in "
            "turn is a replica that fails under load.",
            look.COUNT,
            Q(
                q.or_none(moved, "service_peer_name", NO_PEER),
                "{{service_peer_name}} {{circuit_breaker_state}}",
            ),
            links=[PEER, links.runbook("BreakerOpen")],
            bars=True,
            stacked=True,
            decimals=0,
        ),
        timeline(
            "Calls refused by breakers",
            "Calls a second that were not made because a breaker was open. They fail at once instead of waiting; the "
            "peer named is the cause.",
            look.PER_SECOND,
            Q(q.or_none(refused, "service_peer_name", NO_PEER), "{{service_peer_name}}"),
            links=[PEER, links.runbook("BreakerOpen")],
        ),
    ]


def calls_held_back() -> list[timeseries.Panel]:
    """What keeps calls from a peer that is in trouble, besides its breakers."""
    peer = "service_peer_name"
    full = q.rate("bulkhead_rejections_total", ONE, by=peer)
    held = q.rate("throttle_rejections_total", ONE, by=peer)
    return [
        timeline(
            "Bulkheads",
            "Calls to each peer that are under way, and calls a second refused because as many as are allowed were. A "
            "line that stands at its top is a peer that hangs.",
            look.COUNT,
            Q(q.or_none(f"sum by ({peer}) (bulkhead_in_flight{{{ONE}}})", peer, NO_PEER), "{{service_peer_name}}"),
            Q(q.or_none(full, peer, NO_PEER), "{{service_peer_name}} refused"),
            links=[PEER],
        ),
        timeline(
            "Throttle",
            "Calls a second that were kept back because the peer sheds more than half of what it is asked. It has too "
            "much to do: see its row Admission.",
            look.PER_SECOND,
            Q(q.or_none(held, peer, NO_PEER), "{{service_peer_name}}"),
            links=[PEER],
        ),
        *_elsewhere(),
    ]


def _elsewhere() -> list[timeseries.Panel]:
    """Calls that go to another replica, or once more."""
    peer = "service_peer_name"
    retried = q.rate("call_retries_total", ONE, by="service_peer_name, call_retry_outcome")
    ejected = q.increase("balancer_ejections_total", ONE, by=peer, over=q.RATE)
    return [
        timeline(
            "Replicas left out",
            "Times that the balancer began to leave a replica out, a bar for each minute or longer. Again and again "
            "the same peer: one of its replicas fails what its siblings serve.",
            look.COUNT,
            Q(q.or_none(ejected, peer, NO_PEER), "{{service_peer_name}}"),
            links=[PEER],
            bars=True,
            stacked=True,
            decimals=0,
        ),
        timeline(
            "Retries",
            "Attempts a second after the first, and those that the retry budget refused. Refusals mean that over a "
            "tenth of the calls would be repeated: the peer is down, and repeating would not help.",
            look.PER_SECOND,
            Q(q.or_none(retried, peer, NO_PEER), "{{service_peer_name}} {{call_retry_outcome}}"),
            links=[PEER],
        ),
    ]
