"""What people receive, and what they are spared, from an Alertmanager that runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from running import Running, running

from testkit.waiting import wait_until


@pytest.fixture
async def alertmanager(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as found:
        yield found


def labels(alert: str, service: str, owner: str, severity: str = "page", **more: str) -> dict[str, str]:
    address = f"{owner.removeprefix('team-')}@pharos.example"
    return {"alertname": alert, "service": service, "owner": owner, "pager": address, "severity": severity, **more}


def burn(service: str, owner: str, severity: str = "page", window: str = "1h") -> dict[str, str]:
    return labels("ErrorBudgetBurn", service, owner, severity, slo="availability", window=window)


async def test_a_page_is_an_email_to_the_pager_that_leads_to_runbook_and_dashboard(alertmanager: Running) -> None:
    alertmanager.fire(labels("SagasStuck", "orders", "team-checkout"))

    [mail] = await wait_until(alertmanager.received, timeout=30, what="the e-mail")

    assert (mail["From"], mail["To"]) == ("alerts@pharos.example", "checkout@pharos.example")
    assert mail["Subject"] == "[page] orders: SagasStuck"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "observability/runbooks/SagasStuck.md" in text.get_content()
    assert "/d/orders?var-service=" in text.get_content()
    assert mail.get_body(("html",)) is None


async def test_a_service_that_is_down_makes_its_symptoms_needless_but_no_burn_at_the_edge(
    alertmanager: Running,
) -> None:
    alertmanager.fire(
        labels("ServiceDown", "payments", "team-payments"),
        labels("ServiceDown", "edge", "team-platform"),
        burn("payments", "team-payments"),
        burn("orders", "team-checkout"),
        burn("orders", "team-checkout", "ticket", "3d"),
        burn("edge", "team-platform"),
        labels("BreakerOpen", "orders", "team-checkout", "ticket", service_peer_name="payments"),
        labels("DeadLetters", "payments", "team-payments", "ticket"),
    )
    needless = {("ErrorBudgetBurn", "payments"), ("ErrorBudgetBurn", "orders"), ("BreakerOpen", "orders")}

    await wait_until(lambda: alertmanager.inhibited() == needless, timeout=30, what="what is inhibited")

    [page] = await wait_until(lambda: alertmanager.received_by("checkout@pharos.example"), timeout=30)
    assert page["Subject"] == "[page] orders: ErrorBudgetBurn"
