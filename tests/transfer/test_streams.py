"""Streams of files in and out end when asked, and tell what changed under them."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.helper.pack import pack_directory
from plashui.helper.unpack import Wording, unpack
from plashui.store.atomic_write import new_directory
from plashui.store.store import Store
from plashui.transfer.exports.tree import export_directory, export_tar
from plashui.transfer.imports.directory import import_directory
from tests.tools import living_children, wait_for


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory with more in it than a pipe holds."""
    place = tmp_path / "tree"
    place.mkdir()
    (place / "a").write_bytes(os.urandom(3_000_000))
    (place / "b").write_text("b")
    return place


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    """A directory to unpack into, open."""
    with new_directory(tmp_path / "new") as descriptor:
        yield descriptor


def test_what_changes_while_it_is_read_makes_no_image(tree: Path) -> None:
    def shrink(_piece: bytes) -> None:
        (tree / "a").write_bytes(b"")

    with pytest.raises(PlashError, match=r"changed while it was read: \./a: .* shrank"):
        pack_directory(tree, shrink)

    def lose(_piece: bytes) -> None:
        (tree / "b").unlink(missing_ok=True)

    (tree / "a").write_bytes(os.urandom(3_000_000))
    with pytest.raises(PlashError, match=r"\./b: File removed before we read it"):
        pack_directory(tree, lose)


def test_a_cancel_stops_the_stream_in_the_middle(store: Store, tree: Path) -> None:
    image = import_directory(store, tree).image.id
    cancel = Cancel()
    before = living_children(os.getpid())

    class Stopping(io.BytesIO):
        def write(self, data: Any) -> int:
            cancel.set()
            wait_for(lambda: living_children(os.getpid()) <= before, "tar to end")
            return super().write(data)

    taken = Stopping()
    with pytest.raises(Cancelled):
        export_tar(store, image, taken, cancel=cancel)
    assert 0 < len(taken.getvalue()) < 3_000_000


def test_a_cancel_before_the_end_leaves_nothing(
    store: Store, tree: Path, tmp_path: Path
) -> None:
    image = import_directory(store, tree).image.id
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        export_tar(store, image, tmp_path / "out.tar", cancel=cancel)
    with pytest.raises(Cancelled):
        export_directory(store, image, tmp_path / "out", cancel=cancel)
    with pytest.raises(Cancelled):
        import_directory(store, tree, cancel=cancel)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store", "tree"]
    assert os.listdir(store.path / "tmp") == []
    assert set(store.read().images) == {image}


def test_a_cancel_while_unpacking_ends_tar(directory: int) -> None:
    cancel = Cancel()

    def feed(pipe: IO[bytes]) -> None:
        endless = tarfile.TarInfo("endless")
        endless.size = 1 << 40
        pipe.write(endless.tobuf(tarfile.GNU_FORMAT))
        cancel.set()
        while True:
            pipe.write(bytes(65536))

    with pytest.raises(Cancelled):
        unpack(directory, feed, cancel=cancel)


def test_an_error_is_told_in_the_words_of_who_asked(directory: int) -> None:
    def feed(pipe: IO[bytes]) -> None:
        pipe.write(b"this is no tar" * 1000)

    with pytest.raises(PlashError, match=r"^cannot paint it: .*does not look like a"):
        unpack(directory, feed, wording=Wording("paint it"))
