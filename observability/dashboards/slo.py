"""Error budgets of one service: what is left of each promise, and how fast it is spent."""

from decimal import Decimal

import links
import look
import promql as q
from board import SLO, Board, Section, board
from grafana_foundation_sdk.builders import gauge, stat, text, timeseries
from panels import Q, dial, number, timeline, words

from chassis.manifest import Manifest, Slo

STEP = "30s"
"""How often the rules record; a finer step would repeat values."""


def slo(manifest: Manifest) -> Board:
    """The dashboard of a service's promises."""
    sections = [
        Section(f"{promise.name}: {_promise(promise)}", [*_numbers(manifest, promise), *_graphs(manifest, promise)])
        for promise in manifest.slos
    ]
    return board(
        f"slo-{manifest.name}",
        f"Error budgets of {manifest.name}",
        f"What {manifest.name} promises, what is left of each error budget, and how fast it is spent.",
        [Section("", [_explained(manifest)]), *sections],
        owner=manifest.owner,
        tags=[SLO],
        since="now-6h",
        marked=False,
    )


def _explained(manifest: Manifest) -> text.Panel:
    where = (
        "\n\nIt runs only without containers; with them nobody asks it, and its budget stays whole."
        if _embedded(manifest)
        else ""
    )
    return (
        words(
            f"**{manifest.name}**: {manifest.description}. It belongs to {manifest.owner}, who is paged at "
            f"{manifest.pager}.\n\nA budget is the share of requests that may fail over the window. A burn rate of 1 "
            "spends it exactly in that time; 14.4 in 1 h or 6 in 6 h pages, 1 in 3 d makes a ticket. With less than "
            f"a quarter left, reliability comes before features.{where} See the "
            f"[service](/d/service?var-service={manifest.name}) and what to do when [a budget "
            "burns](/d/runbook-ErrorBudgetBurn)."
        )
        .title(f"What {manifest.name} promises")
        .description("The promises are in the service's service.toml; rules, alerts and this page are made from it.")
        .span(24)
        .height(4)
    )


def _embedded(manifest: Manifest) -> bool:
    return manifest.name == "lens"


def _promise(promise: Slo) -> str:
    """Such as `99 % of POST /orders within 1000 ms, over 28 days`."""
    asked = promise.route or "requests"
    good = "succeed" if promise.kind == "availability" else f"are answered within {promise.threshold_ms} ms"
    return f"{_percent(Decimal(str(promise.objective)))} of {asked} {good}, over {promise.window_days} days"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def _select(manifest: Manifest, promise: Slo, *more: str) -> str:
    return q.selector(f'service="{manifest.name}"', f'slo="{promise.name}"', *more)


def _or(expression: str, manifest: Manifest, promise: Slo, value: str = "") -> str:
    """The expression; where the rules have recorded none of it yet, what nothing spent makes of it."""
    return f"{expression}\nor on () {value}0 * max(slo:objective:ratio{_select(manifest, promise)})"


def _burn(manifest: Manifest, promise: Slo, window: str) -> str:
    chosen = _select(manifest, promise, f'window="{window}"')
    return _or(f"max(slo:burn_rate:ratio{chosen})", manifest, promise)


def _numbers(manifest: Manifest, promise: Slo) -> list[gauge.Panel | stat.Panel]:
    runbook = [links.runbook("ErrorBudgetBurn"), links.board("Service", "service", manifest.name)]
    left = dial(
        f"Budget left of {promise.name}",
        f"Share of the error budget of {promise.window_days} days that is left; with less history, of what there is. "
        "At 0 % the promise is broken: hold changes until it recovers.",
        _or(f"max(slo:error_budget:remaining_ratio{_select(manifest, promise)})", manifest, promise, "1 + "),
        limits=look.BUDGET,
        lowest=look.BAD,
        links=runbook,
    )
    burning = [
        number(
            f"Burn rate over {window}",
            f"How many times as fast as allowed the last {window} spent the budget. Above {limit:g} it lasts for a "
            f"fraction of the window and somebody is {told}: find the route and the status that fail.",
            look.COUNT,
            _burn(manifest, promise, window),
            limits=((1, look.WARNING), (max(limit, 2), look.BAD)),
            decimals=2,
            links=runbook,
        )
        for window, limit, told in (("1h", 14.4, "paged"), ("6h", 6, "paged"), ("3d", 1, "given a ticket"))
    ]
    return [left.span(6).height(6), *(panel.span(6).height(6) for panel in burning)]


def _graphs(manifest: Manifest, promise: Slo) -> list[timeseries.Panel]:
    open_ = [links.board("Service", "service", manifest.name), links.traces(manifest.name, failed=True)]
    budget = float(1 - Decimal(str(promise.objective)))
    select = _select(manifest, promise)
    panels = [
        timeline(
            f"Bad requests of {promise.name}",
            f"Share of requests that broke the promise. Above the line at {_percent(Decimal(str(budget)))} the "
            "budget shrinks; look into the failed or slow traces of that time.",
            look.SHARE,
            *(
                Q(_or(f"max(slo:sli_error:ratio_rate{window}{select})", manifest, promise), f"over {window}")
                for window in ("5m", "1h")
            ),
            limits=((budget, look.BAD),),
            links=open_,
        ),
        timeline(
            f"Burn rates of {promise.name}",
            "How many times as fast as allowed the budget is spent. Pages come above 14.4 over 1 h and above 6 over "
            "6 h, a ticket above 1 over 3 d, each while the short window still burns.",
            look.COUNT,
            *(Q(_burn(manifest, promise, window), f"over {window}") for window in ("5m", "1h", "6h", "3d")),
            limits=((1, look.WARNING), (14.4, look.BAD)),
            links=[*open_, links.runbook("ErrorBudgetBurn")],
        ),
        timeline(
            f"Budget left of {promise.name} over time",
            "The remaining budget. Steps down are incidents, a slope is a fault that nobody pages for; it rises when "
            "bad days leave the window.",
            look.SHARE,
            Q(
                _or(f"max(slo:error_budget:remaining_ratio{select})", manifest, promise, "1 + "),
                "left",
            ),
            links=open_,
            highest=1,
        ),
    ]
    return [panel.interval(STEP).span(8).height(7) for panel in panels]
