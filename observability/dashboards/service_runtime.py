"""What the processes of a service use, and how they are."""

import links
import look
import promql as q
from grafana_foundation_sdk.builders import table, timeseries
from panels import Q, timeline
from tables import Column, grid

ONE = 'service="$service"'
OPEN = [links.logs(links.CHOSEN_SERVICE)]


def saturation() -> list[timeseries.Panel]:
    """How near each replica is to its limits."""
    lag = "event_loop_lag_seconds"
    return [
        timeline(
            "Event-loop lag",
            "How late the event loop ran a timer: the worst of a hundred looks, and the latest look. Above 0.1 s "
            "something blocks it, and every request of that replica waits.",
            look.SECONDS,
            Q(q.quantile(0.99, lag, ONE, by="instance"), "{{instance}} p99"),
            Q(f"max by (instance) (event_loop_lag_last_seconds{{{ONE}}})", "{{instance}} latest"),
            limits=((0.1, look.WARNING),),
            links=[links.runbook("EventLoopLag")],
        ),
        timeline(
            "Active requests",
            "Requests being served at once by a replica. Growth without more traffic means that a dependency is slow.",
            look.COUNT,
            Q(f"sum by (instance) (http_server_active_requests{{{ONE}}})", "{{instance}}"),
            decimals=0,
        ),
        timeline(
            "CPU",
            "Cores in use by a replica, which can use one. Near the line it is at its limit: add a replica or find "
            "the work.",
            look.CORES,
            Q(q.rate("process_cpu_seconds_total", ONE, by="instance"), "{{instance}}"),
            limits=((0.9, look.WARNING),),
        ),
        timeline(
            "Open files",
            "Share of the file descriptors a replica may open. Towards 100 % it can accept no connection: look for "
            "ones that are not closed.",
            look.SHARE,
            Q(f"sum by (instance) (process_open_fds{{{ONE}}} / process_max_fds{{{ONE}}})", "{{instance}}"),
            limits=((0.8, look.WARNING),),
        ),
    ]


def admission() -> list[timeseries.Panel]:
    """Who is let in, and who is sent away."""
    shed = q.rate("request_shed_total", ONE, by="request_priority, request_shed_reason")
    refused = q.rate("request_refusals_total", ONE, by="error_type")
    return [
        timeline(
            "Concurrency limit",
            "Requests a replica works on at once, at most, and how many wait for a place. A falling limit means that "
            "requests began to wait for each other; standing queues that more is asked than can be done.",
            look.COUNT,
            Q(f"max by (instance) (request_limiter_limit{{{ONE}}})", "{{instance}} limit"),
            Q(f"max by (instance) (request_limiter_queued{{{ONE}}})", "{{instance}} waiting"),
            decimals=0,
        ),
        timeline(
            "Places taken",
            "Requests that have a place, by priority. Those that wait for another service have none.",
            look.COUNT,
            Q(f"sum by (request_priority) (request_limiter_in_flight{{{ONE}}})", "{{request_priority}}"),
            decimals=0,
            stacked=True,
        ),
        timeline(
            "Sent away",
            "Requests a second answered 503 with Retry-After, by priority and cause. Background first is by design; "
            "user-facing ones mean that a replica more is needed.",
            look.PER_SECOND,
            Q(q.or_none(shed, "request_priority"), "{{request_priority}} {{request_shed_reason}}"),
            links=OPEN,
        ),
        timeline(
            "Refused",
            "Requests a second turned away for what or whose they are: over a limit, without a valid token, with a "
            "card number in a text. Many at once is somebody who tries, or a client that broke.",
            look.PER_SECOND,
            Q(q.or_none(refused, "error_type"), "{{error_type}}"),
            links=OPEN,
        ),
    ]


def replicas() -> table.Panel:
    """A row for each process."""
    requests = q.or_zero(q.rate(f"{q.REQUESTS}_count", ONE, q.WORK, by="instance"), ONE, by="instance")
    errors = q.or_zero(q.share_failed(ONE, by="instance"), ONE, by="instance")
    return grid(
        "Replicas",
        "Each replica now. One that differs from its siblings is the one to look at; short-lived ones were restarted.",
        {"instance": "Replica"},
        [
            Column("Up", f"max by (instance) (up{{{ONE}}})", values={"1": ("up", look.GOOD), "0": ("down", look.BAD)}),
            Column("Running for", f"time() - max by (instance) (process_start_time_seconds{{{ONE}}})", look.SECONDS, 0),
            Column("Restarts", q.restarts(ONE, by="instance"), decimals=0, limits=look.RESTARTED),
            Column("Requests", requests, look.PER_SECOND, 1),
            Column("Errors", errors, look.SHARE, 2, look.ERRORS),
            Column("p95", q.quantile(0.95, q.REQUESTS, ONE, q.WORK, by="instance"), look.SECONDS, limits=look.LATENCY),
            Column("CPU", q.rate("process_cpu_seconds_total", ONE, by="instance"), look.CORES, 2),
            Column("Memory", f"max by (instance) (process_resident_memory_bytes{{{ONE}}})", look.BYTES, 0),
        ],
        links=OPEN,
        sort="Replica",
        descending=False,
    )


def runtime() -> list[timeseries.Panel | table.Panel]:
    """Memory, garbage collection and the Python that runs."""
    versions = f"count by (instance, implementation, version) (python_info{{{ONE}}})"
    return [
        timeline(
            "Memory",
            "Resident memory of each replica. A line that only rises is a leak and ends in a restart.",
            look.BYTES,
            Q(f"max by (instance) (process_resident_memory_bytes{{{ONE}}})", "{{instance}}"),
        )
        .span(8)
        .height(7),
        timeline(
            "Garbage collections",
            "Runs of the garbage collector a second by generation. Many of generation 2 stop the process noticeably: "
            "too many objects live too long.",
            look.EVENTS,
            Q(q.rate("python_gc_collections_total", ONE, by="generation"), "generation {{generation}}"),
        )
        .span(8)
        .height(7),
        grid(
            "Python",
            "The interpreter of each replica. All should be the same: others are left from an earlier release.",
            {"instance": "Replica", "implementation": "Implementation", "version": "Version"},
            [Column("Processes", versions, decimals=0)],
            links=OPEN,
            sort="Replica",
            descending=False,
        )
        .span(8)
        .height(7),
    ]
