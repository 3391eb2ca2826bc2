"""What failed and came back: restarts, time down, readiness, breakers."""

import links
import look
import promql as q
from board import Board, Section, board, services
from grafana_foundation_sdk.builders import stat, table, timeseries
from panels import Q, number, timeline
from tables import Column, grid

STARTED = "process_start_time_seconds"
SERIES = [links.to_service(), links.logs()]
ROW = [links.to_service(links.ROW_SERVICE), links.traces(links.ROW_SERVICE), links.logs(links.ROW_SERVICE)]
DOWN = [links.runbook("ServiceDown"), links.runbook("ReplicaDown")]
LOOP = [links.runbook("CrashLoop")]
RESOLUTION = 5
"""Seconds between two looks at whether somebody was down: the interval of scraping."""


def recovery() -> Board:
    """The dashboard of failures and their end."""
    return board(
        "recovery",
        "Recovery",
        "Restarts, time down, readiness and uptime of every service: what failed, and how fast it came back.",
        [
            Section("", [*_now(), *_range(), *_away(), _services().span(24).height(9)]),
            Section("Over time", [panel.span(12).height(8) for panel in [*_up(), *_restarts()]]),
            Section("Replicas", [_replicas().span(24).height(9)]),
            Section("Dependencies", [_checks().span(12).height(9), _breakers().span(12).height(9)]),
        ],
        variables=[services()],
    )


def _gone() -> str:
    """Seconds of the range in which no replica of a service answered."""
    down = f"(max by (service) (up{{{q.CHOSEN}}}) == 0)[{q.RANGE}:{RESOLUTION}s]"
    return q.or_zero(f"{RESOLUTION} * count_over_time({down})")


def _ready() -> str:
    """Share of a service's replicas that are ready; one that does not answer at all is not."""
    return f"avg by (service) (health_ready{{{q.CHOSEN}}} or up{{{q.CHOSEN}}})"


def _now() -> list[stat.Panel]:
    return [
        number(
            "Services down",
            "Chosen services of which no replica answers now. Above 0 for longer than half a minute, it does not "
            "come back by itself: read the end of its log.",
            look.COUNT,
            q.or_nought(f"count(max by (service) (up{{{q.CHOSEN}}}) == 0)"),
            limits=look.NONE_IS_GOOD,
            links=DOWN,
        ),
        number(
            "Replicas down",
            "Processes that do not answer now. One may be on its way back; the same one for minutes cannot start.",
            look.COUNT,
            q.or_nought(f"count(up{{{q.CHOSEN}}} == 0)"),
            limits=look.NONE_IS_GOOD,
            links=DOWN,
        ),
        number(
            "Not ready",
            "Chosen services of which a replica is not ready. It does not answer, or lacks its database or its "
            "broker: the checks below say which.",
            look.COUNT,
            q.or_nought(f"count(({_ready()}) < 1)"),
            limits=look.NONE_IS_GOOD,
            links=[links.runbook("ServiceNotReady")],
        ),
        number(
            "Youngest process",
            "Time since the last start of any chosen process. Short without a deployment: something has just been "
            "recovered.",
            look.SECONDS,
            q.or_nought(f"time() - max({STARTED}{{{q.CHOSEN}}})"),
            decimals=0,
        ),
    ]


def _range() -> list[stat.Panel]:
    return [
        number(
            "Recoveries",
            "Processes started anew in this range. Few, each once: the system heals itself. One again and again: a "
            "crash loop.",
            look.COUNT,
            q.or_nought(f"sum({q.restarts(q.CHOSEN)})"),
            limits=look.RESTARTED,
            decimals=0,
            links=LOOP,
        ),
        number(
            "Most by one process",
            "Restarts in this range of the process that was restarted most. From 3 on it is a crash loop: the lines "
            "before each start say why.",
            look.COUNT,
            q.or_nought(f"max(changes({STARTED}{{{q.CHOSEN}}}[{q.RANGE}]))"),
            limits=look.RESTARTED,
            decimals=0,
            links=LOOP,
        ),
    ]


def _away() -> list[stat.Panel]:
    return [
        number(
            "Longest time down",
            "Most time in this range that a service was without any replica. A recovery takes seconds; minutes are "
            "an outage.",
            look.SECONDS,
            q.or_nought(f"max({_gone()})"),
            limits=((15, look.WARNING), (60, look.BAD)),
            decimals=0,
            links=DOWN,
        ),
        number(
            "Availability",
            "Share of this range in which replicas answered, over all chosen ones. Below 99.9 % look which one was "
            "away in the table below.",
            look.SHARE,
            q.or_nought(f"avg(avg_over_time(up{{{q.CHOSEN}}}[{q.RANGE}]))"),
            limits=((0.99, look.WARNING), (0.999, look.GOOD)),
            lowest=look.BAD,
            decimals=2,
            links=DOWN,
        ),
    ]


