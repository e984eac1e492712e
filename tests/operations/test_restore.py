"""What comes back from the trash is what went, on what it stood on; else a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.operations import empty_trash
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.operations.restore import restore
from plashui.store import marks
from plashui.store.store import Store
from tests.store.test_store import add_layer


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """1, on it 2, on it 3."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    store.create()
    for image, place in ((1, "0/1"), (2, "0/1/2"), (3, "0/1/2/3")):
        (add_layer(store.path, image, place) / "old").touch()
    (store.path / "id_counter").write_bytes(b"...")
    return store


def to_trash(store: Store, image: int) -> None:
    remove(store, plan_removal(store, store.read(), [image]), trash=True)


def purge_as_the_old_program_does(store: Store) -> None:
    """It knows nothing of the trash, and begins to count anew."""
    for name in ("layer", "index", "map", "id_counter"):
        path = store.path / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (store.path / "index").mkdir()
    store.create()


@pytest.mark.parametrize("taken", [1, 3])
def test_an_id_that_another_image_has_now_is_said(store: Store, taken: int) -> None:
    to_trash(store, 1)
    purge_as_the_old_program_does(store)
    (add_layer(store.path, taken, f"0/{taken}") / "new").touch()
    with pytest.raises(PlashError, match=r"another image has the id \d now.*trash"):
        restore(store, 1)
    assert (store.path / f"index/{taken}/_data/root/new").exists()
    assert (store.path / "trash/1/_data/root/old").exists()


def test_what_it_stood_on_is_not_another_image_of_that_id(store: Store) -> None:
    to_trash(store, 2)
    purge_as_the_old_program_does(store)
    (add_layer(store.path, 1, "0/1") / "new").touch()
    with pytest.raises(PlashError, match="its parent, image 1, was deleted"):
        restore(store, 2)
    assert (store.path / "trash/2/3/_data/root/old").exists()


def test_emptying_takes_no_mark_of_another_image_that_has_the_id_now(
    store: Store,
) -> None:
    to_trash(store, 2)
    purge_as_the_old_program_does(store)
    add_layer(store.path, 2, "0/2")
    marks.pin(store, 2)
    marks.write_note(store, 2, "mine")
    empty_trash.empty(store, [2])
    assert marks.pinned(store.root) == {2}
    assert marks.note_of(store, 2) == "mine"
