"""A blob that was cut off goes on, and a little of it at most comes twice."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.store.store import Store
from plashui.transfer.oci import blob
from plashui.transfer.oci.manifest import Descriptor
from plashui.transfer.registry.errors import CutOff
from tests.amount import SEED
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, digest_of, tar_of

PIECE = 10_000
DATA = random.Random(1).randbytes(5 * PIECE)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob, "FIRST", PIECE)


@pytest.fixture
def about(shelf: Shelf, store: Store) -> Descriptor:
    """A blob of five pieces on the shelf."""
    store.create()
    return Descriptor(shelf.put(DATA), len(DATA))


def read(
    store: Store,
    shelf: Shelf,
    about: Descriptor,
    most: int = -1,
    cancel: Cancel | None = None,
) -> bytes:
    """Read a blob as a layer is, to its end or so far."""
    with blob.opened(store, shelf, about, cancel or Cancel()) as source:
        found = b""
        while len(found) != most and (data := source.read(777)):
            found += data[: most - len(found)] if most >= 0 else data
        if len(found) == most:
            raise Cancelled
        source.drain()
        source.check()
        return found


def on_disk(store: Store) -> int:
    """The bytes that are kept of blobs."""
    return sum(p.stat().st_size for p in store.path.glob("downloads/*.part"))


def test_in_the_normal_course_nothing_is_left_on_the_disk(
    store: Store, shelf: Shelf, about: Descriptor
) -> None:
    assert read(store, shelf, about) == DATA
    assert shelf.given == {about.digest: len(DATA)}
    assert not (store.path / "downloads").exists()


def test_a_blob_of_one_piece_is_never_on_the_disk(store: Store, shelf: Shelf) -> None:
    store.create()
    seen: list[int] = []
    shelf.read = lambda _digest, _data: seen.append(on_disk(store))
    data = DATA[:PIECE]
    assert read(store, shelf, Descriptor(shelf.put(data), len(data))) == data
    assert set(seen) == {0}


def test_a_broken_connection_goes_on_where_it_was(
    store: Store, shelf: Shelf, about: Descriptor
) -> None:
    dice = random.Random(SEED)
    shelf.cuts[about.digest] = [dice.randrange(1, 5000) for _cut in range(8)]
    assert read(store, shelf, about) == DATA
    assert shelf.given[about.digest] == len(DATA), "no byte came twice"
    starts = [start for _digest, start in shelf.asked]
    assert starts == sorted(set(starts))


def test_a_connection_that_gives_nothing_any_more_is_given_up(
    store: Store, shelf: Shelf, about: Descriptor
) -> None:
    shelf.cuts[about.digest] = [20_000, *[0] * 20]
    with pytest.raises(CutOff):
        read(store, shelf, about)
    assert len(shelf.asked) == 1 + len(blob.WAITS)
    assert on_disk(store) == 20_000 - PIECE
    shelf.cuts.clear()
    assert read(store, shelf, about) == DATA


@pytest.mark.parametrize("stop", [1, PIECE - 1, PIECE, PIECE + 1, 31_234, 49_999])
def test_after_a_cancel_at_most_one_piece_comes_twice(
    store: Store, shelf: Shelf, about: Descriptor, stop: int
) -> None:
    with pytest.raises(Cancelled):
        read(store, shelf, about, stop)
    first = shelf.given.pop(about.digest)
    assert on_disk(store) == max(0, first - PIECE)
    assert read(store, shelf, about) == DATA
    assert first + shelf.given[about.digest] - len(DATA) <= PIECE
    assert not (store.path / "downloads").exists()


def test_it_goes_on_several_times(
    store: Store, shelf: Shelf, about: Descriptor
) -> None:
    for stop in (15_000, 15_500, 28_000, 40_000):
        with pytest.raises(Cancelled):
            read(store, shelf, about, stop)
    assert on_disk(store) >= 40_000 - PIECE
    shelf.given.clear()
    assert read(store, shelf, about) == DATA
    assert shelf.given[about.digest] <= PIECE + len(DATA) - 40_000


@pytest.fixture
def spoiled(store: Store, shelf: Shelf) -> bytes:
    """A layer of which wrong bytes were kept, as after a power failure."""
    tar = tar_of({"a": DATA})
    shelf.image("a", [tar], bytes)
    shelf.cuts[digest_of(tar)] = [40_000, *[0] * 20]
    with pytest.raises(CutOff):
        pulled(store, shelf, "a")
    shelf.cuts.clear()
    (part,) = store.path.glob("downloads/*.part")
    part.write_bytes(bytes(part.stat().st_size))
    return tar


def test_what_was_kept_and_is_wrong_is_fetched_anew(
    store: Store, shelf: Shelf, spoiled: bytes
) -> None:
    assert pulled(store, shelf, "a").id == 1
    place = Path(f"{store.root}/{store.place(1)}/_data/root/a")
    assert place.read_bytes() == DATA
    assert not (store.path / "downloads").exists()
    assert len(spoiled) > len(DATA)


def test_what_is_wrong_at_its_source_is_fetched_anew_once_only(
    store: Store, shelf: Shelf, spoiled: bytes
) -> None:
    wrong = bytes([spoiled[0] ^ 1]) + spoiled[1:]
    shelf.blobs[digest_of(spoiled)] = wrong
    shelf.asked.clear()
    with pytest.raises(PlashError, match=r"not what its digest says|cannot"):
        pulled(store, shelf, "a")
    layers = [start for digest, start in shelf.asked if digest == digest_of(spoiled)]
    assert layers.count(0) == 2
    assert not (store.path / "downloads").exists()
    assert os.listdir(store.path / "tmp") == []
