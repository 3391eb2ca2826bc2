"""What the owners of parts are to be told, for as long as it is so. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from chassis.manifest import Manifest
from warden.decide.model import Decision, Fleet

QUARANTINED = "ReplicaQuarantined"
SUSPICION = "WardenSuspectsItself"
TAKEN_BACK = "ReleaseTakenBack"
OWN = frozenset({QUARANTINED, SUSPICION})
"""The alerts that begin here; Alertmanager tells us of all of them."""


class Alert(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An alert as Alertmanager takes it."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: str = ""
    ends_at: str = ""


class Notified(msgspec.Struct, frozen=True):
    """An alert as Alertmanager's webhook tells of it."""

    status: str  # firing or resolved
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Notification(msgspec.Struct, frozen=True):
    """What its webhook is sent."""

    alerts: list[Notified]


def alerts_of(fleet: Fleet, manifests: Mapping[str, Manifest], fallback: Manifest) -> list[Alert]:
    """Every alert that is due now.

    Args:
        fleet: what is known of the replicas.
        manifests: whom a part belongs to, by part.
        fallback: the manifest whose owner has the parts without one.
    """
    quarantined = [one for one in fleet.replicas.values() if one.phase == "quarantined"]
    found = [
        _alert(
            QUARANTINED,
            one.service,
            manifests.get(one.service, fallback),
            instance=one.instance,
            summary=f"{one.instance} is left alone after too many restarts",
            description=f"Warden starts {one.instance} no more. Find out why it ends, put that right, "
            f"then: ./just resume {one.instance}",
        )
        for one in quarantined
    ]
    if fleet.called:
        found.append(
            _alert(
                SUSPICION,
                "warden",
                fallback,
                summary="Half of what runs does not answer warden",
                description="Warden suspects itself, the machine or the network between them, and ends nothing. "
                "Look whether the services answer others.",
            )
        )
    return found


def taken_back(manifest: Manifest, release: str, reason: str) -> Alert:
    """That a release of this service was judged bad, and what served before is brought back."""
    return _alert(
        TAKEN_BACK,
        manifest.name,
        manifest,
        summary=f"Release {release} of {manifest.name} is taken back",
        description=f"{reason}. What served before serves again; nothing has to be done in a hurry.",
    )


def over(before: Sequence[Alert], now: Sequence[Alert], at: float) -> list[Alert]:
    """Those that were due before and are not any more, to be sent once with the time (Unix) of their end."""
    due = [one.labels for one in now]
    ended = datetime.fromtimestamp(at, UTC).isoformat()
    return [msgspec.structs.replace(one, ends_at=ended) for one in before if one.labels not in due]


def told(notification: Notification) -> list[Decision]:
    """What is to be journalled of the alerts that others began."""
    return [
        Decision(
            event="resolved" if one.status == "resolved" else "paged",
            action="" if one.status == "resolved" else "page",
            fault="alert",
            instance=one.labels.get("instance", ""),
            service=one.labels.get("service", ""),
            reason=f"{one.labels.get('alertname', 'alert')}: {one.annotations.get('summary', '')}".rstrip(": "),
        )
        for one in notification.alerts
        if one.labels.get("alertname") not in OWN
    ]


def _alert(name: str, service: str, manifest: Manifest, *, summary: str, description: str, instance: str = "") -> Alert:
    labels = {"alertname": name, "service": service, "owner": manifest.owner, "pager": manifest.pager}
    return Alert(
        labels=labels | {"severity": "page"} | ({"instance": instance} if instance else {}),
        annotations={
            "summary": summary,
            "description": description,
            "runbook": f"observability/runbooks/{name}.md",
            "runbook_page": f"/runbooks/{name}",
            "dashboard": f"/d/recovery?var-service={service}",
        },
    )
