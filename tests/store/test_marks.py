"""Pins, last uses, notes: files in three directories, whatever lies about there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.operations import leftovers
from plashui.store import marks
from plashui.store.store import Store
from plashui.store.workdir import work_name
from tests.store.test_store import add_layer, fill_old_store

LONG_AGO = 1_000_000_000


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache directory of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of the old program's with images 3, 7, 8 and 12."""
    return Store(fill_old_store(tmp_path / "old"))


def note_use(store: Store, name: str, at: float) -> None:
    """As the helper does it."""
    place = store.path / "layer/0/_meta/used"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).touch()
    os.utime(place / name, (at, at))


def test_a_pin_is_seen_until_it_is_taken_off(store: Store) -> None:
    assert store.read().pinned == frozenset()
    for _again in range(2):
        marks.pin(store, 7)
    marks.pin(store, 12)
    assert store.read().pinned == {7, 12}
    assert store.read().with_counted({}).pinned == {7, 12}
    for _again in range(2):
        marks.unpin(store, 7)
    assert store.read().pinned == {12}


def test_only_an_image_can_be_pinned(store: Store) -> None:
    for image in (5, 99):
        with pytest.raises(PlashError, match=f"no image {image}"):
            marks.pin(store, image)
    assert not (store.path / "layer/0/_meta").exists()


def test_all_pins_are_found_by_one_look(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for image in (3, 7, 8, 12):
        marks.pin(store, image)
    looks: list[str] = []
    listed = os.listdir

    def look(path: str) -> list[str]:
        looks.append(path)
        return listed(path)

    monkeypatch.setattr(os, "listdir", look)
    assert marks.pinned(store.root) == {3, 7, 8, 12}
    assert len(looks) == 1


def test_a_use_is_told_by_its_time_and_what_else_lies_there_is_ignored(
    store: Store,
) -> None:
    assert marks.last_used(store) == {}
    assert marks.last_use(store, 7) is None
    note_use(store, "7", LONG_AGO)
    for name in ("0", "007", "README", "-1", "7.new", "9" * 30):
        note_use(store, name, LONG_AGO)
    assert marks.last_used(store) == {7: LONG_AGO}
    assert marks.last_use(store, 7) == LONG_AGO
    assert store.read().pinned == frozenset()


@pytest.mark.parametrize("damage", ["file", "loop", "no right to"])
def test_marks_that_cannot_be_read_are_none(store: Store, damage: str) -> None:
    notes = store.path / "layer/0/_meta"
    notes.mkdir()
    for name in ("pinned", "used"):
        if damage == "file":
            (notes / name).write_text("x")
        elif damage == "loop":
            (notes / name).symlink_to(name)
        else:
            (notes / name).mkdir(mode=0)
    assert store.read().pinned == frozenset()
    assert marks.last_used(store) == {}
    if damage != "no right to":
        with pytest.raises(PlashError, match="cannot pin image 7"):
            marks.pin(store, 7)


def test_the_old_programs_purge_takes_the_marks_with_the_ids(store: Store) -> None:
    marks.pin(store, 3)
    note_use(store, "3", LONG_AGO)
    for name in ("index", "layer", "map", "mnt", "tmp"):
        (store.path / name).rename(store.path.parent / name)
    (store.path / "id_counter").unlink()
    (store.path / "stray").unlink()
    (store.path / "trash").mkdir()  # ours, which it does not know
    store.create()
    add_layer(store.path, 3, "0/3")
    assert store.read().pinned == frozenset()
    assert marks.last_used(store) == {}


def test_marks_links_and_names_of_what_is_gone_are_swept_and_no_others(
    store: Store,
) -> None:
    for image in (3, 7):
        marks.pin(store, image)
        note_use(store, str(image), LONG_AGO)
    note_use(store, "50", LONG_AGO)  # gone for good
    note_use(store, "60", LONG_AGO)  # in the trash
    (store.path / "memory").mkdir()
    for name in ("made-a.4194305.new", f"made-b.{os.getpid()}.new", "made-c"):
        (store.path / "memory" / name).touch()
    (store.path / "map/young").symlink_to("../layer/0/98")
    (store.path / "index/98").symlink_to("../layer/0/98")
    work = store.path / "tmp" / work_name("making")
    (work / "_data/root").mkdir(parents=True)
    assert leftovers.sweep(store, lambda _store: {60}).links == 0
    assert "98" in os.listdir(store.path / "index"), "it may be being made just now"
    (work / "_data").rename(work / "data")
    assert leftovers.sweep(store, lambda _store: {60}).links == 4
    assert marks.marked(store) == {3, 7, 60}
    assert sorted(os.listdir(store.path / "memory")) == [
        f"made-b.{os.getpid()}.new",
        "made-c",
    ]
    assert sorted(os.listdir(store.path / "map")) == [
        "a file",
        "de bian [b]",
        "debian",
    ]
    assert not {"5", "98"}.intersection(os.listdir(store.path / "index"))
    assert list(store.read().images) == [3, 7, 8, 12]


def test_in_the_trash_or_not_is_asked_only_where_it_matters(store: Store) -> None:
    marks.pin(store, 3)

    def never(_store: Store) -> set[int]:
        raise AssertionError("asked")

    leftovers.sweep(store, never)
    assert marks.marked(store) == {3}


def test_a_mark_of_what_was_restored_meanwhile_stays(store: Store) -> None:
    note_use(store, "50", LONG_AGO)

    def restored(store: Store) -> set[int]:
        add_layer(store.path, 50, "0/50")
        return set()

    leftovers.sweep(store, restored)
    assert marks.marked(store) == {50}


def test_a_note_is_read_as_it_was_written(store: Store) -> None:
    for text in ("before the upgrade", "two\nlines \x1b[31m \udcff", "x" * 4096):
        marks.write_note(store, 7, text)
        assert marks.note_of(store, 7) == text
    assert marks.notes(store) == {7: "x" * 4096}
    marks.write_note(store, 7, "")
    marks.write_note(store, 12, "")
    assert marks.notes(store) == {}
    assert marks.note_of(store, 7) == ""


def test_a_note_that_cannot_be_written_leaves_the_one_before(store: Store) -> None:
    marks.write_note(store, 7, "old")
    with pytest.raises(PlashError, match="4096 characters"):
        marks.write_note(store, 7, "x" * 4097)
    with pytest.raises(PlashError, match="no image 99"):
        marks.write_note(store, 99, "new")
    place = store.path / marks.WRITTEN
    (place / "12").mkdir()
    with pytest.raises(PlashError, match="cannot write the note: Is a directory"):
        marks.write_note(store, 12, "new")
    assert marks.notes(store) == {7: "old"}
    assert sorted(os.listdir(place)) == ["12", "7"]


def test_drafts_and_notes_of_images_that_are_gone_are_forgotten(store: Store) -> None:
    for image in (7, 12):
        marks.write_note(store, image, "x")
    place = store.path / marks.WRITTEN
    (place / "7.4194305.new").touch()
    marks.forget(store, [12])
    leftovers.sweep(store, lambda _store: set())
    assert os.listdir(place) == ["7"]
