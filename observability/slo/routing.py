"""Alertmanager's configuration: who is told of what, how soon, and what a greater trouble makes needless."""

from typing import Any, Final

from catalog import Owner

SMARTHOST: Final = "mail:1025"
SENDER: Final = "alerts@pharos.example"
JOURNAL: Final = "http://warden:8080/alerts"
"""Where warden takes notes of who was told what."""
DOWN: Final = "ServiceDown"
SYMPTOMS: Final = (
    "BreakerOpen",
    "CollectorBacklog",
    "CollectorLosing",
    "CrashLoop",
    "DatabasePoolExhausted",
    "ErrorBudgetBurn",
    "EventLoopLag",
    "NotificationsWaiting",
    "OutboxLag",
    "ReplicaDown",
    "RequestsAbandoned",
    "SagasStuck",
    "ServiceNotReady",
    "TelemetryBacklog",
)
"""What follows of itself when the whole service is down."""


def configuration(owners: list[Owner]) -> dict[str, Any]:
    """The whole document."""
    teams = sorted({one.owner for one in owners})
    return {
        "global": {
            "smtp_smarthost": SMARTHOST,
            "smtp_from": SENDER,
            "smtp_hello": "alertmanager.pharos.example",
            "smtp_require_tls": False,
            "resolve_timeout": "5m",
        },
        "templates": ["templates/*.tmpl"],
        "route": _routes(teams, fallback=next(one.owner for one in owners if one.service == "edge")),
        "inhibit_rules": _inhibitions(owners),
        "receivers": [_receiver(team, owners) for team in teams],
    }


def _routes(teams: list[str], fallback: str) -> dict[str, Any]:
    """Pages by service, gathered for half a minute; tickets in one mail a day for each team."""
    return {
        "receiver": fallback,
        "group_by": ["owner", "service"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": [
            {
                "receiver": team,
                "matchers": [f'owner="{team}"'],
                "routes": [
                    {
                        "receiver": team,
                        "matchers": ['severity="ticket"'],
                        "group_by": ["owner"],
                        "group_wait": "5m",
                        "group_interval": "1h",
                        "repeat_interval": "1d",
                    }
                ],
            }
            for team in teams
        ],
    }


def _inhibitions(owners: list[Owner]) -> list[dict[str, Any]]:
    """A service that is down makes its own symptoms needless, but never the burn that customers see at the edge."""
    return [
        {
            "source_matchers": [f'alertname="{DOWN}"'],
            "target_matchers": [f'alertname=~"{"|".join(SYMPTOMS)}"', 'service!="edge"'],
            "equal": ["service"],
        },
        *(
            {
                "source_matchers": [f'alertname="{DOWN}"', f'service="{one.service}"'],
                "target_matchers": ['alertname="BreakerOpen"', f'service_peer_name="{one.service}"'],
            }
            for one in owners
            if one.mode == "any"
        ),
        {
            "source_matchers": [f'alertname="{DOWN}"', 'service=~"lens|collector"'],
            "target_matchers": ['alertname=~"TelemetryBacklog|TelemetryLost"'],
        },
        {
            "source_matchers": ['alertname="ErrorBudgetBurn"', 'severity="page"'],
            "target_matchers": ['alertname="ErrorBudgetBurn"', 'severity="ticket"'],
            "equal": ["service", "slo"],
        },
    ]


def _receiver(team: str, owners: list[Owner]) -> dict[str, Any]:
    pagers = sorted({one.pager for one in owners if one.owner == team})
    return {
        "name": team,
        "email_configs": [
            {
                "to": ", ".join(pagers),
                "send_resolved": True,
                "headers": {"Subject": '{{ template "pharos.subject" . }}'},
                "text": '{{ template "pharos.text" . }}',
                "html": "",
            }
        ],
        "webhook_configs": [{"url": JOURNAL, "send_resolved": True}],
    }
