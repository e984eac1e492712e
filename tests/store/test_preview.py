"""The first look at a store: true, and not slower for a bigger one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plashui.store import preview as module
from plashui.store.preview import glance
from plashui.store.store import Store
from tests.store.test_store import add_layer


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Ten images on the ground with ten on each, that are many for this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "SMALL", 50)
    monkeypatch.setattr(module, "SCREEN", 7)
    made = Store(tmp_path / "s")
    made.create()
    for top in range(1, 11):
        add_layer(made.path, top, f"0/{top}")
        for kid in range(top * 10 + 1, top * 10 + 11):
            add_layer(made.path, kid, f"0/{top}/{kid}")
    return made


def test_the_top_of_a_big_store_is_as_the_whole_of_it_will_be(store: Store) -> None:
    (store.path / "index/2").unlink()  # a layer that is no image
    seen, whole = glance(store), store.read()
    assert not seen.whole
    assert seen.total == len(whole) == 109
    assert seen.greatest == max(whole.images)
    assert list(seen.forest.roots) == [1, 3, 4, 5, 6, 7, 8]
    for top in seen.forest.roots:
        assert seen.forest.images[top].children == (top * 10 + 1,)
        assert not seen.forest.subtree(top).known, "there is more on it"


def test_a_small_store_is_read_whole(store: Store) -> None:
    for top in range(4, 11):
        shutil.rmtree(store.path / f"layer/0/{top}")
        for number in (top, *range(top * 10 + 1, top * 10 + 11)):
            (store.path / f"index/{number}").unlink()
    seen = glance(store)
    assert (seen.whole, seen.total, len(seen.forest)) == (True, 33, 33)


def test_very_many_images_are_not_counted_before_the_first_paint(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COUNTED", 90)
    seen = glance(store)
    assert seen.total is None
    assert len(seen.forest.roots) == 7


def test_where_very_many_ids_were_given_out_nobody_counts_either(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COUNTED", 1000)
    assert glance(store).total == 110
    (store.path / "id_counter").write_bytes(b"." * 1000)
    seen = glance(store)
    assert (seen.whole, seen.total, seen.greatest) == (False, None, 1000)
    assert list(seen.forest.roots) == [1, 2, 3, 4, 5, 6, 7]
