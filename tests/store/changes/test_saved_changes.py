"""Changes that are kept for later."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.helper import as_root, deleting
from plashui.operations import gc
from plashui.store.changes.changes_directory import (
    KEPT,
    begin,
    in_tmp,
    park_at,
    put_down,
)
from plashui.store.changes.saved_changes import (
    Kept,
    delete,
    discard,
    is_name,
    kept,
    sweep,
)
from plashui.store.locks import is_locked
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.store.workdir import WorkDir


def test_kept_changes_are_nobody_elses(tmp_path: Path) -> None:
    """An isolated program may have left setuid files in them."""
    store = Store(tmp_path / "store")
    store.create()
    (store.path / KEPT).mkdir(0o755)  # of an older version
    place, lock = begin(store, 1, Way())
    assert lock is not None
    assert is_locked(place), "no sweep takes it for left over"
    os.close(lock)
    assert not is_locked(place)
    elsewhere = tmp_path / "elsewhere"
    assert place.parent == store.path / KEPT
    for directory in (place.parent, place):
        assert directory.stat().st_mode & 0o777 == 0o700
    park_at(place, elsewhere)
    assert elsewhere.stat().st_mode & 0o777 == 0o700


def test_changes_have_a_name_whatever_the_work_directory_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random names of the standard library may end in an underscore."""
    monkeypatch.setattr("tempfile._RandomNameSequence.characters", "_")
    store = Store(tmp_path / "store")
    store.create()
    places = [begin(store, 1, Way())[0] for _ in range(2)]
    assert all(is_name(place.name) for place in places)
    assert len({*places}) == 2


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty one."""
    store = Store(tmp_path / "store")
    store.create()
    return store


def changes_of(store: Store) -> Path:
    """Changes of a shell that has ended."""
    place, lock = begin(store, 1, Way())
    assert lock is not None
    os.close(lock)
    put_down(place, Way())
    (place / "data").mkdir()
    (place / "data/work").write_text("of hours")
    return place


def half_commit(work: WorkDir) -> None:
    """As far as the helper comes before it moves the directory."""
    (work.path / "_data").mkdir()
    (work.path / "data").rename(work.path / "_data/root")


def test_what_no_image_was_made_of_is_back_though_another_left_the_place(
    store: Store,
) -> None:
    place = changes_of(store)
    with in_tmp(store, place):
        place.parent.rmdir()  # as whoever takes the last out of it
    assert (place / "data/work").read_text() == "of hours"


def test_what_cannot_be_put_back_whole_is_not_taken_for_empty(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = changes_of(store)

    def fail(*_words: object) -> None:
        raise PlashError("killed by Ctrl-C")

    with monkeypatch.context() as patch:
        patch.setattr(as_root, "rename", fail)
        with in_tmp(store, place) as work:
            half_commit(work)
        assert kept(store) == []
        sweep(store)
    assert [one.place for one in kept(store)] == [place]
    assert (place / "data/work").read_text() == "of hours"


def test_nobody_begins_with_changes_that_are_being_discarded(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = changes_of(store)
    locked: list[bool] = []

    def weigh(_store: Store, found: list[Kept]) -> list[Kept]:
        locked.append(is_locked(place))
        return found

    monkeypatch.setattr("plashui.store.changes.saved_changes.weighed", weigh)
    discard(store, place)
    assert locked == [True]
    assert not is_locked(store.path / "trash" / place.name)


def test_the_next_clean_deletes_what_a_cancel_leaves_though_its_program_lives(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = changes_of(store)

    def cancelled(*_what: object, **_how: object) -> None:
        raise Cancelled

    with monkeypatch.context() as patch:
        patch.setattr(deleting, "remove", cancelled)
        with pytest.raises(Cancelled, match="`plash clean` deletes the rest"):
            delete(store, [place])
    assert gc.clean(store).leftovers == 1
    assert list((store.path / "tmp").iterdir()) == []
