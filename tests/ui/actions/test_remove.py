"""Removing and undoing, by a family alone: no app runs here."""

from __future__ import annotations

from plashui.operations.remove import Removed
from plashui.store.store import Store
from plashui.ui.actions.remove import RemoveActions
from plashui.ui.actions.shrink import ShrinkActions
from plashui.ui.actions.undo import UndoActions
from plashui.ui.dialogs.removals.base import Done
from plashui.ui.dialogs.removals.removal import RemovalScreen
from tests.ui.fakes import FakeHost, FakeJobs, FakeReader, FakeView


def test_what_was_removed_is_told_and_can_be_undone(sample: Store) -> None:
    host = FakeHost(sample)
    view = FakeView(host, sample.read(), 1, marked=(5, 6))
    reader = FakeReader()
    view.answer = Done(Removed((5, 6), 3_000_000), (5, 6))
    RemoveActions(view, reader, FakeJobs()).remove()
    assert [type(screen) for screen in view.asked] == [RemovalScreen]
    assert host.told == ["Moved 2 images (3.0 MB) to the trash - u undo, T trash"]
    assert view.now().removed == ("5", "6")
    assert view.marked == []
    assert reader.read == [None]


def test_a_question_that_is_left_removes_nothing(sample: Store) -> None:
    host = FakeHost(sample)
    view = FakeView(host, sample.read(), 1)
    reader = FakeReader()
    RemoveActions(view, reader, FakeJobs()).remove()
    assert len(view.asked) == 1
    assert (host.told, view.journal.deeds, reader.read) == ([], [], [])


def test_where_nothing_may_be_changed_nothing_is_asked(sample: Store) -> None:
    host = FakeHost(sample, read_only=True)
    view = FakeView(host, sample.read(), 1)
    remove = RemoveActions(view, FakeReader(), FakeJobs())
    remove.remove()
    UndoActions(view, FakeReader()).undo()
    ShrinkActions(view, remove).shrink()
    assert host.told == ["Read-only store"] * 3
    assert view.asked == []


def test_without_an_image_there_is_nothing_to_remove_or_undo(nothing: Store) -> None:
    host = FakeHost(nothing)
    view = FakeView(host, nothing.read(), None)
    remove = RemoveActions(view, FakeReader(), FakeJobs())
    remove.remove()
    UndoActions(view, FakeReader()).undo()
    assert host.told == ["No image selected", "Nothing to undo: the trash is empty"]
    assert view.asked == []
