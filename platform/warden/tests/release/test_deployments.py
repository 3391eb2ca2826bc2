from pathlib import Path

import pytest

from warden.errors import SettingsRefused
from warden.layout import StateFolder
from warden.release.record import Deployment, Rollout, deployment_of, write_deployment


def rolled_out(deployment: Deployment, target: str) -> Deployment:
    return deployment.beginning(Rollout(target=target)).finished()


def rolled_back(deployment: Deployment) -> Deployment:
    return deployment.beginning(Rollout(target=deployment.earlier[-1], undoing=True)).finished()


def test_a_rollback_leads_to_the_release_before_and_a_second_one_further_back() -> None:
    served = rolled_out(rolled_out(Deployment(), "1.0.0"), "2.0.0")

    first = rolled_back(served)
    second = rolled_back(first)

    assert (first.current, second.current) == ("1.0.0", "")
    assert second.earlier == ()


def test_what_was_rolled_back_is_not_gone_back_to() -> None:
    served = rolled_out(rolled_back(rolled_out(rolled_out(Deployment(), "1.0.0"), "2.0.0")), "3.0.0")

    assert rolled_back(served).current == "1.0.0"


def test_a_rollout_that_was_undone_leaves_no_trace() -> None:
    before = rolled_out(Deployment(), "1.0.0")

    undone = before.beginning(Rollout(target=before.current, phase="replacing", undoing=True)).finished()

    assert undone == before


def test_what_is_written_down_is_read_again_and_of_others_nothing_is_lost(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    write_deployment(state, "orders", Deployment(current="1.0.0"))
    write_deployment(state, "payments", Deployment(rollout=Rollout(target="2.0.0", phase="replacing")))

    assert deployment_of(state, "orders").current == "1.0.0"
    assert deployment_of(state, "payments").rollout == Rollout(target="2.0.0", phase="replacing")
    assert deployment_of(state, "accounts") == Deployment()


def test_a_damaged_record_is_named_with_what_to_do(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    state.deployments.write_text("{")

    with pytest.raises(SettingsRefused, match=r"deployments\.json") as caught:
        deployment_of(state, "orders")

    assert "delete it" in caught.value.hint
