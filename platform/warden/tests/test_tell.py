"""What is told of decisions: they refer to each other."""

from pathlib import Path

from chassis.manifest import Manifest
from chassis.telemetry.names import REGISTRY as CHASSIS_NAMES
from chassis.telemetry.testing import capture, unknown_names
from warden.decide.model import Decision, Failure
from warden.journal import Journal, read_entries
from warden.names import REGISTRY
from warden.tell import Teller

MANIFEST = Manifest(name="tiny", description="x", owner="team-test", pager="test@x.example", tier=4)
HUNG = Decision(event="hung", action="restart", instance="tiny-1", service="tiny", fault="hang", reason="no answer")
READY = Decision(event="ready", instance="tiny-1", service="tiny", fault="hang", reason="ready again")
AGAIN = Decision(event="exited", action="restart", instance="tiny-1", service="tiny", fault="exit", reason="ended")


def test_all_about_one_fault_is_one_trace_and_the_journal_names_it(tmp_path: Path) -> None:
    teller = Teller(Journal(tmp_path / "journal"), {"tiny": MANIFEST})

    with capture() as captured:
        for decision in (HUNG, READY, AGAIN):
            teller.tell(decision)

    hung, ready, again = read_entries(tmp_path / "journal")
    spans = [span for span in captured.spans if span.name == "warden.recovery"]
    assert [span.trace_id for span in spans] == [hung.trace_id, ready.trace_id, again.trace_id]
    assert hung.trace_id == ready.trace_id != again.trace_id
    assert hung.owner == "team-test"
    assert unknown_names(captured, CHASSIS_NAMES, REGISTRY) == []


def test_a_decision_is_linked_to_the_request_that_showed_the_failure(tmp_path: Path) -> None:
    teller = Teller(Journal(tmp_path / "journal"), {"tiny": MANIFEST})
    ejected = Decision(
        event="ejected", action="eject", instance="tiny-1", service="tiny", fault="errors", reason="20 % errors",
        details=Failure("ab" * 16, "cd" * 8).details(),
    )  # fmt: skip

    with capture() as captured:
        teller.tell(ejected)

    (span,) = [span for span in captured.spans if span.name == "warden.recovery"]
    assert span.attributes["recovery.shown_by"] == "ab" * 16
    assert span.links == (("ab" * 16, "cd" * 8),)


def test_a_part_without_a_manifest_belongs_to_the_last_ones_owner(tmp_path: Path) -> None:
    platform = Manifest(name="zebra", description="x", owner="team-platform", pager="p@x.example", tier=4)
    teller = Teller(Journal(tmp_path / "journal"), {"tiny": MANIFEST, "zebra": platform})

    teller.tell(Decision(event="hung", instance="store", service="store", fault="hang", reason="no answer"))

    (entry,) = read_entries(tmp_path / "journal")
    assert entry.owner == "team-platform"
