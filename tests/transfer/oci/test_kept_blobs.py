"""Blobs that a pull keeps save the next one from fetching, and are never trusted."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.base.units import size
from plashui.operations import gc
from plashui.store.oci import kept_blobs
from plashui.store.store import Store
from plashui.transfer.oci.plan import plan_pull
from plashui.transfer.oci.pull import pull
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, digest_of, tar_of, zipped

BASE, MORE, OTHER = (tar_of({name: name * 1000}) for name in ("base", "more", "other"))
DAY = 86400


def blobs(store: Store) -> dict[str, bytes]:
    """What is kept, by digest."""
    return {
        f"sha256:{path.name}": path.read_bytes() for path in store.path.glob("blobs/*")
    }


@pytest.fixture
def pulled_once(store: Store, shelf: Shelf) -> Store:
    """A store with kept blobs of an image that is gone again."""
    shelf.image("a", [BASE, MORE])
    pulled(store, shelf, "a", keep_blobs=True)
    assert blobs(store) == {digest_of(zipped(one)): zipped(one) for one in (BASE, MORE)}
    again = Store(store.path.with_name("again"))
    again.create()
    (store.path / "blobs").rename(again.path / "blobs")
    shelf.given.clear()
    return again


def layers_given(shelf: Shelf) -> set[str]:
    """The digests of layers that were fetched."""
    return shelf.given.keys() & {digest_of(zipped(one)) for one in (BASE, MORE)}


def test_without_being_asked_nothing_is_kept(store: Store, shelf: Shelf) -> None:
    shelf.image("a", [BASE, MORE])
    pulled(store, shelf, "a")
    assert not (store.path / "blobs").exists()


def test_what_is_kept_is_not_fetched_again(pulled_once: Store, shelf: Shelf) -> None:
    plan = plan_pull(pulled_once, shelf, "a")
    both = len(zipped(BASE)) + len(zipped(MORE))
    assert (plan.fetch, plan.packed) == (0, both)
    assert [one["kept"] for one in plan.as_json()["layers"]] == [True, True]
    before = blobs(pulled_once)
    assert pulled(pulled_once, shelf, "a", keep_blobs=True).id == 2
    assert layers_given(shelf) == set()
    assert blobs(pulled_once) == before


def test_the_price_counts_the_blobs_that_will_be_kept(
    store: Store, shelf: Shelf
) -> None:
    shelf.image("a", [BASE, MORE, BASE])
    base, more = len(zipped(BASE)), len(zipped(MORE))
    without = plan_pull(store, shelf, "a")
    plan = plan_pull(store, shelf, "a", keep_blobs=True)
    assert (without.keep, without.disk) == (0, plan.disk - base - more)
    assert plan.keep == base + more, "one file for the layer that comes twice"
    told = dict(plan.lines())
    assert told["on disk"].endswith(f", {size(plan.keep)} of it kept blobs")
    assert plan.as_json()["keep"] == plan.keep
    # The disk has room for the layers, but not for their blobs beside them.
    least = plan.packed + plan.keep
    without._replace(free=least - 1).check_room(store)
    tight = plan._replace(free=least - 1)
    with pytest.raises(PlashError, match="disk with the blobs that are kept, and"):
        pull(store, shelf, tight, origin="a")
    tight._replace(free=least).check_room(store)


def test_the_price_does_not_count_blobs_that_are_kept_already(
    pulled_once: Store, shelf: Shelf
) -> None:
    shelf.image("c", [BASE, OTHER])
    plan = plan_pull(pulled_once, shelf, "c", keep_blobs=True)
    assert plan.keep == plan.fetch == len(zipped(OTHER))


def test_the_blobs_that_are_kept_leave_less_room_for_the_layers(
    store: Store, shelf: Shelf
) -> None:
    shelf.image("a", [BASE])
    plan = plan_pull(store, shelf, "a", keep_blobs=True)
    with pytest.raises(PlashError, match="is larger than"):
        pull(store, shelf, plan._replace(free=len(BASE) + plan.keep - 1), origin="a")
    done = pull(store, shelf, plan._replace(free=len(BASE) + plan.keep), origin="a")
    assert done.id == 1


@pytest.mark.parametrize("harm", ["other", "longer", "shorter", "link", "pipe"])
def test_what_is_not_what_its_digest_says_is_fetched(
    pulled_once: Store, shelf: Shelf, harm: str
) -> None:
    path = pulled_once.path / "blobs" / digest_of(zipped(MORE))[7:]
    good = path.read_bytes()
    path.unlink()
    if harm == "link":
        path.symlink_to("/etc/passwd")
    elif harm == "pipe":
        os.mkfifo(path)
    else:
        wrong = {"other": good[:-9] + b"x" + good[-8:], "longer": good + b"x"}
        path.write_bytes(wrong.get(harm, good[:-1]))
    assert pulled(pulled_once, shelf, "a", keep_blobs=True).id == 2
    assert layers_given(shelf) == {digest_of(zipped(MORE))}
    assert blobs(pulled_once)[digest_of(zipped(MORE))] == good
    assert pulled_once.entries("tmp") == []


def test_what_fails_keeps_nothing(store: Store, shelf: Shelf) -> None:
    shelf.image("a", [BASE])
    shelf.blobs[digest_of(zipped(BASE))] = zipped(MORE)
    with pytest.raises(PlashError):
        pulled(store, shelf, "a", keep_blobs=True)
    assert blobs(store) == {}


def test_old_ones_go_with_a_pull_and_with_clean_and_all_with_clean_cache(
    pulled_once: Store, shelf: Shelf
) -> None:
    base, more = (
        pulled_once.path / "blobs" / digest_of(zipped(one))[7:] for one in (BASE, MORE)
    )
    os.utime(base, (time.time() - 29 * DAY,) * 2)
    assert gc.clean(pulled_once).sentence() == "nothing was left behind"
    os.utime(base, (time.time() - 31 * DAY,) * 2)
    said = gc.clean(pulled_once).sentence()
    assert said.startswith("1 kept blob removed, ")
    assert not base.exists()
    os.utime(more, (time.time() - 31 * DAY,) * 2)
    shelf.image("b", [BASE])
    pulled(pulled_once, shelf, "b", keep_blobs=True)
    assert not more.exists()
    assert base.exists()
    said = gc.clean(pulled_once, caches=True).sentence()
    assert said.startswith("1 kept blob removed, ")
    assert not Path(f"{pulled_once.root}/{kept_blobs.DIRECTORY}").exists()
