"""What is known of a layer as a blob goes with its image, and comes back with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from plashui.operations import empty_trash, gc
from plashui.operations.removal_plan import plan_removal, seen_in
from plashui.operations.remove import remove
from plashui.operations.restore import restore
from plashui.store.oci import blob_numbers
from plashui.store.oci.blob_numbers import Numbers
from plashui.store.store import Store
from tests.store.test_store import add_layer

DIGEST: Final = f"sha256:{'1' * 64}"
NUMBERS: Final = Numbers(DIGEST, DIGEST, 7, "application/vnd.oci.image.layer.v1.tar")
PLACE: Final = "registry.example.org/team"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An image 1, as the old program makes it, of which a blob is known."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    store.create()
    add_layer(store.path, 1, "0/1")
    (store.path / "id_counter").write_bytes(b".")
    blob_numbers.note(store, 1, NUMBERS, PLACE)
    return store


def known(store: Store) -> tuple[list[Numbers], list[str]]:
    """What is known of the image."""
    return blob_numbers.made(store, 1), blob_numbers.repositories(store, 1)


def taken_out(store: Store, *, to_trash: bool) -> None:
    """Remove the image."""
    plan = plan_removal(store, store.read(), [1])
    remove(store, plan, trash=to_trash, allow=seen_in(plan))


def notes(store: Store) -> list[str]:
    """Every note of blobs in the store."""
    return [path.name for path in store.path.rglob("*blob*")]


def test_it_comes_back_from_the_trash_with_its_image(store: Store) -> None:
    assert known(store) == ([NUMBERS], [PLACE])
    taken_out(store, to_trash=True)
    assert known(store) == ([], [])
    assert gc.clean(store).sentence() == "nothing was left behind"
    restore(store, 1)
    assert known(store) == ([NUMBERS], [PLACE])


def test_nothing_stays_of_it_when_the_image_is_deleted(store: Store) -> None:
    assert notes(store) == ["blobs.json"]
    taken_out(store, to_trash=True)
    empty_trash.empty(store)
    assert notes(store) == []


def test_what_a_killed_process_leaves_of_it_is_removed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: 4_194_304)  # more than any process has
    monkeypatch.setattr("os.unlink", lambda *_: None)
    monkeypatch.setattr("os.rename", lambda *_: 1 / 0)  # there it is killed
    with pytest.raises(ZeroDivisionError):
        blob_numbers.note(store, 1, NUMBERS, "another.example.org/team")
    monkeypatch.undo()
    assert len(notes(store)) == 2
    gc.clean(store)
    assert notes(store) == ["blobs.json"]
    assert known(store) == ([NUMBERS], [PLACE])


def test_of_an_image_that_is_not_there_nothing_is_noted(store: Store) -> None:
    blob_numbers.note(store, 2, NUMBERS)
    assert blob_numbers.made(store, 2) == []
    assert notes(store) == ["blobs.json"]
