"""A layer gives back the tar it came from, and keeps little for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from plashui.base.errors import PlashError
from plashui.helper.pack import pack_layer
from plashui.helper.unpack import Unpacked, unpack_layer
from plashui.store.atomic_write import new_directory
from tests.helpers.tar import archives as a


class Layer:
    """A layer's directory, and that of the notes on it."""

    def __init__(self, data: int, notes: int, place: Path) -> None:
        """Nothing is in them yet."""
        self.data, self.notes, self.place = data, notes, place

    def unpack(self, tar: bytes) -> Unpacked:
        """Fill it."""

        def feed(pipe: IO[bytes]) -> None:
            pipe.write(tar)

        return unpack_layer(self.data, self.notes, feed)

    def pack(self) -> bytes:
        """Its tar."""
        pieces: list[bytes] = []
        assert pack_layer(self.data, self.notes, pieces.append)
        return b"".join(pieces)


@pytest.fixture
def layer(tmp_path: Path) -> Iterator[Layer]:
    """An empty one."""
    with (
        new_directory(tmp_path / "data") as data,
        new_directory(tmp_path / "notes") as notes,
    ):
        yield Layer(data, notes, tmp_path)


def test_it_is_the_same_to_the_byte(layer: Layer) -> None:
    tar = a.whole(
        *(a.file(b"d/%d" % n, b"%d" % n * n, mtime=n) for n in range(2000)),
        a.file(b"d/.wh.f"),
    )
    assert layer.unpack(tar).recipe
    assert layer.pack() == tar
    kept = {
        path.name: path.stat().st_size for path in (layer.place / "notes").iterdir()
    }
    assert kept.keys() == {"implied", "recipe.zlib"}
    assert kept["recipe.zlib"] < 2000 * 40


def test_where_something_was_twice_there_is_none(layer: Layer) -> None:
    assert not layer.unpack(a.whole(a.file(b"f", b"1"), a.file(b"f", b"2"))).recipe
    assert os.listdir(layer.place / "notes") == ["implied"]
    assert not pack_layer(layer.data, layer.notes, lambda _piece: None)


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_recipe_says_so(layer: Layer, damage: str) -> None:
    layer.unpack(a.whole(*(a.file(b"%d" % n, b"x") for n in range(500))))
    path = layer.place / "notes/recipe.zlib"
    data = bytearray(path.read_bytes())
    if damage == "cut":
        del data[len(data) // 2 :]
    else:
        data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(PlashError, match="is damaged"):
        layer.pack()
