from pathlib import Path

from warden.journal import Entry, Journal, JournalTail, read_entries


def test_what_was_written_is_read_with_its_details(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    entry = Entry(time=2.0, event="hung", instance="tiny-1", fault="hang", action="restart", details={"failures": 3})

    journal.append(entry)
    journal.write("started", "tiny-1", "up", pid=7)

    first, second = read_entries(journal.path)
    assert first == entry
    assert (second.event, second.instance, second.reason, second.details) == ("started", "tiny-1", "up", {"pid": 7})
    assert read_entries(journal.path, since=3.0) == [second]


def test_a_torn_line_hides_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.path.write_text('{"time": 1.0, "ev\n')
    journal.write("started", "tiny-1", "up")

    assert [entry.event for entry in read_entries(journal.path)] == ["started"]


def test_entries_of_before_a_rotation_are_read_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write("started", "tiny-1", "x" * 5_300_000)
    journal.write("exited", "tiny-1", "ended")

    assert not journal.path.read_text().startswith("x")
    assert [entry.event for entry in read_entries(journal.path)] == ["started", "exited"]


def test_a_tail_sees_each_new_entry_once_also_after_a_rotation(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write("before", "tiny-1", "")
    tail = JournalTail(journal.path)
    assert tail.read() == []

    journal.write("started", "tiny-1", "x" * 5_300_000)
    assert [entry.event for entry in tail.read()] == ["started"]
    journal.write("exited", "tiny-1", "")

    assert [entry.event for entry in tail.read()] == ["exited"]
    assert tail.read() == []