def _services() -> table.Panel:
    return grid(
        "Services",
        "Each service now and over the range. Colour is what needs you; the log of a service tells what happened "
        "before a start.",
        {"service": "Service"},
        [
            Column("Up", f"sum by (service) (up{{{q.CHOSEN}}})", decimals=0, limits=((1, look.GOOD),), lowest=look.BAD),
            Column("Of", f"count by (service) (up{{{q.CHOSEN}}})", decimals=0),
            Column("Ready", _ready(), look.SHARE, 0, ((0.5, look.WARNING), (1, look.GOOD)), look.BAD),
            Column("Restarts", q.or_zero(q.restarts(q.CHOSEN)), decimals=0, limits=look.RESTARTED),
            Column("Time down", _gone(), look.SECONDS, 0, ((15, look.WARNING), (60, look.BAD))),
            Column("Running for", f"time() - max by (service) ({STARTED}{{{q.CHOSEN}}})", look.SECONDS, 0),
        ],
        links=ROW,
        sort="Restarts",
    )


def _up() -> list[timeseries.Panel]:
    return [
        timeline(
            "Replicas up",
            "Replicas of each service that answer. A step down that comes back is a recovery, and its width how long "
            "it took; one that stays needs somebody.",
            look.COUNT,
            Q(f"sum by (service) (up{{{q.CHOSEN}}})", "{{service}}"),
            links=[*SERIES, *DOWN],
            stepped=True,
            decimals=0,
        ),
        timeline(
            "Readiness",
            "Share of each service's replicas that are ready. Below 100 % one does not answer, lacks its database or "
            "its broker, or is ending: the checks below say which.",
            look.SHARE,
            Q(_ready(), "{{service}}"),
            links=[*SERIES, links.runbook("ServiceNotReady")],
            highest=1,
            stepped=True,
        ),
    ]


def _restarts() -> list[timeseries.Panel]:
    return [
        timeline(
            "Restarts",
            "Processes started anew, a bar for each minute or longer. One bar is a recovery, a row of bars of one "
            "service a crash loop.",
            look.COUNT,
            Q(f"sum by (service) (changes({STARTED}{{{q.CHOSEN}}}[{q.RATE}]))", "{{service}}"),
            links=[*SERIES, *LOOP],
            bars=True,
            stacked=True,
            decimals=0,
        ),
        timeline(
            "Time since the last start",
            "Age of the youngest process of each service. It rises evenly; each fall to 0 is a start.",
            look.SECONDS,
            Q(f"time() - max by (service) ({STARTED}{{{q.CHOSEN}}})", "{{service}}"),
            links=SERIES,
        ),
    ]


def _replicas() -> table.Panel:
    state = {"1": ("up", look.GOOD), "0": ("down", look.BAD)}
    by = "service, instance"
    return grid(
        "Replicas",
        "Each process. The one with most restarts, or that is down, is the one whose log to read.",
        {"service": "Service", "instance": "Replica"},
        [
            Column("State", f"max by ({by}) (up{{{q.CHOSEN}}})", values=state),
            Column("Answered", f"avg by ({by}) (avg_over_time(up{{{q.CHOSEN}}}[{q.RANGE}]))", look.SHARE, 2),
            Column("Restarts", q.restarts(q.CHOSEN, by=by), decimals=0, limits=look.RESTARTED),
            Column("Running for", f"time() - max by ({by}) ({STARTED}{{{q.CHOSEN}}})", look.SECONDS, 0),
        ],
        links=ROW,
        sort="Restarts",
    )


def _checks() -> table.Panel:
    state = f"min by (service, health_check_name) (health_check_status{{{q.CHOSEN}}})"
    return grid(
        "Readiness checks",
        "What each service needs to be ready, and whether all of its replicas have it. A failing check names what to "
        "look at.",
        {"service": "Service", "health_check_name": "Check"},
        [
            Column(
                "State",
                q.or_none(state, "health_check_name"),
                values={"1": ("ok", look.GOOD), "0": ("failing", look.BAD)},
            )
        ],
        links=[*ROW, links.runbook("ServiceNotReady")],
        sort="State",
        descending=False,
    )


def _breakers() -> table.Panel:
    state = f"max by (service, service_peer_name) (circuit_breaker_state{{{q.CHOSEN}}}) > 0"
    return grid(
        "Breakers not closed",
        "Services that have stopped calling a replica of another for now. Look at the other one: it failed too often.",
        {"service": "Service", "service_peer_name": "Calls"},
        [
            Column(
                "State",
                q.or_none(state, "service_peer_name", "all closed"),
                values={"0": ("closed", look.GOOD), "1": ("half-open", look.WARNING), "2": ("open", look.BAD)},
            )
        ],
        links=[*ROW, links.runbook("BreakerOpen")],
    )
